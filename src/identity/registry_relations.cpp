// Who may see whom beside the units they work in: care relations, and who lies in which unit.

#include <algorithm>
#include <utility>

#include "identity/registry.hpp"
#include "identity/roles.hpp"

namespace vigil::identity {
namespace {

// More than this is not one person's care but a fault somewhere.
constexpr std::size_t relations_an_account_max = 10'000;
// A shift at most: whoever still needs it then says so again.
constexpr Nanoseconds emergency_longest = std::chrono::hours(12);

tl::unexpected<Error> no_such_relation() {
    return fail(Error::Kind::not_found, "there is no such care relation", "relation");
}

bool is_for(Relationship kind, Role role) {
    switch (kind) {
        case Relationship::self:
            return role == Role::patient;
        case Relationship::caregiver:
            return role == Role::patient || role == Role::caregiver;
        case Relationship::care_team:
            return rules_of(role).reach == Reach::units || rules_of(role).reach == Reach::everyone;
        case Relationship::emergency:
            return rules_of(role).emergency;
    }
    return false;
}

}  // namespace

Result<Act> Registry::plan_relation(CareRelation relation, const Given& given) {
    const auto* who = account(relation.account);
    if (who == nullptr) return fail(Error::Kind::not_found, "there is no such account", "account");
    if (patient(relation.patient) == nullptr)
        return fail(Error::Kind::not_found, "there is no such patient", "patient");
    relation.id = RelationId{next_relation_};
    relation.reviewed_by.clear();
    relation.reviewed = end_of_time;
    relation.finding.clear();
    VIGIL_CHECK(check(relation));
    if (relation.from == relation.to)
        return fail(Error::Kind::malformed, "the span ends before it begins", "to");
    if (!is_for(relation.kind, who->role))
        return fail(Error::Kind::unsupported,
                    "a relation of this kind is not for an account of that role", "kind");
    if (relation.kind == Relationship::emergency && relation.to - relation.from > emergency_longest)
        return fail(Error::Kind::malformed, "an emergency lasts 12 hours at most", "to");
    const auto known = relations_of_account_.find(relation.account);
    if (known != relations_of_account_.end() && known->second.size() >= relations_an_account_max)
        return fail(Error::Kind::too_large, "this account has too many care relations", "account");
    if (relation.kind == Relationship::self)
        for (const auto* other : relations_of(relation.account))
            if (other->kind == Relationship::self && given.at < other->to)
                return fail(Error::Kind::conflict, "this account is a patient's already",
                            "account");
    ++next_relation_;
    return Act{given.at, given.by, RelationGiven{std::move(relation)}};
}

Result<Act> Registry::plan_end_relation(RelationId relation, const Given& given) const {
    const auto* known = this->relation(relation);
    if (known == nullptr) return no_such_relation();
    if (known->to <= given.at)
        return fail(Error::Kind::conflict, "this care relation has ended already", "relation");
    return Act{given.at, given.by, RelationEnded{relation, given.at}};
}

Result<Act> Registry::plan_review(RelationId emergency, std::string finding,
                                  const Given& given) const {
    const auto* known = relation(emergency);
    if (known == nullptr || known->kind != Relationship::emergency) return no_such_relation();
    if (!known->reviewed_by.empty())
        return fail(Error::Kind::conflict, "somebody has reviewed this already", "relation");
    const auto* whose = account(known->account);
    if (whose != nullptr && whose->user_name == given.by)
        return fail(Error::Kind::forbidden, "nobody reviews their own emergency access",
                    "relation");
    if (finding.empty() || finding.size() > reason_bytes_max)
        return fail(Error::Kind::malformed, "say what you found, in at most 1,000 bytes",
                    "finding");
    return Act{given.at, given.by, EmergencyReviewed{emergency, std::move(finding)}};
}

Result<Applied> Registry::take(const Act& /*act*/, const RelationGiven& body) {
    const auto& relation = body.relation;
    next_relation_ = std::max(next_relation_, relation.id.value + 1);
    if (account(relation.account) == nullptr || patient(relation.patient) == nullptr)
        return no_such_relation();
    if (!relations_.emplace(relation.id, relation).second)
        return fail(Error::Kind::conflict, "this care relation is there already", "relation");
    relations_of_account_[relation.account].push_back(relation.id);
    reach_turns_.insert({relation.from, relation.to});
    ++reach_generation_;
    return Applied{.refiles = {}, .access_ended = {}, .reach_changed = true};
}

Result<Applied> Registry::take(const Act& /*act*/, const RelationEnded& body) {
    const auto known = relations_.find(body.relation);
    if (known == relations_.end()) return no_such_relation();
    // One that has not begun never was.
    known->second.to = std::max(known->second.from, std::min(known->second.to, body.at));
    reach_turns_.insert(known->second.to);
    ++reach_generation_;
    return Applied{.refiles = {}, .access_ended = {}, .reach_changed = true};
}

Result<Applied> Registry::take(const Act& act, const EmergencyReviewed& body) {
    const auto known = relations_.find(body.relation);
    if (known == relations_.end()) return no_such_relation();
    known->second.reviewed_by = act.by;
    known->second.reviewed = act.recorded;
    known->second.finding = body.finding;
    return Applied{};
}

const CareRelation* Registry::relation(RelationId id) const {
    const auto found = relations_.find(id);
    return found == relations_.end() ? nullptr : &found->second;
}

std::vector<const CareRelation*> Registry::relations_of(AccountId account) const {
    std::vector<const CareRelation*> all;
    const auto known = relations_of_account_.find(account);
    if (known == relations_of_account_.end()) return all;
    for (const auto id : known->second) all.push_back(&relations_.at(id));
    return all;
}

Timestamp Registry::next_reach_turn(Timestamp since) const {
    const auto next = reach_turns_.upper_bound(since);
    return next == reach_turns_.end() ? end_of_time : *next;
}

const std::set<PatientId>& Registry::patients_in(std::string_view unit) const {
    static const std::set<PatientId> none;
    const auto found = patients_of_unit_.find(unit);
    return found == patients_of_unit_.end() ? none : found->second;
}

void Registry::move_unit(PatientId patient, const std::string& before, const std::string& after) {
    if (before == after) return;
    if (const auto left = patients_of_unit_.find(before); left != patients_of_unit_.end()) {
        left->second.erase(patient);
        if (left->second.empty()) patients_of_unit_.erase(left);
    }
    if (!after.empty()) patients_of_unit_[after].insert(patient);
    ++reach_generation_;
}

}  // namespace vigil::identity

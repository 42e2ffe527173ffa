#include "identity/reach.hpp"

#include <utility>

#include "identity/roles.hpp"

namespace vigil::identity {
namespace {

const std::shared_ptr<const std::unordered_set<PatientId>>& no_patients() {
    static const auto none = std::make_shared<const std::unordered_set<PatientId>>();
    return none;
}

// No more than that patient.
std::shared_ptr<const Reached> of_one(const Reached& all, PatientId patient) {
    std::unordered_set<PatientId> patients;
    if (all.reaches(patient)) patients.insert(patient);
    auto one = std::make_shared<Reached>();
    one->patients = std::make_shared<const std::unordered_set<PatientId>>(std::move(patients));
    for (const auto kind : {&Reached::by_emergency, &Reached::care_team, &Reached::self})
        if ((all.*kind).contains(patient)) ((*one).*kind).insert(patient);
    return one;
}

}  // namespace

std::shared_ptr<const Reached> Reaches::of(const Principal& who, Timestamp now) {
    auto& known = known_[who.account];
    const bool holds = known.reached && known.role == who.role &&
                       known.generation == registry_.reach_generation() && known.from <= now &&
                       now < known.to;
    if (!holds)
        known = {.generation = registry_.reach_generation(),
                 .role = who.role,
                 .from = now,
                 .to = registry_.next_reach_turn(now),
                 .reached = std::make_shared<const Reached>(work_out(who, now))};
    return who.patient ? of_one(*known.reached, who.patient) : known.reached;
}

// Whose record is restricted is for administrators alone, for whom the patient lets in themselves,
// and for an emergency (GDPR 18(2)).
Reached Reaches::work_out(const Principal& who, Timestamp now) const {
    Reached out{.everyone = false, .patients = no_patients()};
    const auto& rules = rules_of(who.role);
    const auto* account = registry_.account(who.account);
    const bool names_units = account != nullptr && !account->units.empty();
    const bool sees_restricted = who.role == Role::administrator;
    const auto& restricted = registry_.restrictions();
    if (rules.reach == Reach::nobody) return out;
    const auto related = [&](Relationship kind, std::unordered_set<PatientId>& patients) {
        for (const auto* relation : registry_.relations_of(who.account))
            if (relation->kind == kind && relation->from <= now && now < relation->to)
                patients.insert(relation->patient);
    };
    std::unordered_set<PatientId> patients, caregiver;
    related(Relationship::self, out.self);
    related(Relationship::caregiver, caregiver);
    related(Relationship::care_team, out.care_team);
    related(Relationship::emergency, out.by_emergency);
    const bool everyone = rules.reach == Reach::everyone && !names_units;
    if (everyone && (sees_restricted || restricted.empty())) {
        out.everyone = true;
        return out;
    }
    if (everyone) {
        patients.insert(PatientId{});  // what is filed under nobody
        for (const auto& [id, patient] : registry_.patients()) patients.insert(id);
    }
    if (account != nullptr && rules.reach != Reach::granted)
        for (const auto& unit : account->units) {
            const auto& there = registry_.patients_in(unit);
            patients.insert(there.begin(), there.end());
        }
    patients.insert(out.care_team.begin(), out.care_team.end());
    if (!sees_restricted)
        for (const auto& [id, standing] : restricted) patients.erase(id);
    for (const auto* given : {&out.self, &caregiver, &out.by_emergency})
        patients.insert(given->begin(), given->end());
    out.patients = std::make_shared<const std::unordered_set<PatientId>>(std::move(patients));
    return out;
}

}  // namespace vigil::identity

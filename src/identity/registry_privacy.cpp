// Who was erased, whose record is kept under a hold, whose is restricted.

#include <algorithm>
#include <utility>

#include "identity/registry.hpp"

namespace vigil::identity {
namespace {

tl::unexpected<Error> no_such_patient() {
    return fail(Error::Kind::not_found, "there is no such patient", "patient");
}

const Standing* standing_in(const std::map<PatientId, Standing>& all, PatientId patient) {
    const auto found = all.find(patient);
    return found == all.end() ? nullptr : &found->second;
}

Result<void> check_change(const std::map<PatientId, Standing>& all, PatientId patient, bool stands,
                          const char* what) {
    if (all.contains(patient) == stands)
        return fail(Error::Kind::conflict,
                    std::string(stands ? "there is one already: " : "there is none: ") + what,
                    "patient");
    return {};
}

void change(std::map<PatientId, Standing>& all, const Act& act, PatientId patient, bool stands,
            const std::string& reason) {
    if (stands)
        all.insert_or_assign(patient, Standing{act.recorded, act.by, reason});
    else
        all.erase(patient);
}

}  // namespace

Result<Act> Registry::plan_erase(PatientId patient, std::string reason, const Given& given) const {
    if (this->patient(patient) == nullptr) return no_such_patient();
    if (const auto* held = hold(patient))
        return fail(
            Error::Kind::conflict,
            "a legal hold stands since " + format_rfc3339(held->since) + ": " + held->reason,
            "hold");
    PatientErased body{.patient = patient,
                       .reason = std::move(reason),
                       .relations_below = RelationId{next_relation_}};
    for (const auto& [id, device] : devices_) {
        DeviceSpan open;
        const auto close = [&] {
            if (open.device) body.spans.push_back(device_span_text(open));
            open = {};
        };
        for (const auto& piece : spans(id)) {
            if (piece.patient != patient) continue;
            if (open.device && open.to == piece.from) {
                open.to = piece.to;
                continue;
            }
            close();
            open = {.device = id, .from = piece.from, .to = piece.to};
        }
        close();
    }
    VIGIL_CHECK(check(body));
    return Act{given.at, given.by, std::move(body)};
}

Result<Act> Registry::plan_hold(PatientId patient, bool stands, std::string reason,
                                const Given& given) const {
    if (this->patient(patient) == nullptr) return no_such_patient();
    VIGIL_CHECK(check_change(holds_, patient, stands, "a legal hold"));
    HoldSet body{.patient = patient, .stands = stands, .reason = std::move(reason)};
    VIGIL_CHECK(check(body));
    return Act{given.at, given.by, std::move(body)};
}

Result<Act> Registry::plan_restriction(PatientId patient, bool stands, std::string reason,
                                       const Given& given) const {
    if (this->patient(patient) == nullptr) return no_such_patient();
    VIGIL_CHECK(check_change(restrictions_, patient, stands, "a restriction"));
    RestrictionSet body{.patient = patient, .stands = stands, .reason = std::move(reason)};
    VIGIL_CHECK(check(body));
    return Act{given.at, given.by, std::move(body)};
}

// What was known of the patient may be nothing: their own acts are unreadable once the key is gone.
// The spans are of no patient from now on, whoever they seem to be of without those acts; the
// readings of the erased patient move nowhere.
Result<Applied> Registry::take(const Act& act, const PatientErased& body) {
    next_patient_ = std::max(next_patient_, body.patient.value + 1);
    next_relation_ = std::max(next_relation_, body.relations_below.value);
    if (erased_.contains(body.patient))
        return fail(Error::Kind::conflict, "this patient is erased already", "patient");
    Applied applied{.refiles = {}, .access_ended = {}, .reach_changed = true};
    for (const auto& text : body.spans) {
        VIGIL_TRY(span, parse_device_span(text));
        if (!devices_.contains(span.device)) continue;
        if (associations_.size() <= span.device.value) associations_.resize(span.device.value + 1);
        auto refiles = associations_[span.device.value].apply({.device = span.device,
                                                               .patient = {},
                                                               .from = span.from,
                                                               .to = span.to,
                                                               .rank = AssociationRank::scan,
                                                               .correction = true},
                                                              act.recorded, act.by);
        std::erase_if(refiles, [&](const store::Refile& r) { return r.from == body.patient; });
        std::ranges::move(refiles, std::back_inserter(applied.refiles));
    }
    forget_patient(body.patient);
    erased_.emplace(body.patient, Erased{act.recorded, act.by, body});
    return applied;
}

void Registry::forget_patient(PatientId patient) {
    std::vector<GrantId> granted;  // of which apps
    for (const auto& [account, known] : accounts_)
        for (const auto* grant : apps_.granted_by(account, Timestamp::min()))
            if (grant->patient == patient) granted.push_back(grant->id);
    for (const auto grant : granted) (void)apps_.take(GrantEnded{grant, "the patient was erased"});
    if (const auto known = patients_.find(patient); known != patients_.end()) {
        const auto& before = known->second;
        patient_of_identifier_.erase(before.identifier);
        if (const auto recorded = patient_of_record_.find(before.record_id);
            recorded != patient_of_record_.end() && recorded->second == patient)
            patient_of_record_.erase(recorded);
        move_unit(patient, before.unit, {});
        patients_.erase(known);
    }
    for (auto at = relations_.begin(); at != relations_.end();) {
        if (at->second.patient != patient) {
            ++at;
            continue;
        }
        std::erase(relations_of_account_[at->second.account], at->first);
        at = relations_.erase(at);
    }
    holds_.erase(patient);
    restrictions_.erase(patient);
    ++reach_generation_;
}

Result<Applied> Registry::take(const Act& act, const HoldSet& body) {
    if (patient(body.patient) == nullptr) return no_such_patient();
    change(holds_, act, body.patient, body.stands, body.reason);
    return Applied{};
}

Result<Applied> Registry::take(const Act& act, const RestrictionSet& body) {
    if (patient(body.patient) == nullptr) return no_such_patient();
    change(restrictions_, act, body.patient, body.stands, body.reason);
    ++reach_generation_;
    return Applied{.refiles = {}, .access_ended = {}, .reach_changed = true};
}

const Standing* Registry::hold(PatientId patient) const {
    return standing_in(holds_, patient);
}

const Standing* Registry::restriction(PatientId patient) const {
    return standing_in(restrictions_, patient);
}

}  // namespace vigil::identity

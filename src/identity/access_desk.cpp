#include "identity/access_desk.hpp"

#include <algorithm>
#include <memory>
#include <unordered_set>
#include <utility>

#include "identity/roles.hpp"
#include "identity/withholding.hpp"

namespace vigil::identity {
namespace {

std::string role_of(const Principal& who) {
    switch (who.kind) {
        case Principal::Kind::nobody:
            return "nobody";
        case Principal::Kind::device:
            return "device";
        case Principal::Kind::account:
            return std::string(to_string(who.role));
    }
    return "nobody";
}

AuditLine line_of(const Principal& who, const AccessRequest& request, bool permitted,
                  std::string reason) {
    return {.at = request.at,
            .who = who.name,
            .role = role_of(who),
            .token = who.token,
            .act = request.act,
            .what = request.what,
            .subjects = request.subjects,
            .purpose = request.purpose,
            .from = request.from,
            .permitted = permitted,
            .reason = std::move(reason)};
}

// Why they may not touch it, whosever it is; empty: they may.
std::string refusal_of_kind(const Principal& who, const AccessRequest& request) {
    const char* why =
        who.token.empty() ? "not allowed in this role" : "not in the scope of this token";
    if (request.areas.empty() && !request.resources) return "nothing named";
    for (const auto area : request.areas)
        if (!who.rights.allow(area, request.act)) return why;
    if (!request.resources) return {};
    const auto& [any_of, type] = *request.resources;
    const auto* types = who.rights.types.get();
    const bool may = types != nullptr &&
                     (type.empty() ? types->allow_any(any_of) : types->allow_any(any_of, type));
    return may ? std::string() : why;
}

// An access without types would be one to all of them.
const std::shared_ptr<const store::TypeRights>& no_types() {
    static const auto none =
        std::make_shared<const store::TypeRights>(store::TypeRights({}, store::TypeRule{}));
    return none;
}

// Why it may not be for that; empty: it may. Words that are no purposes of use stand for
// themselves.
std::string refusal_of_purpose(const Principal& who, std::string_view name) {
    if (find_purpose(name) == nullptr) return {};
    const auto& purposes = rules_of(who.role).purposes;
    return std::ranges::find(purposes, name) != purposes.end()
               ? std::string()
               : "this role does not act for that purpose";
}

// What data is looked at for, as Consents call it; what writes may read too.
void say_actions(const Principal& who, const AccessRequest& request, Asker& asker) {
    asker.actions = bit(ConsentAction::access);
    const bool is_bulk = std::ranges::find(request.areas, Area::exports) != request.areas.end();
    if (request.discloses || is_bulk || who.app || who.role == Role::service)
        asker.actions |= bit(ConsentAction::disclose);
    if (request.act != store::Act::read)
        asker.one_of = bit(ConsentAction::collect) | bit(ConsentAction::correct);
    asker.in_person = who.token.empty() && !who.app && !request.discloses && !is_bulk;
}

bool keeps_consents(const Principal& who, const AccessRequest& request) {
    return request.resources && request.resources->type == consent_type &&
           who.rights.allow(Area::consents, store::Act::administer);
}

}  // namespace

store::AuditLine stored(AuditLine line) {
    return {.time = line.at,
            .principal = std::move(line.who),
            .role = std::move(line.role),
            .token = std::move(line.token),
            .act = line.act,
            .what = std::move(line.what),
            .everyone = line.subjects.everyone,
            .patients = std::move(line.subjects.patients),
            .purpose = std::move(line.purpose),
            .from = std::move(line.from),
            .permitted = line.permitted,
            .reason = std::move(line.reason),
            .written_late = {}};
}

struct AccessDesk::Asked {
    const Principal& who;
    const AccessRequest& request;
    std::shared_ptr<const Reached> reached;
    std::string purpose;
    std::shared_ptr<const PersonsWithholding> withholding;  // null: nothing is withheld
    std::string refusal;                                    // empty: it is permitted

    AuditLine line() const {
        auto line = line_of(who, request, refusal.empty(), refusal);
        line.purpose = purpose;
        return line;
    }
    std::string refusal_of_subjects() const;
};

std::string AccessDesk::Asked::refusal_of_subjects() const {
    const auto& subjects = request.subjects;
    if (subjects.everyone) return {};
    for (const auto patient : subjects.patients)
        if (!reached->reaches(patient)) return "this patient is not in your care";
    for (const auto patient : subjects.patients)
        if (auto why = withholding ? withholding->reason(patient) : std::string(); !why.empty())
            return why;
    return {};
}

Asker AccessDesk::asker(const Principal& who, const AccessRequest& request, const Reached& reached,
                        std::string code) const {
    Asker out{.account = who.name,
              .role = who.role,
              .keeps_consents = keeps_consents(who, request),
              .purpose = std::move(code),
              .at = request.at};
    say_actions(who, request, out);
    out.organization = organization_;
    if (const auto* account = registry_.account(who.account)) {
        out.fhir_user = account->fhir_user;
        out.units = account->units;
        if (account->fhir_user.starts_with("Organization/")) out.organization = account->fhir_user;
    }
    for (const auto patient : reached.self)
        if (const auto id = patient_id_ ? patient_id_(patient) : std::string(); !id.empty())
            out.patient = "Patient/" + id;
    return out;
}

AccessDesk::Asked AccessDesk::understood(const Principal& who, const AccessRequest& request) {
    Asked asked{.who = who,
                .request = request,
                .reached = reaches_.of(who, request.at),
                .purpose = request.purpose,
                .withholding = {},
                .refusal = {}};
    const auto is_emergency = [&](PatientId patient) {
        return asked.reached->by_emergency.contains(patient);
    };
    const bool is_account = who.kind == Principal::Kind::account;
    if (asked.purpose.empty() && is_account) asked.purpose = rules_of(who.role).purposes.front();
    const auto* purpose = find_purpose(asked.purpose);
    std::string code(purpose == nullptr ? std::string_view() : purpose->code);
    const bool may_be_emergency = request.purpose.empty() || is_part_of(code, "TREAT");
    if (may_be_emergency && std::ranges::any_of(request.subjects.patients, is_emergency))
        asked.purpose = emergency_purpose;
    if (who.kind == Principal::Kind::nobody)
        asked.refusal = "not signed in";
    else if (!is_account)
        asked.refusal = "devices read nothing";
    else if (!request.subjects.everyone && request.subjects.patients.empty())
        asked.refusal = "no subject named";
    else
        asked.refusal = refusal_of_kind(who, request);
    if (asked.refusal.empty()) asked.refusal = refusal_of_purpose(who, request.purpose);
    if (!asked.refusal.empty()) return asked;
    if (request.on_their_behalf) {
        asked.purpose = "patient";
        asked.refusal = asked.refusal_of_subjects();
        return asked;
    }
    asked.withholding =
        withholding(who, asker(who, request, *asked.reached, std::move(code)), asked.reached);
    asked.refusal = asked.refusal_of_subjects();
    return asked;
}

std::shared_ptr<const PersonsWithholding> AccessDesk::withholding(
    const Principal& who, Asker asker, std::shared_ptr<const Reached> reached) {
    const auto key = (std::uint64_t{who.account.value} << 32) | who.token_id.value;
    auto& known = withholdings_[key];
    if (known && known->stands_for(asker, reached)) return known;
    auto made =
        std::make_shared<const PersonsWithholding>(consents_, std::move(asker), std::move(reached));
    if (withholdings_.size() > withholdings_max) withholdings_.clear();
    return withholdings_[key] = std::move(made);
}

store::Access AccessDesk::made(const Asked& asked) {
    const auto& [who, request, reached, purpose, withholding, refusal] = asked;
    store::Access access;
    access.act_ = request.act;
    access.everyone_ = request.subjects.everyone && reached->everyone;
    access.patients_ =
        request.subjects.everyone
            ? reached->patients
            : std::make_shared<const std::unordered_set<PatientId>>(
                  request.subjects.patients.begin(), request.subjects.patients.end());
    access.types_ = who.rights.types ? who.rights.types : no_types();
    access.withholding_ = withholding;
    access.principal_ = who.name;
    access.account_ = who.account.value;
    access.token_ = who.token_id.value;
    access.app_ = who.app.value;
    access.purpose_ = purpose;
    return access;
}

Result<store::Access> AccessDesk::decide(const Principal& who, const AccessRequest& request) {
    const auto asked = understood(who, request);
    const bool noted = sink_.record(asked.line());
    if (!asked.refusal.empty()) return fail(Error::Kind::forbidden, asked.refusal);
    if (!noted) return fail(Error::Kind::busy, "the access cannot be put on record");
    return made(asked);
}

Result<store::Access> AccessDesk::renew(const Principal& who, const AccessRequest& request,
                                        const store::Access& before) {
    const auto asked = understood(who, request);
    if (asked.refusal.empty())
        if (auto same = made(asked); same.same_reach(before)) return same;
    return decide(who, request);
}

Result<OwedAccess> AccessDesk::decide_owing(const Principal& who, const AccessRequest& request) {
    const auto asked = understood(who, request);
    auto line = asked.line();
    if (!asked.refusal.empty()) {
        sink_.record(std::move(line));
        return fail(Error::Kind::forbidden, asked.refusal);
    }
    auto owed = std::make_shared<store::OwedLine>();
    owed->line = stored(line);
    owed->by_emergency = asked.reached->by_emergency;
    owed->emergency_purpose = emergency_purpose;
    return OwedAccess{made(asked), std::move(owed), std::move(line)};
}

std::vector<PatientId> AccessDesk::open_to(const Principal& who, AccessRequest request) {
    const auto patients = std::exchange(request.subjects, Subjects::all()).patients;
    const auto asked = understood(who, request);
    std::vector<PatientId> open;
    if (!asked.refusal.empty()) return open;
    for (const auto patient : patients)
        if (asked.reached->reaches(patient) &&
            (!asked.withholding || asked.withholding->reason(patient).empty()))
            open.push_back(patient);
    return open;
}

bool AccessDesk::withholds_readings(const Principal& who, PatientId patient, Timestamp now) {
    const auto reached = reaches_.of(who, now);
    if (registry_.restriction(patient) != nullptr && !reached->reaches(patient)) return true;
    const AccessRequest request{.act = store::Act::read,
                                .subjects = Subjects::of(patient),
                                .areas = {Area::vitals},
                                .resources = {},
                                .what = {},
                                .discloses = true,
                                .at = now};
    const auto* purpose = find_purpose(rules_of(who.role).purposes.front());
    const std::string code(purpose == nullptr ? std::string_view() : purpose->code);
    const auto withheld =
        withholding(who, asker(who, request, *reached, code), reached)->from(patient);
    return withheld && !withheld->sees_readings();
}

bool AccessDesk::settle(const OwedAccess& access) {
    if (access.owed->on_record) return true;
    auto line = access.line;
    line.what = access.owed->line.what;
    line.subjects.patients = access.owed->line.patients;
    line.purpose = access.owed->line.purpose;
    return sink_.record(std::move(line));
}

store::AuditLine AccessDesk::line_of_part(const Principal& who, const AccessRequest& request) {
    return stored(line_of(who, request, true, {}));
}

bool AccessDesk::note(const Principal& who, const AccessRequest& request, bool permitted,
                      std::string reason) {
    auto line = line_of(who, request, permitted, std::move(reason));
    if (line.purpose.empty() && who.kind == Principal::Kind::account)
        line.purpose = rules_of(who.role).purposes.front();
    return sink_.record(std::move(line));
}

store::Access AccessDesk::for_system(std::string purpose) {
    store::Access access;
    access.act_ = store::Act::administer;
    access.everyone_ = true;
    access.principal_ = "system";
    access.purpose_ = std::move(purpose);
    return access;
}

}  // namespace vigil::identity

#include "identity/access_desk.hpp"

#include <algorithm>
#include <memory>
#include <unordered_set>
#include <utility>

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

// What for, as it goes on record: whom only an emergency gives is read for that.
std::string_view purpose_of(const AccessRequest& request, const Reached& reached) {
    const auto is_emergency = [&](PatientId patient) {
        return reached.by_emergency.contains(patient);
    };
    return std::ranges::any_of(request.subjects.patients, is_emergency)
               ? emergency_purpose
               : std::string_view(request.purpose);
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

std::string AccessDesk::refusal(const Principal& who, const AccessRequest& request,
                                const Reached& reached) const {
    if (who.kind == Principal::Kind::nobody) return "not signed in";
    if (who.kind == Principal::Kind::device) return "devices read nothing";
    const auto& subjects = request.subjects;
    if (!subjects.everyone && subjects.patients.empty()) return "no subject named";
    if (auto why = refusal_of_kind(who, request); !why.empty()) return why;
    if (subjects.everyone) return {};
    const bool all =
        std::ranges::all_of(subjects.patients, [&](PatientId p) { return reached.reaches(p); });
    return all ? "" : "this patient is not in your care";
}

store::Access AccessDesk::made(const Principal& who, const AccessRequest& request,
                               const Reached& reached) {
    store::Access access;
    access.act_ = request.act;
    access.everyone_ = request.subjects.everyone && reached.everyone;
    access.patients_ =
        request.subjects.everyone
            ? reached.patients
            : std::make_shared<const std::unordered_set<PatientId>>(
                  request.subjects.patients.begin(), request.subjects.patients.end());
    access.types_ = who.rights.types ? who.rights.types : no_types();
    access.principal_ = who.name;
    access.account_ = who.account.value;
    access.token_ = who.token_id.value;
    access.app_ = who.app.value;
    access.purpose_ = purpose_of(request, reached);
    return access;
}

Result<store::Access> AccessDesk::decide(const Principal& who, const AccessRequest& request) {
    const auto reached = reaches_.of(who, request.at);
    auto reason = refusal(who, request, *reached);
    auto line = line_of(who, request, reason.empty(), reason);
    line.purpose = purpose_of(request, *reached);
    const bool noted = sink_.record(std::move(line));
    if (!reason.empty()) return fail(Error::Kind::forbidden, std::move(reason));
    if (!noted) return fail(Error::Kind::busy, "the access cannot be put on record");
    return made(who, request, *reached);
}

Result<store::Access> AccessDesk::renew(const Principal& who, const AccessRequest& request,
                                        const store::Access& before) {
    const auto reached = reaches_.of(who, request.at);
    if (refusal(who, request, *reached).empty())
        if (auto same = made(who, request, *reached); same.same_reach(before)) return same;
    return decide(who, request);
}

Result<OwedAccess> AccessDesk::decide_owing(const Principal& who, const AccessRequest& request) {
    const auto reached = reaches_.of(who, request.at);
    auto reason = refusal(who, request, *reached);
    auto line = line_of(who, request, reason.empty(), reason);
    line.purpose = purpose_of(request, *reached);
    if (!reason.empty()) {
        sink_.record(std::move(line));
        return fail(Error::Kind::forbidden, std::move(reason));
    }
    auto owed = std::make_shared<store::OwedLine>();
    owed->line = stored(line);
    owed->by_emergency = reached->by_emergency;
    owed->emergency_purpose = emergency_purpose;
    return OwedAccess{made(who, request, *reached), std::move(owed), std::move(line)};
}

bool AccessDesk::settle(const OwedAccess& access) {
    if (access.owed->on_record) return true;
    auto line = access.line;
    line.subjects.patients = access.owed->line.patients;
    line.purpose = access.owed->line.purpose;
    return sink_.record(std::move(line));
}

bool AccessDesk::note(const Principal& who, const AccessRequest& request, bool permitted,
                      std::string reason) {
    return sink_.record(line_of(who, request, permitted, std::move(reason)));
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

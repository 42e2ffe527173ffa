#include "identity/access_desk.hpp"

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

// Why not; empty: permitted.
std::string refusal(const Principal& who, const AccessRequest& request) {
    if (who.kind == Principal::Kind::nobody) return "not signed in";
    if (who.kind == Principal::Kind::device) return "devices read nothing";
    if (!request.subjects.everyone && request.subjects.patients.empty()) return "no subject named";
    if (who.rights.allow(request.act)) return {};
    return who.token.empty() ? "not allowed in this role" : "not in the scope of this token";
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

store::Access AccessDesk::made(const Principal& who, const AccessRequest& request) {
    store::Access access;
    access.act_ = request.act;
    access.everyone_ = request.subjects.everyone;
    access.patients_ = std::make_shared<const std::unordered_set<PatientId>>(
        request.subjects.patients.begin(), request.subjects.patients.end());
    access.principal_ = who.name;
    access.account_ = who.account.value;
    access.token_ = who.token_id.value;
    access.purpose_ = request.purpose;
    return access;
}

Result<store::Access> AccessDesk::decide(const Principal& who, const AccessRequest& request) {
    auto reason = refusal(who, request);
    const bool noted = note(who, request, reason.empty(), reason);
    if (!reason.empty()) return fail(Error::Kind::forbidden, std::move(reason));
    if (!noted) return fail(Error::Kind::busy, "the access cannot be put on record");
    return made(who, request);
}

Result<OwedAccess> AccessDesk::decide_owing(const Principal& who, const AccessRequest& request) {
    if (auto reason = refusal(who, request); !reason.empty()) {
        note(who, request, false, reason);
        return fail(Error::Kind::forbidden, std::move(reason));
    }
    auto line = line_of(who, request, true, {});
    auto owed = std::make_shared<store::OwedLine>();
    owed->line = stored(line);
    return OwedAccess{made(who, request), std::move(owed), std::move(line)};
}

bool AccessDesk::settle(const OwedAccess& access) {
    return access.owed->on_record || sink_.record(access.line);
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

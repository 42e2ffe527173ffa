#include "fhir/audit/event_kind.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "identity/purposes.hpp"

namespace vigil::fhir {
namespace {

using namespace event_systems;

constexpr EventCode rest{type, "rest", "RESTful Operation"};
constexpr EventCode audit_log_used{dcm, "110101", "Audit Log Used"};
constexpr EventCode export_event{dcm, "110106", "Export"};
constexpr EventCode import_event{dcm, "110107", "Import"};
constexpr EventCode patient_record{dcm, "110110", "Patient Record"};
constexpr EventCode security_alert{dcm, "110113", "Security Alert"};
constexpr EventCode user_authentication{dcm, "110114", "User Authentication"};
constexpr EventCode login{dcm, "110122", "Login"};
constexpr EventCode logout{dcm, "110123", "Logout"};
constexpr EventCode emergency_started{dcm, "110127", "Emergency Override Started"};
constexpr EventCode object_security{dcm, "110135", "Object Security Attributes Changed"};
constexpr EventCode user_security{dcm, "110137", "User security Attributes Changed"};
constexpr EventCode get_token{transaction, "ITI-71", "Get Access Token"};
constexpr EventCode disclose{lifecycle, "disclose", "Disclose Record Lifecycle Event"};
constexpr EventCode looked_at{lifecycle, "access", "Access/View Record Lifecycle Event"};
constexpr EventCode amended{lifecycle, "amend", "Amend (Update) Record Lifecycle Event"};
constexpr EventCode no_subtype{};

// What is no interaction of the FHIR endpoint, by how its `what` begins; the longest that fits
// counts. No action: by the act and the last word.
struct Row {
    std::string_view what;
    EventCode type, subtype;
    char action = 0;
    EventPattern pattern = EventPattern::none;
};
constexpr std::array rows{
    Row{"sign-in", user_authentication, login, 'E'},
    Row{"own session ended", user_authentication, logout, 'E'},
    Row{"own other sessions ended", user_authentication, logout, 'E'},
    Row{"account sign out", user_authentication, logout, 'E'},
    Row{"account token", user_authentication, get_token, 'E'},
    Row{"app token", user_authentication, get_token, 'E'},
    Row{"app authenticate", user_authentication, get_token, 'E'},
    Row{"account tokens", looked_at, no_subtype, 'R'},
    Row{"accounts", looked_at, no_subtype, 'R'},
    Row{"apps", looked_at, no_subtype, 'R'},
    Row{"account", security_alert, user_security},
    Row{"account token revoke", security_alert, user_security, 'D'},
    Row{"app", security_alert, user_security},
    Row{"app allow", security_alert, user_security, 'E'},
    Row{"app deny", security_alert, user_security, 'E'},
    Row{"app launch", security_alert, user_security, 'E'},
    Row{"own password changed", security_alert, user_security, 'U'},
    Row{"second factor", security_alert, user_security, 'U'},
    Row{"recovery codes", security_alert, user_security, 'U'},
    Row{"passkey", security_alert, user_security, 'U'},
    Row{"relation ", security_alert, object_security},
    Row{"patient hold", security_alert, object_security, 'U'},
    Row{"patient restrict", security_alert, object_security, 'U'},
    Row{"patient erase", patient_record, no_subtype, 'D'},
    Row{"emergency access", security_alert, emergency_started, 'E'},
    Row{"emergency review", audit_log_used, no_subtype, 'E'},
    Row{"emergencies", audit_log_used, no_subtype, 'R'},
    Row{"erasure certificate", audit_log_used, no_subtype, 'R'},
    Row{"audit ", audit_log_used, no_subtype, 'R'},
    Row{"accesses", audit_log_used, no_subtype, 'R'},
    Row{"backup", export_event, no_subtype, 'R'},
    Row{"unreadable line of the audit", security_alert, no_subtype, 'R'},
    Row{"verify", looked_at, no_subtype, 'R'},
    Row{"patient everything", export_event, disclose, 'R', EventPattern::disclosure},
    Row{"fhir.export", export_event, disclose, 'R', EventPattern::disclosure},
    Row{"fhir.import", import_event, no_subtype, 'C'},
    Row{"fhir.subscription", rest, no_subtype, 'E'},
    Row{"patient", patient_record, no_subtype},
    Row{"relations", patient_record, no_subtype, 'R'},
    Row{"series", patient_record, no_subtype},
    Row{"ward", patient_record, no_subtype},
    Row{"live stream", patient_record, no_subtype},
    Row{"message", patient_record, no_subtype},
    Row{"quarantine", patient_record, no_subtype},
    Row{"device attach", patient_record, no_subtype, 'U'},
    Row{"device detach", patient_record, no_subtype, 'U'},
};

struct Interaction {
    std::string_view what;
    EventPattern pattern = EventPattern::none;
    char action = 'E';
    std::string_view code{}, display{};  // of restful-interaction
};
constexpr std::array interactions{
    Interaction{"fhir.read", EventPattern::read, 'R', "read", "read"},
    Interaction{"fhir.vread", EventPattern::read, 'R', "vread", "vread"},
    Interaction{"fhir.history", EventPattern::none, 'R', "history", "history"},
    Interaction{"fhir.search", EventPattern::query, 'E', "search", "search"},
    Interaction{"fhir.operation", EventPattern::none, 'E', "operation", "operation"},
    Interaction{"fhir.create", EventPattern::create, 'C', "create", "create"},
    Interaction{"fhir.update", EventPattern::update, 'U', "update", "update"},
    Interaction{"fhir.patch", EventPattern::update, 'U', "patch", "patch"},
    Interaction{"fhir.delete", EventPattern::remove, 'D', "delete", "delete"},
    // Of lines from before they said more; and of batches, which may hold any.
    Interaction{"fhir.write", EventPattern::none, 'U'},
    Interaction{"fhir.bundle", EventPattern::none, 'E'},
};

// "fhir.read Condition/12: 404": takes the status off.
std::string_view take_status(std::string_view& what) {
    const auto colon = what.rfind(": ");
    if (colon == std::string_view::npos) return {};
    const auto status = what.substr(colon + 2);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (status.size() != 3 || !std::ranges::all_of(status, is_digit)) return {};
    what = what.substr(0, colon);
    return status;
}

char action_of(const store::AuditLine& line) {
    if (line.act == store::Act::read) return 'R';
    const std::string_view what = line.what;
    const auto last = what.substr(what.rfind(' ') + 1);
    if (last == "add") return 'C';
    return last == "revoke" || last == "end" || last == "remove" || last == "dismiss" ? 'D' : 'U';
}

// Bounds of type and id, as a path names them; empty: it names none.
std::span<const std::string_view> parts_of(std::string_view target,
                                           std::array<std::string_view, 5>& parts) {
    std::size_t count = 0;
    while (!target.empty() && count < parts.size()) {
        const auto end = std::min(target.find('/'), target.size());
        parts[count++] = target.substr(0, end);
        target.remove_prefix(std::min(end + 1, target.size()));
    }
    return {parts.data(), count};
}

bool is_reference(std::string_view target, bool with_version) {
    std::array<std::string_view, 5> storage;
    const auto parts = parts_of(target, storage);
    if (target.find('?') != std::string_view::npos || parts.size() < 2) return false;
    if (parts.size() == 2) return !with_version;
    return parts.size() == 4 && parts[2] == "_history";
}

EventKind kind_of_interaction(const Interaction& is, std::string_view target,
                              std::string_view status) {
    EventKind kind{.type = rest,
                   .action = is.action,
                   .pattern = is.pattern,
                   .target = target,
                   .status = status};
    if (is.code.empty()) return kind;
    EventCode subtype{interaction, is.code, is.display};
    // Of these R4 has a code for each place: a resource, a type, the server.
    if (is.code == "history") {
        subtype.code = is_reference(target, false) ? "history-instance"
                       : target.empty()            ? "history-system"
                                                   : "history-type";
        subtype.display = subtype.code;
    } else if (is.code == "search") {
        subtype.code = target.empty() || target.starts_with('?') ? "search-system" : "search-type";
        subtype.display = subtype.code;
    }
    kind.subtypes.push_back(subtype);
    return kind;
}

}  // namespace

bool EventKind::names_resource() const {
    return is_reference(target, false) || is_reference(target, true);
}

bool EventKind::names_version() const {
    return is_reference(target, true);
}

EventKind kind_of(const store::AuditLine& line) {
    std::string_view what = line.what;
    const auto status = take_status(what);
    const auto space = std::min(what.find(' '), what.size());
    for (const auto& each : interactions)
        if (what.substr(0, space) == each.what)
            return kind_of_interaction(each, what.substr(std::min(space + 1, what.size())), status);
    const Row* best = nullptr;
    for (const auto& row : rows)
        if (what.starts_with(row.what) && (best == nullptr || row.what.size() > best->what.size()))
            best = &row;
    if (best == nullptr)
        return {.type = line.act == store::Act::read ? looked_at : amended,
                .action = action_of(line)};
    EventKind kind{.type = best->type,
                   .action = best->action != 0 ? best->action : action_of(line),
                   .pattern = best->pattern};
    if (!best->subtype.code.empty()) kind.subtypes.push_back(best->subtype);
    return kind;
}

int outcome_of(const store::AuditLine& line, const EventKind& kind) {
    if (!line.permitted) return 8;
    return kind.status.empty() ? 0 : 4;
}

std::string network_address(std::string_view from) {
    auto host = from.substr(0, from.rfind(':'));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    std::string text(host);
    in6_addr unused{};
    const bool is_address = ::inet_pton(AF_INET, text.c_str(), &unused) == 1 ||
                            ::inet_pton(AF_INET6, text.c_str(), &unused) == 1;
    return is_address ? text : std::string();
}

EventCode purpose_of_use(std::string_view word) {
    constexpr std::array displays{
        std::pair{std::string_view("TREAT"), std::string_view("treatment")},
        std::pair{std::string_view("BTG"), std::string_view("break the glass")},
        std::pair{std::string_view("HRESCH"), std::string_view("healthcare research")},
        std::pair{std::string_view("HOPERAT"), std::string_view("healthcare operations")},
        std::pair{std::string_view("HPAYMT"), std::string_view("healthcare payment")},
        std::pair{std::string_view("PATRQT"), std::string_view("patient requested")},
        std::pair{std::string_view("FAMRQT"), std::string_view("family requested")},
        std::pair{std::string_view("PUBHLTH"), std::string_view("public health")}};
    const auto* known = identity::find_purpose(word);
    if (known == nullptr) return {};
    const auto found =
        std::ranges::find_if(displays, [&](const auto& each) { return known->code == each.first; });
    return {event_systems::purpose, known->code,
            found == displays.end() ? known->code : found->second};
}

}  // namespace vigil::fhir

#include "identity/app_scopes.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "identity/scopes.hpp"

namespace vigil::identity {
namespace {

constexpr std::array of_people{scope_launch,  scope_launch_patient, scope_openid, scope_fhir_user,
                               scope_profile, scope_offline,        scope_online};

bool is_for_people(std::string_view scope) {
    return std::ranges::find(of_people, scope) != of_people.end();
}

// What of `asked` a scope that the app is registered for gives; nothing: nothing.
std::optional<Scope> shared_part(const Scope& asked, const Scope& registered) {
    const bool fits =
        asked.context == registered.context &&
        (asked.type.empty() || registered.type.empty() || asked.type == registered.type) &&
        (asked.query.empty() || registered.query.empty() || asked.query == registered.query);
    auto part = asked;
    if (part.type.empty()) part.type = registered.type;
    if (part.query.empty()) part.query = registered.query;
    part.interactions &= registered.interactions;
    if (!fits || part.interactions == store::no_interaction) return std::nullopt;
    return part;
}

// The parts of one asked scope, those of one type and search together.
std::vector<Scope> parts_of(const Scope& asked, std::span<const std::string> registered) {
    std::vector<Scope> parts;
    for (const auto& text : registered) {
        const auto known = read_scope(text);
        const auto part = known ? shared_part(asked, *known) : std::nullopt;
        if (!part) continue;
        const auto same = std::ranges::find_if(parts, [&](const Scope& other) {
            return other.type == part->type && other.query == part->query;
        });
        if (same == parts.end())
            parts.push_back(*part);
        else
            same->interactions |= part->interactions;
    }
    return parts;
}

bool in_role(const Scope& scope, const Rights& rights) {
    return rights.types &&
           (scope.type.empty() ? rights.types->allow_any(scope.interactions)
                               : rights.types->allow_any(scope.interactions, scope.type));
}

void add(std::vector<std::string>& scopes, std::string scope) {
    if (!has_scope(scopes, scope) && scopes.size() < app_scopes_max)
        scopes.push_back(std::move(scope));
}

}  // namespace

Result<void> check_app_scope(std::string_view text, AppKind kind) {
    if (is_for_people(text)) {
        if (kind != AppKind::service) return {};
        return fail(Error::Kind::unsupported,
                    "a service works with no person present: its scopes are system/", "scopes");
    }
    VIGIL_CHECK(check_label(text, "scopes"));
    VIGIL_TRY(scope, read_scope(text));
    const bool system = scope.context == Scope::Context::system;
    if (system != (kind == AppKind::service))
        return fail(Error::Kind::unsupported,
                    system ? "a system/ scope is for services"
                           : "a service works with no person present: its scopes are system/",
                    "scopes");
    return {};
}

std::vector<std::string> split_scopes(std::string_view text) {
    std::vector<std::string> scopes;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (end > 0 && end <= label_bytes_max) add(scopes, std::string(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return scopes;
}

std::string joined_scopes(std::span<const std::string> scopes) {
    std::string text;
    for (const auto& scope : scopes) text += (text.empty() ? "" : " ") + scope;
    return text;
}

bool has_scope(std::span<const std::string> scopes, std::string_view scope) {
    return std::ranges::find(scopes, scope) != scopes.end();
}

bool of_a_patient(std::span<const std::string> scopes) {
    return std::ranges::any_of(
        scopes, [](const std::string& scope) { return scope.starts_with("patient/"); });
}

Available available_scopes(std::span<const std::string> asked, const App& app, const Account& who) {
    Available out;
    const auto rights = rights_of_role(who.role);
    for (const auto& text : asked) {
        const auto scope = read_scope(text);
        bool any = !scope && is_for_people(text) && has_scope(app.scopes, text);
        if (any) add(out.scopes, text);
        if (scope)
            for (const auto& part : parts_of(*scope, app.scopes))
                if (in_role(part, rights)) {
                    any = true;
                    add(out.scopes, part == *scope ? text : to_string(part));
                }
        if (!any) add(out.refused, text);
    }
    return out;
}

Principal principal_of(const Account& account, const App& app, const Grant* grant,
                       std::span<const std::string> scopes, Timestamp until,
                       const ScopeSearch& search) {
    auto who = principal_of(account);
    who.token = "app:" + app.client_id;
    who.rights = narrowed(rights_of_role(account.role), scopes, search);
    who.app = app.id;
    who.app_changed = app.changed;
    who.until = until;
    if (grant == nullptr) return who;
    who.grant = grant->id;
    if (!of_a_patient(scopes)) return who;
    who.patient = grant->patient;
    if (!grant->patient) who.rights = {};
    return who;
}

}  // namespace vigil::identity

#include "identity/apps.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "identity/app_scopes.hpp"

namespace vigil::identity {
namespace {

constexpr std::array kinds{std::pair{AppKind::open, std::string_view("public")},
                           std::pair{AppKind::confidential, std::string_view("confidential")},
                           std::pair{AppKind::service, std::string_view("service")}};
constexpr std::string_view client_id_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

tl::unexpected<Error> void_now(const char* what) {
    return fail(Error::Kind::conflict, what, "app");
}

tl::unexpected<Error> wrong(const char* message, const char* place) {
    return fail(Error::Kind::malformed, message, place);
}

// OAuth 2.1 2.3 and 8.4.2, RFC 8252: https, http at the machine itself, or a scheme of the app's
// own, which has a dot; no fragment, nothing that a page or a header could take for its own.
bool is_redirect_uri(std::string_view uri) {
    const auto colon = uri.find(':');
    if (colon == std::string_view::npos || uri.size() > uri_bytes_max) return false;
    const auto plain = [](unsigned char c) {
        return c > 0x20 && c < 0x7F && c != '#' && c != '"' && c != '<' && c != '>' && c != '\\';
    };
    if (!std::ranges::all_of(uri, plain)) return false;
    const auto scheme = uri.substr(0, colon), rest = uri.substr(colon + 1);
    if (scheme == "https") return rest.starts_with("//") && rest.size() > 2 && rest[2] != '/';
    if (scheme == "http")
        return std::ranges::any_of(
            std::array<std::string_view, 3>{"//127.0.0.1", "//[::1]", "//localhost"},
            [&](auto host) {
                const auto after = rest.substr(std::min(rest.size(), host.size()));
                return rest.starts_with(host) &&
                       (after.empty() || after[0] == ':' || after[0] == '/');
            });
    const auto scheme_sign = [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    };
    return scheme.find('.') != std::string_view::npos && std::ranges::all_of(scheme, scheme_sign);
}

bool is_web_address(std::string_view uri) {
    return uri.starts_with("http") && is_redirect_uri(uri);
}

Result<void> check_keys(const App& app) {
    if (app.jwks.size() > jwks_bytes_max)
        return fail(Error::Kind::too_large, "a key set has at most 16 KiB", "jwks");
    if (app.kind == AppKind::open) {
        if (!app.jwks.empty() || !app.jwks_uri.empty())
            return wrong("a public app has no keys: make it confidential", "jwks");
        return {};
    }
    if (app.jwks.empty() == app.jwks_uri.empty())
        return wrong("give its public keys, or the address of them: one of the two", "jwks");
    if (!app.jwks_uri.empty() && !is_web_address(app.jwks_uri))
        return wrong("the address of its keys is an https address", "jwks_uri");
    return {};
}

Result<void> check_addresses(const App& app) {
    const bool people = app.kind != AppKind::service;
    if (app.redirect_uris.size() > redirect_uris_max)
        return fail(Error::Kind::too_large, "an app has at most 16 redirect addresses",
                    "redirect_uris");
    if (people == app.redirect_uris.empty())
        return wrong(people ? "say where the app is to be called back"
                            : "a service is not called back: no redirect address",
                     "redirect_uris");
    if (!std::ranges::all_of(app.redirect_uris, is_redirect_uri))
        return wrong(
            "a redirect address is https, http at the machine itself, or an app's own "
            "scheme with a dot in it, without a fragment",
            "redirect_uris");
    if (!app.launch_uri.empty() && (!people || !is_web_address(app.launch_uri)))
        return wrong("the launch address is an https address of an app that people use",
                     "launch_uri");
    return {};
}

}  // namespace

std::string_view to_string(AppKind kind) {
    return std::ranges::find(kinds, kind, &std::pair<AppKind, std::string_view>::first)->second;
}

std::optional<AppKind> app_kind(std::string_view name) {
    const auto found =
        std::ranges::find(kinds, name, &std::pair<AppKind, std::string_view>::second);
    return found == kinds.end() ? std::nullopt : std::optional(found->first);
}

const App* Apps::app(AppId id) const {
    const auto found = apps_.find(id);
    return found == apps_.end() ? nullptr : &found->second;
}

const App* Apps::find(std::string_view client_id) const {
    const auto found = app_of_client_id_.find(client_id);
    return found == app_of_client_id_.end() ? nullptr : app(found->second);
}

const Grant* Apps::grant(GrantId id) const {
    const auto found = grants_.find(id);
    return found == grants_.end() ? nullptr : &found->second;
}

const Grant* Apps::of_family(const Digest& family) const {
    const auto found = grant_of_family_.find(family);
    return found == grant_of_family_.end() ? nullptr : grant(found->second);
}

std::vector<const Grant*> Apps::granted_by(AccountId account, Timestamp now) const {
    std::vector<const Grant*> grants;
    if (const auto known = grants_of_account_.find(account); known != grants_of_account_.end())
        for (const auto id : known->second)
            if (const auto* each = grant(id); each != nullptr && now < each->expires)
                grants.push_back(each);
    return grants;
}

std::size_t Apps::granted_to(AppId app, Timestamp now) const {
    return static_cast<std::size_t>(std::ranges::count_if(grants_, [&](const auto& entry) {
        return entry.second.app == app && now < entry.second.expires;
    }));
}

Result<void> Apps::take(const AppAdded& act) {
    next_app_ = std::max(next_app_, act.app.id.value + 1);
    if (apps_.contains(act.app.id) ||
        !app_of_client_id_.emplace(act.app.client_id, act.app.id).second)
        return void_now("this client id is taken");
    apps_.emplace(act.app.id, act.app);
    return {};
}

Result<void> Apps::take(const AppChanged& act) {
    const auto known = apps_.find(act.app.id);
    if (known == apps_.end() || known->second.client_id != act.app.client_id)
        return void_now("there is no such app");
    known->second = act.app;
    std::vector<GrantId> ended;
    for (const auto& [id, grant] : grants_)
        if (grant.app == act.app.id) ended.push_back(id);
    for (const auto id : ended) end(id);
    return {};
}

Result<void> Apps::take(const GrantGiven& act) {
    const auto& grant = act.grant;
    next_grant_ = std::max(next_grant_, grant.id.value + 1);
    const auto* of = app(grant.app);
    if (of == nullptr || !of->enabled) return void_now("there is no such app");
    if (grants_.contains(grant.id) || (grant.family && grant_of_family_.contains(grant.family)))
        return void_now("this was granted already");
    make_room(grant.account, grant.given);
    grants_.emplace(grant.id, grant);
    grants_of_account_[grant.account].push_back(grant.id);
    if (grant.family) grant_of_family_.emplace(grant.family, grant.id);
    return {};
}

Result<void> Apps::take(const GrantRenewed& act) {
    const auto known = grants_.find(act.grant);
    if (known == grants_.end() || known->second.refresh != act.used)
        return void_now("this refresh token is good no more");
    known->second.refresh = act.refresh;
    known->second.expires = act.expires;
    return {};
}

Result<void> Apps::take(const GrantEnded& act) {
    if (!grants_.contains(act.grant)) return void_now("this has ended already");
    end(act.grant);
    return {};
}

void Apps::end(GrantId id) {
    const auto known = grants_.find(id);
    if (known == grants_.end()) return;
    auto& of_account = grants_of_account_[known->second.account];
    std::erase(of_account, id);
    if (of_account.empty()) grants_of_account_.erase(known->second.account);
    grant_of_family_.erase(known->second.family);
    grants_.erase(known);
}

void Apps::make_room(AccountId account, Timestamp now) {
    const auto known = grants_of_account_.find(account);
    if (known == grants_of_account_.end()) return;
    const auto ids = known->second;  // in the order in which they were given
    std::size_t left = ids.size();
    for (const auto id : ids)
        if (grant(id)->expires <= now || left >= grants_an_account_max) {
            end(id);
            --left;
        }
}

Result<void> check(const App& app) {
    if (app.id.value == 0 || app.id.value > registered_max) return wrong("not a number", "app");
    const auto& id = app.client_id;
    if (id.empty() || id.size() > external_id_bytes_max ||
        id.find_first_not_of(client_id_characters) != std::string::npos)
        return wrong("a client id is 1 to 64 letters, digits and the signs . _ -", "client_id");
    VIGIL_CHECK(check_label(app.name, "name"));
    if (app.name.empty()) return wrong("an app has a name, by which people know it", "name");
    VIGIL_CHECK(check_addresses(app));
    VIGIL_CHECK(check_keys(app));
    if ((app.kind == AppKind::service) != static_cast<bool>(app.account))
        return wrong("a service, and only that, has the account whose rights it works with",
                     "account");
    if (app.scopes.empty() || app.scopes.size() > app_scopes_max)
        return wrong("an app has 1 to 200 scopes", "scopes");
    for (const auto& scope : app.scopes) VIGIL_CHECK(check_app_scope(scope, app.kind));
    return {};
}

Result<void> check(const AppAdded& act) {
    return check(act.app);
}

Result<void> check(const AppChanged& act) {
    return check(act.app);
}

Result<void> check(const GrantGiven& act) {
    const auto& grant = act.grant;
    if (grant.id.value == 0 || grant.id.value > registered_max)
        return wrong("not a number", "grant");
    if (grant.scopes.size() > app_scopes_max)
        return fail(Error::Kind::too_large, "more scopes than an app has", "scopes");
    for (const auto& scope : grant.scopes) VIGIL_CHECK(check_label(scope, "scopes"));
    return {};
}

Result<void> check(const GrantRenewed& act) {
    if (!act.refresh) return wrong("a refresh token has a secret", "refresh_sha256");
    return {};
}

Result<void> check(const GrantEnded& act) {
    return check_label(act.reason, "reason");
}

}  // namespace vigil::identity

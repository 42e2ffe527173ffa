#pragma once
// The apps that may ask for access in a person's name or their own (OAuth 2.1, SMART App Launch
// 2.2), what they were granted, and the acts that decide on both.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/people.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

using AppId = Id<struct AppTag>;
using GrantId = Id<struct GrantTag>;

// RFC 6749 2.1; SMART "Asymmetric" and "Backend Services".
enum class AppKind : std::uint8_t {
    open = 1,          // "public": cannot keep a secret
    confidential = 2,  // has a key of its own
    service = 3        // and works with no person present
};
std::string_view to_string(AppKind kind);
std::optional<AppKind> app_kind(std::string_view name);

struct App {
    AppId id{};
    std::string client_id{};  // [A-Za-z0-9._-]{1,64}
    std::string name{};       // as people are asked whether they let it in
    AppKind kind = AppKind::open;
    std::vector<std::string> redirect_uris{};
    std::string launch_uri{};           // where it is opened from a patient's page
    std::string jwks{}, jwks_uri{};     // its public keys (RFC 7517), one of the two
    std::vector<std::string> scopes{};  // no more than these
    AccountId account{};                // of a service: whose rights it has
    bool enabled = true;
    Timestamp registered{};
    Timestamp changed{};  // what was given before holds no longer
    bool operator==(const App&) const = default;
};

// What a person let an app do.
struct Grant {
    GrantId id{};
    AppId app{};
    AccountId account{};
    PatientId patient{};  // of the launch; 0: none
    std::vector<std::string> scopes{};
    Timestamp given{}, expires{};
    // Of the refresh tokens: what all have in common, and the secret of the one that is good now.
    // Zero: there is none.
    Digest family{}, refresh{};
    bool operator==(const Grant&) const = default;
};

template <class Visitor, class Self>
void app_members(Visitor& visit, Self& app) {
    visit("app", app.id);
    visit("client_id", app.client_id);
    visit("name", app.name);
    visit("kind", app.kind);
    visit("redirect_uris", app.redirect_uris);
    visit("launch_uri", app.launch_uri);
    visit("jwks", app.jwks);
    visit("jwks_uri", app.jwks_uri);
    visit("scopes", app.scopes);
    visit("account", app.account);
    visit("enabled", app.enabled);
    visit("registered", app.registered);
    visit("changed", app.changed);
}

struct AppAdded {
    static constexpr std::string_view act_name = "app-added";
    App app{};
    bool operator==(const AppAdded&) const = default;
    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        app_members(visit, act.app);
    }
};

// As it is from now on, whole. All that it was granted ends.
struct AppChanged {
    static constexpr std::string_view act_name = "app-changed";
    App app{};
    bool operator==(const AppChanged&) const = default;
    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        app_members(visit, act.app);
    }
};

struct GrantGiven {
    static constexpr std::string_view act_name = "grant-given";
    Grant grant{};
    bool operator==(const GrantGiven&) const = default;
    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        visit("grant", act.grant.id);
        visit("app", act.grant.app);
        visit("account", act.grant.account);
        visit("patient", act.grant.patient);
        visit("scopes", act.grant.scopes);
        visit("given", act.grant.given);
        visit("expires", act.grant.expires);
        visit("family_sha256", act.grant.family);
        visit("refresh_sha256", act.grant.refresh);
    }
};

// A refresh token was used: another takes its place.
struct GrantRenewed {
    static constexpr std::string_view act_name = "grant-renewed";
    GrantId grant{};
    Digest used{}, refresh{};
    Timestamp expires{};
    bool operator==(const GrantRenewed&) const = default;
    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        visit("grant", act.grant);
        visit("used_sha256", act.used);
        visit("refresh_sha256", act.refresh);
        visit("expires", act.expires);
    }
};

struct GrantEnded {
    static constexpr std::string_view act_name = "grant-ended";
    GrantId grant{};
    std::string reason{};
    bool operator==(const GrantEnded&) const = default;
    template <class Visitor, class Self>
    static void members(Visitor& visit, Self& act) {
        visit("grant", act.grant);
        visit("reason", act.reason);
    }
};

class Apps {
public:
    const App* app(AppId id) const;
    const App* find(std::string_view client_id) const;
    const std::map<AppId, App>& all() const { return apps_; }
    const Grant* grant(GrantId id) const;
    // By what all refresh tokens of a grant have in common.
    const Grant* of_family(const Digest& family) const;
    std::vector<const Grant*> granted_by(AccountId account, Timestamp now) const;
    std::size_t granted_to(AppId app, Timestamp now) const;

    AppId next_app() { return AppId{next_app_++}; }
    GrantId next_grant() { return GrantId{next_grant_++}; }

    // `conflict`: what another act did in between made this one void.
    Result<void> take(const AppAdded& act);
    Result<void> take(const AppChanged& act);
    Result<void> take(const GrantGiven& act);
    Result<void> take(const GrantRenewed& act);
    Result<void> take(const GrantEnded& act);

    // The shortest list of acts that makes the same.
    template <class Write>
    void each_act(Write write) const {
        for (const auto& [id, app] : apps_) write(AppAdded{app});
        for (const auto& [id, grant] : grants_) write(GrantGiven{grant});
    }

private:
    void end(GrantId id);
    void make_room(AccountId account, Timestamp now);

    std::uint32_t next_app_ = 1, next_grant_ = 1;
    std::map<AppId, App> apps_;
    std::map<std::string, AppId, std::less<>> app_of_client_id_;
    std::map<GrantId, Grant> grants_;
    std::map<AccountId, std::vector<GrantId>> grants_of_account_;
    std::unordered_map<Digest, GrantId, DigestHash> grant_of_family_;
};

constexpr std::size_t apps_max = 10'000;
constexpr std::size_t redirect_uris_max = 16;
constexpr std::size_t uri_bytes_max = 2'000;
constexpr std::size_t jwks_bytes_max = 16 * 1024;
constexpr std::size_t app_scopes_max = 200;
constexpr std::size_t grants_an_account_max = 100;  // past it the oldest ends

// Whether it may be registered: characters, lengths, addresses, what its kind needs.
Result<void> check(const App& app);
Result<void> check(const AppAdded& act);
Result<void> check(const AppChanged& act);
Result<void> check(const GrantGiven& act);
Result<void> check(const GrantRenewed& act);
Result<void> check(const GrantEnded& act);

}  // namespace vigil::identity

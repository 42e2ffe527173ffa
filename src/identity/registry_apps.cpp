// Apps and what they were granted.

#include <utility>

#include "identity/registry.hpp"

namespace vigil::identity {
namespace {

Act make(const Given& given, Act::Body body) {
    return Act{.recorded = given.at, .by = given.by, .body = std::move(body)};
}

tl::unexpected<Error> unknown(const char* what) {
    return fail(Error::Kind::not_found, std::string("there is no such ") + what, what);
}

}  // namespace

Result<void> Registry::check_known(const App& app) const {
    if (app.kind != AppKind::service) return {};
    const auto* owner = account(app.account);
    if (owner == nullptr) return unknown("account");
    if (owner->role != Role::service)
        return fail(Error::Kind::unsupported, "the account of a service has the role service",
                    "account");
    return {};
}

Result<Act> Registry::plan_add_app(App app, const Given& given) {
    if (apps_.all().size() >= apps_max)
        return fail(Error::Kind::too_large, "there are 10,000 apps already", "app");
    if (apps_.find(app.client_id) != nullptr)
        return fail(Error::Kind::conflict, "this client id is taken", "client_id");
    app.id = apps_.next_app();
    app.registered = app.changed = given.at;
    app.enabled = true;
    VIGIL_CHECK(check(app));
    VIGIL_CHECK(check_known(app));
    return make(given, AppAdded{std::move(app)});
}

Result<Act> Registry::plan_change_app(App app, const Given& given) const {
    const auto* known = apps_.app(app.id);
    if (known == nullptr) return unknown("app");
    app.client_id = known->client_id;
    app.kind = known->kind;
    app.registered = known->registered;
    app.changed = given.at;
    VIGIL_CHECK(check(app));
    VIGIL_CHECK(check_known(app));
    return make(given, AppChanged{std::move(app)});
}

Result<Act> Registry::plan_grant(Grant grant, const Given& given) {
    const auto* app = apps_.app(grant.app);
    if (app == nullptr || !app->enabled) return unknown("app");
    if (account(grant.account) == nullptr) return unknown("account");
    if (grant.patient && patient(grant.patient) == nullptr) return unknown("patient");
    grant.id = apps_.next_grant();
    grant.given = given.at;
    VIGIL_CHECK(check(GrantGiven{grant}));
    return make(given, GrantGiven{std::move(grant)});
}

Result<Act> Registry::plan_renew_grant(GrantRenewed renewed, const Given& given) const {
    if (apps_.grant(renewed.grant) == nullptr) return unknown("grant");
    return make(given, renewed);
}

Result<Act> Registry::plan_end_grant(GrantId grant, std::string reason, const Given& given) const {
    if (apps_.grant(grant) == nullptr) return unknown("grant");
    return make(given, GrantEnded{grant, std::move(reason)});
}

Result<Applied> Registry::take(const Act& /*act*/, const AppAdded& body) {
    VIGIL_CHECK(check_known(body.app));
    VIGIL_CHECK(apps_.take(body));
    return Applied{};
}

Result<Applied> Registry::take(const Act& /*act*/, const AppChanged& body) {
    VIGIL_CHECK(check_known(body.app));
    VIGIL_CHECK(apps_.take(body));
    return Applied{.refiles = {}, .access_ended = {}, .reach_changed = true};
}

Result<Applied> Registry::take(const Act& /*act*/, const GrantGiven& body) {
    if (account(body.grant.account) == nullptr) return unknown("account");
    VIGIL_CHECK(apps_.take(body));
    return Applied{};
}

Result<Applied> Registry::take(const Act& /*act*/, const GrantRenewed& body) {
    VIGIL_CHECK(apps_.take(body));
    return Applied{};
}

Result<Applied> Registry::take(const Act& /*act*/, const GrantEnded& body) {
    VIGIL_CHECK(apps_.take(body));
    return Applied{.refiles = {}, .access_ended = {}, .reach_changed = true};
}

bool Registry::app_stands(const Principal& who, const Account& owner, Timestamp now) const {
    const auto* app = apps_.app(who.app);
    return app != nullptr && app->enabled && app->changed == who.app_changed &&
           owner.role == who.role && now < who.until &&
           (!who.grant || apps_.grant(who.grant) != nullptr);
}

}  // namespace vigil::identity

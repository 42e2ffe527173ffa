// POST /oauth/register: dynamic registration (RFC 7591), by a program with an administrator's
// token.
#include <algorithm>
#include <array>
#include <utility>

#include "identity/app_scopes.hpp"
#include "share/api/app_shapes.hpp"
#include "share/oauth/addresses.hpp"
#include "share/oauth/app_state.hpp"
#include "share/oauth/exchange.hpp"

namespace vigil::share {
namespace {

using identity::App;
using identity::AppKind;

bool names(JsonValue list, std::string_view word) {
    if (!list.is(JsonKind::array)) return false;
    for (const auto each : list)
        if (each.string() == word) return true;
    return false;
}

AppKind kind_of(JsonValue body) {
    if (names(body["grant_types"], "client_credentials")) return AppKind::service;
    return body["token_endpoint_auth_method"].string() == "none" ? AppKind::open
                                                                 : AppKind::confidential;
}

Result<App> read_registration(const ApiContext& api, JsonValue body) {
    const auto method = body["token_endpoint_auth_method"].string();
    if (!method.empty() && method != "none" && method != "private_key_jwt")
        return fail(Error::Kind::unsupported,
                    "token_endpoint_auth_method is private_key_jwt or none");
    App app{.client_id = new_client_id(api),
            .name = std::string(body["client_name"].string()),
            .kind = kind_of(body)};
    VIGIL_TRY(uris, read_texts(body["redirect_uris"], "redirect_uris"));
    app.redirect_uris = std::move(uris);
    app.launch_uri = body["initiate_login_uri"].string();
    app.jwks_uri = body["jwks_uri"].string();
    VIGIL_TRY(jwks, read_keys(body["jwks"]));
    app.jwks = std::move(jwks);
    app.scopes = identity::split_scopes(body["scope"].string());
    if (app.kind != AppKind::service) return app;
    const auto* account = api.registry.find_account(body["vigil_account"].string());
    if (account == nullptr)
        return fail(Error::Kind::malformed, "a service names its account in vigil_account");
    app.account = account->id;
    return app;
}

std::string registered_json(const App& app) {
    std::string body;
    JsonWriter json(body);
    const auto list = [&](const char* name, const std::vector<std::string>& of) {
        json.key(name).begin_array();
        for (const auto& each : of) json.text(each);
        json.end_array();
    };
    json.begin_object().member("client_id", app.client_id).member("client_name", app.name);
    json.member(
        "client_id_issued_at",
        std::chrono::floor<std::chrono::seconds>(app.registered.time_since_epoch()).count());
    json.member("token_endpoint_auth_method",
                app.kind == AppKind::open ? "none" : "private_key_jwt");
    if (app.kind == AppKind::service)
        list("grant_types", {"client_credentials"});
    else
        list("grant_types", {"authorization_code", "refresh_token"});
    if (app.kind != AppKind::service) list("response_types", {"code"});
    list("redirect_uris", app.redirect_uris);
    if (!app.launch_uri.empty()) json.member("initiate_login_uri", app.launch_uri);
    if (!app.jwks_uri.empty()) json.member("jwks_uri", app.jwks_uri);
    json.member("scope", identity::joined_scopes(app.scopes)).end_object();
    return body;
}

void refuse(ApiContext& api, const ApiCallPtr& call, const Error& error) {
    answer_oauth(
        api, call, 400,
        error.place == "redirect_uris" ? "invalid_redirect_uri" : "invalid_client_metadata",
        error.message);
}

}  // namespace

void answer_registration(ApiContext& api, const ApiCallPtr& call) {
    if (call->who.kind == identity::Principal::Kind::nobody)
        return answer_oauth(api, call, 401, "invalid_token", "send an administrator's API token");
    if (!decide(api, call,
                {.act = store::Act::administer,
                 .areas = {identity::Area::accounts},
                 .what = "app add"}))
        return;
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return refuse(api, call, body.error());
    auto app = read_registration(api, *body);
    if (!app) return refuse(api, call, app.error());
    auto act = api.registry.plan_add_app(std::move(*app), {call->now, call->who.name});
    if (!act) return refuse(api, call, act.error());
    const auto id = std::get<identity::AppAdded>(act->body).app.id;
    give(api, call, std::move(act), [&api, id](const identity::Applied&) {
        return json_answer(registered_json(*api.registry.apps().app(id)), 201);
    });
}

}  // namespace vigil::share

// Apps: for administrators, and for whoever lets one in.
#include <charconv>
#include <utility>

#include "identity/app_scopes.hpp"
#include "share/api/api.hpp"
#include "share/api/app_shapes.hpp"
#include "share/api/web_session.hpp"
#include "share/oauth/app_state.hpp"
#include "share/shapes.hpp"

namespace vigil::share {
namespace {

using identity::App;
using identity::Area;

void list(ApiContext& api, const ApiCallPtr& call) {
    if (!decide(api, call, {.act = store::Act::read, .areas = {Area::accounts}, .what = "apps"}))
        return;
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("apps").begin_array();
    for (const auto& [id, app] : api.registry.apps().all()) write_app(json, api, app, call->now);
    json.end_array().end_object();
    answer(api, call, json_answer(std::move(body)));
}

// What the body says, over what was there.
Result<void> read_app(const ApiContext& api, JsonValue body, App& app) {
    const auto text = [&](const char* name, std::string& into) {
        if (const auto value = body[name]) into = value.string();
    };
    text("name", app.name);
    text("launch_uri", app.launch_uri);
    if (body["redirect_uris"]) {
        VIGIL_TRY(uris, read_texts(body["redirect_uris"], "redirect_uris"));
        app.redirect_uris = std::move(uris);
    }
    if (body["scopes"]) {
        VIGIL_TRY(scopes, read_texts(body["scopes"], "scopes"));
        app.scopes = std::move(scopes);
    }
    // Either takes the place of the other.
    if (const auto jwks = body["jwks"]; jwks && !jwks.is(JsonKind::null)) {
        VIGIL_TRY(keys, read_keys(jwks));
        app.jwks = std::move(keys);
        app.jwks_uri.clear();
    }
    if (const auto uri = body["jwks_uri"].string(); !uri.empty()) {
        app.jwks_uri = uri;
        if (!body["jwks"] || body["jwks"].is(JsonKind::null)) app.jwks.clear();
    }
    if (const auto name = body["account"].string(); !name.empty()) {
        const auto* account = api.registry.find_account(name);
        if (account == nullptr)
            return fail(Error::Kind::malformed, "there is no such account", "account");
        app.account = account->id;
    }
    if (body["enabled"].is(JsonKind::boolean)) app.enabled = body["enabled"].is_true();
    return {};
}

void give_app(ApiContext& api, const ApiCallPtr& call, Result<identity::Act> act,
              identity::AppId id, int status) {
    give(api, call, std::move(act), [&api, id, status, now = call->now](const identity::Applied&) {
        std::string body;
        JsonWriter json(body);
        write_app(json, api, *api.registry.apps().app(id), now);
        return json_answer(std::move(body), status);
    });
}

bool administers(ApiContext& api, const ApiCallPtr& call, std::string what) {
    return decide(
               api, call,
               {.act = store::Act::administer, .areas = {Area::accounts}, .what = std::move(what)})
               .has_value() &&
           fresh_enough(api, call);
}

void add(ApiContext& api, const ApiCallPtr& call) {
    if (!administers(api, call, "app add")) return;
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    App app{.client_id = std::string((*body)["client_id"].string())};
    if (app.client_id.empty()) app.client_id = new_client_id(api);
    const auto kind = identity::app_kind((*body)["kind"].string());
    if (!kind)
        return answer_error(
            api, call, {Error::Kind::malformed, "takes public, confidential or service", "kind"});
    app.kind = *kind;
    if (const auto read = read_app(api, *body, app); !read)
        return answer_error(api, call, read.error());
    auto act = api.registry.plan_add_app(std::move(app), {call->now, call->who.name});
    if (!act) return answer_error(api, call, act.error());
    const auto id = std::get<identity::AppAdded>(act->body).app.id;
    give_app(api, call, std::move(act), id, 201);
}

void change(ApiContext& api, const ApiCallPtr& call) {
    if (!administers(api, call, "app change")) return;
    const auto* known = api.registry.apps().find(call->captured[0]);
    if (known == nullptr)
        return answer_error(api, call, {Error::Kind::not_found, "no such app here", "client_id"});
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    auto app = *known;
    if (const auto read = read_app(api, *body, app); !read)
        return answer_error(api, call, read.error());
    const auto id = app.id;
    give_app(api, call, api.registry.plan_change_app(std::move(app), {call->now, call->who.name}),
             id, 200);
}

// --- Of one's own

void list_own(ApiContext& api, const ApiCallPtr& call) {
    const auto who = person(api, call);
    if (!who) return;
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("apps").begin_array();
    for (const auto* grant : api.registry.apps().granted_by(who->account.id, call->now)) {
        const auto* app = api.registry.apps().app(grant->app);
        if (app == nullptr) continue;
        json.begin_object().member("grant", grant->id.value);
        json.member("client_id", app->client_id).member("name", app->name);
        write_texts(json, "scopes", grant->scopes);
        json.member_or_null("patient",
                            grant->patient ? patient_id_text(grant->patient) : std::string());
        json.member("given", grant->given).member("expires", grant->expires).end_object();
    }
    json.end_array().end_object();
    answer(api, call, json_answer(std::move(body)));
}

void end_own(ApiContext& api, const ApiCallPtr& call) {
    const auto who = person(api, call);
    if (!who) return;
    const auto& text = call->captured[0];
    std::uint32_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    const auto* grant = api.registry.apps().grant(identity::GrantId{number});
    if (grant == nullptr || grant->account != who->account.id)
        return answer_error(api, call,
                            {Error::Kind::not_found, "you have let in no such app", "grant"});
    const auto id = grant->id;
    give(api, call,
         api.registry.plan_end_grant(id, "ended by whoever gave it", {call->now, call->who.name}),
         [&api, id](const identity::Applied&) {
             api.apps.tokens.revoke_all(id);
             return no_content();
         });
}

}  // namespace

void add_apps(Api& api) {
    api.add("GET", "/api/apps", list);
    api.add("POST", "/api/apps", add);
    api.add("PATCH", "/api/apps/{client}", change);
    api.add("GET", "/api/me/apps", list_own);
    api.add("DELETE", "/api/me/apps/{grant}", end_own);
}

}  // namespace vigil::share

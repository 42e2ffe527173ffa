// POST /oauth/token: codes, refresh tokens and assertions for access tokens (OAuth 2.1 3.2, 4.1.3,
// 4.2, 4.3; SMART App Launch 2.2).
#include <fmt/format.h>

#include <utility>

#include "identity/app_scopes.hpp"
#include "share/oauth/addresses.hpp"
#include "share/oauth/app_state.hpp"
#include "share/oauth/exchange.hpp"
#include "share/oauth/person_claims.hpp"

namespace vigil::share {
namespace {

using identity::App;
using identity::Grant;

constexpr std::string_view refresh_token_prefix = "vigil_rt_";
constexpr Nanoseconds access_lifetime = std::chrono::hours(1);
constexpr Nanoseconds service_lifetime = std::chrono::minutes(5);  // SMART Backend Services
constexpr Nanoseconds offline_lifetime = std::chrono::days(90);    // from its last use
constexpr Nanoseconds online_lifetime = std::chrono::hours(12);    // from the sign-in: a shift

struct RefreshToken {
    std::string family, secret;
    std::string text() const { return std::string(refresh_token_prefix) + family + '.' + secret; }
};

std::optional<RefreshToken> read_refresh_token(std::string_view text) {
    if (!text.starts_with(refresh_token_prefix)) return std::nullopt;
    text.remove_prefix(refresh_token_prefix.size());
    const auto dot = text.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    return RefreshToken{std::string(text.substr(0, dot)), std::string(text.substr(dot + 1))};
}

// What a token's answer tells beside the token.
struct Told {
    std::vector<std::string> scopes;
    std::string refresh_token;
    std::string id_token;
    PatientId patient{};
};

void answer_token(ApiContext& api, const ApiCallPtr& call, const identity::Principal& who,
                  const Told& told) {
    note_app(api, call, who, "app token", true);
    const auto lifetime = std::chrono::duration_cast<std::chrono::seconds>(who.until - call->now);
    auto token = api.apps.tokens.issue({who, told.scopes, call->now}, api.random);
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("access_token", token).member("token_type", "Bearer");
    json.member("expires_in", static_cast<std::int64_t>(lifetime.count()));
    json.member("scope", identity::joined_scopes(told.scopes));
    if (!told.refresh_token.empty()) json.member("refresh_token", told.refresh_token);
    if (!told.id_token.empty()) json.member("id_token", told.id_token);
    if (told.patient)
        json.member("patient", api.fhir_id(told.patient)).member("need_patient_banner", true);
    json.end_object();
    auto response = json_answer(std::move(body));
    response.headers.emplace_back("pragma", "no-cache");
    answer(api, call, std::move(response));
}

void invalid_grant(ApiContext& api, const ApiCallPtr& call, const App& app,
                   const std::string& why) {
    auto who = identity::nobody();
    who.token = "app:" + app.client_id;
    note_app(api, call, who, "app token", false, why);
    answer_oauth(api, call, 400, "invalid_grant", why);
}

// Somebody shows again what was used: one of the two who did is not who they should be
// (OAuth 2.1 4.3.1, 7.5.3). All that came of it ends.
void end_after_reuse(ApiContext& api, const ApiCallPtr& call, const App& app,
                     identity::GrantId grant, const char* why) {
    api.apps.tokens.revoke_all(grant);
    auto act = api.registry.plan_end_grant(grant, why, {call->now, "system"});
    if (!act) return invalid_grant(api, call, app, why);
    api.acts.give(std::move(*act), [&api, call, id = app.id, why](const auto&) {
        if (const auto* known = api.registry.apps().app(id)) invalid_grant(api, call, *known, why);
    });
}

// Once a grant is in force: its person's principal, for the scopes of this token.
std::optional<identity::Principal> principal_for(const ApiContext& api, const Grant& grant,
                                                 const std::vector<std::string>& scopes,
                                                 Timestamp now) {
    const auto* app = api.registry.apps().app(grant.app);
    const auto* account = api.registry.account(grant.account);
    if (app == nullptr || account == nullptr || !account->enabled) return std::nullopt;
    const auto until = std::min(now + access_lifetime, grant.expires);
    return identity::principal_of(*account, *app, &grant, scopes, until, api.apps.search);
}

bool tells_patient(const Grant& grant, const std::vector<std::string>& scopes) {
    return grant.patient && (identity::of_a_patient(scopes) ||
                             identity::has_scope(scopes, identity::scope_launch_patient) ||
                             identity::has_scope(scopes, identity::scope_launch));
}

void answer_grant(ApiContext& api, const ApiCallPtr& call, identity::GrantId id,
                  std::vector<std::string> scopes, const RefreshToken& refresh,
                  const identity::CodeGiven* code) {
    const auto* grant = api.registry.apps().grant(id);
    const auto who =
        grant != nullptr ? principal_for(api, *grant, scopes, call->now) : std::nullopt;
    if (!who)
        return answer_oauth(api, call, 400, "invalid_grant", "what was granted has ended since");
    Told told{.scopes = std::move(scopes), .refresh_token = {}, .id_token = {}, .patient = {}};
    if (grant->refresh) told.refresh_token = refresh.text();
    if (tells_patient(*grant, told.scopes)) told.patient = grant->patient;
    if (identity::has_scope(told.scopes, identity::scope_openid))
        told.id_token = id_token(api, *who, told.scopes, code, call->now);
    answer_token(api, call, *who, told);
}

// --- authorization_code

Nanoseconds lifetime_of(const std::vector<std::string>& scopes) {
    if (identity::has_scope(scopes, identity::scope_offline)) return offline_lifetime;
    if (identity::has_scope(scopes, identity::scope_online)) return online_lifetime;
    return access_lifetime;
}

void give_grant(ApiContext& api, const ApiCallPtr& call, identity::CodeGiven& code) {
    const auto* account = api.registry.account(code.account);
    RefreshToken refresh{identity::new_secret(api.random), identity::new_secret(api.random)};
    Grant grant{.app = code.asked.app,
                .account = code.account,
                .patient = code.patient,
                .scopes = code.scopes,
                .expires = call->now + lifetime_of(code.scopes)};
    if (lifetime_of(code.scopes) != access_lifetime) {
        grant.family = identity::sha256(refresh.family);
        grant.refresh = identity::sha256(refresh.secret);
    }
    auto act = api.registry.plan_grant(
        std::move(grant), {call->now, account != nullptr ? account->user_name : "system"});
    if (!act) return answer_oauth(api, call, 400, "invalid_grant", act.error().message);
    const auto id = std::get<identity::GrantGiven>(act->body).grant.id;
    code.grant = id;
    api.acts.give(std::move(*act), [&api, call, id, refresh, code](const auto& applied) {
        if (!applied)
            return answer_oauth(api, call, 503, "temporarily_unavailable", applied.error().message);
        answer_grant(api, call, id, code.scopes, refresh, &code);
    });
}

void by_code(ApiContext& api, const ApiCallPtr& call, const App& app,
             const fhir::Parameters& form) {
    auto* code = api.apps.authorizations.code(field(form, "code"), call->now);
    if (code == nullptr || code->asked.app != app.id)
        return invalid_grant(api, call, app, "there is no such code, or its minute is over");
    if (code->used)
        return end_after_reuse(api, call, app, code->grant, "a code was shown a second time");
    if (field(form, "redirect_uri") != code->asked.redirect_uri)
        return invalid_grant(api, call, app, "redirect_uri is not the one that was asked with");
    if (!identity::verifier_fits(field(form, "code_verifier"), code->asked.code_challenge))
        return invalid_grant(api, call, app, "code_verifier does not fit its challenge");
    code->used = true;
    code->expires = call->now + identity::Authorizations::used_lifetime;
    give_grant(api, call, *code);
}

// --- refresh_token

void renew(ApiContext& api, const ApiCallPtr& call, const Grant& grant, std::string family,
           std::vector<std::string> scopes) {
    RefreshToken next{std::move(family), identity::new_secret(api.random)};
    const bool offline = identity::has_scope(grant.scopes, identity::scope_offline);
    const auto* account = api.registry.account(grant.account);
    auto act = api.registry.plan_renew_grant(
        {.grant = grant.id,
         .used = grant.refresh,
         .refresh = identity::sha256(next.secret),
         .expires = offline ? call->now + offline_lifetime : grant.expires},
        {call->now, account != nullptr ? account->user_name : "system"});
    if (!act) return answer_oauth(api, call, 400, "invalid_grant", act.error().message);
    api.acts.give(std::move(*act), [&api, call, id = grant.id, next,
                                    scopes = std::move(scopes)](const auto& applied) {
        if (applied) return answer_grant(api, call, id, scopes, next, nullptr);
        const bool lost = applied.error().kind == Error::Kind::conflict;
        answer_oauth(api, call, lost ? 400 : 503,
                     lost ? "invalid_grant" : "temporarily_unavailable", applied.error().message);
    });
}

void by_refresh_token(ApiContext& api, const ApiCallPtr& call, const App& app,
                      const fhir::Parameters& form) {
    const auto shown = read_refresh_token(field(form, "refresh_token"));
    const auto* grant =
        shown ? api.registry.apps().of_family(identity::sha256(shown->family)) : nullptr;
    if (grant == nullptr || grant->app != app.id || grant->expires <= call->now)
        return invalid_grant(api, call, app, "there is no such refresh token, or it has ended");
    if (!identity::same_secret(identity::sha256(shown->secret), grant->refresh))
        return end_after_reuse(api, call, app, grant->id,
                               "a refresh token was shown a second time");
    const auto* account = api.registry.account(grant->account);
    if (account == nullptr || !account->enabled)
        return invalid_grant(api, call, app, "the account behind it was disabled");
    auto scopes = identity::split_scopes(field(form, "scope"));
    if (scopes.empty()) scopes = grant->scopes;
    for (const auto& scope : scopes)
        if (!identity::has_scope(grant->scopes, scope))
            return answer_oauth(api, call, 400, "invalid_scope",
                                "a refreshed token has no scope that was not granted");
    renew(api, call, *grant, shown->family, std::move(scopes));
}

// --- client_credentials

void by_credentials(ApiContext& api, const ApiCallPtr& call, const App& app,
                    const fhir::Parameters& form) {
    if (app.kind != identity::AppKind::service)
        return answer_oauth(api, call, 400, "unauthorized_client",
                            "client_credentials is for services");
    const auto* account = api.registry.account(app.account);
    if (account == nullptr || !account->enabled)
        return invalid_grant(api, call, app, "the service's account was disabled");
    const auto asked = identity::split_scopes(field(form, "scope"));
    auto scopes = identity::available_scopes(asked, app, *account).scopes;
    if (scopes.empty())
        return answer_oauth(api, call, 400, "invalid_scope",
                            "ask for scopes that the service is registered with");
    const auto who = identity::principal_of(*account, app, nullptr, scopes,
                                            call->now + service_lifetime, api.apps.search);
    answer_token(api, call, who,
                 {.scopes = std::move(scopes), .refresh_token = {}, .id_token = {}, .patient = {}});
}

}  // namespace

void answer_token_request(ApiContext& api, const ApiCallPtr& call) {
    const auto form = read_oauth_form(call->request);
    if (!form) return answer_oauth(api, call, 400, "invalid_request", form.error().message);
    using Answer = void (*)(ApiContext&, const ApiCallPtr&, const App&, const fhir::Parameters&);
    const auto type = field(*form, "grant_type");
    const Answer how = type == "authorization_code"   ? by_code
                       : type == "refresh_token"      ? by_refresh_token
                       : type == "client_credentials" ? by_credentials
                                                      : Answer{};
    if (how == nullptr)
        return answer_oauth(api, call, 400, "unsupported_grant_type",
                            "authorization_code, refresh_token or client_credentials");
    authenticate(api, call, *form,
                 [&api, call, how, form = *form](const App& app) { how(api, call, app, form); });
}

// --- The end of tokens, and what they are

namespace {

void end_grant(ApiContext& api, const ApiCallPtr& call, identity::GrantId grant) {
    api.apps.tokens.revoke_all(grant);
    auto act = api.registry.plan_end_grant(grant, "given back by the app", {call->now, "system"});
    if (!act) return answer(api, call, json_answer("{}"));
    api.acts.give(std::move(*act),
                  [&api, call](const auto&) { answer(api, call, json_answer("{}")); });
}

// Of whoever asks about a token; nothing more for a token that is not theirs (RFC 7662 4).
struct Asker {
    identity::AppId app{};
    bool all = false;
};

void write_active(JsonWriter& json, const ApiContext& api, const identity::App& app,
                  AccountId account, PatientId patient, const std::vector<std::string>& scopes) {
    const auto* who = api.registry.account(account);
    json.member("active", true).member("client_id", app.client_id);
    json.member("iss", api.apps.issuer).member("scope", identity::joined_scopes(scopes));
    if (who != nullptr) json.member("username", who->user_name).member("sub", subject_of(*who));
    if (patient) json.member("patient", api.fhir_id(patient));
}

void answer_about(ApiContext& api, const ApiCallPtr& call, std::string_view token, Asker asker) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    const auto* access = api.apps.tokens.find(token, call->now);
    const auto shown = read_refresh_token(token);
    const auto* grant =
        shown ? api.registry.apps().of_family(identity::sha256(shown->family)) : nullptr;
    const bool refreshes = grant != nullptr && call->now < grant->expires &&
                           identity::same_secret(identity::sha256(shown->secret), grant->refresh);
    const auto of = access != nullptr ? access->who.app
                    : refreshes       ? grant->app
                                      : identity::AppId{};
    const auto* app = api.registry.apps().app(of);
    const bool is_told = app != nullptr && (asker.all || asker.app == of);
    if (is_told && access != nullptr && api.registry.stands(access->who, call->now)) {
        write_active(json, api, *app, access->who.account, access->who.patient, access->scopes);
        json.member("token_type", "Bearer").member("exp", unix_seconds(access->who.until));
        json.member("iat", unix_seconds(access->issued));
    } else if (is_told && refreshes) {
        write_active(json, api, *app, grant->account, grant->patient, grant->scopes);
        json.member("exp", unix_seconds(grant->expires)).member("iat", unix_seconds(grant->given));
    } else {
        json.member("active", false);
    }
    json.end_object();
    answer(api, call, json_answer(std::move(body)));
}

}  // namespace

void answer_introspection(ApiContext& api, const ApiCallPtr& call) {
    const auto form = read_oauth_form(call->request);
    if (!form) return answer_oauth(api, call, 400, "invalid_request", form.error().message);
    const std::string token(field(*form, "token"));
    if (call->who.rights.allow(identity::Area::accounts, store::Act::administer))
        return answer_about(api, call, token, {.app = {}, .all = true});
    authenticate(api, call, *form, [&api, call, token](const App& app) {
        if (app.kind == identity::AppKind::open)
            return answer_oauth(api, call, 401, "invalid_client",
                                "introspection is for apps with a key, and administrators");
        answer_about(api, call, token, {.app = app.id, .all = false});
    });
}

// RFC 7009. A token that there is not is answered like one that there was.
void answer_revocation(ApiContext& api, const ApiCallPtr& call) {
    const auto form = read_oauth_form(call->request);
    if (!form) return answer_oauth(api, call, 400, "invalid_request", form.error().message);
    authenticate(
        api, call, *form, [&api, call, token = std::string(field(*form, "token"))](const App& app) {
            const auto* access = api.apps.tokens.find(token, call->now);
            if (access != nullptr && access->who.app == app.id) {
                api.apps.tokens.revoke(token);
                return answer(api, call, json_answer("{}"));
            }
            const auto shown = read_refresh_token(token);
            const auto* grant =
                shown ? api.registry.apps().of_family(identity::sha256(shown->family)) : nullptr;
            if (grant == nullptr || grant->app != app.id)
                return answer(api, call, json_answer("{}"));
            end_grant(api, call, grant->id);
        });
}

}  // namespace vigil::share

#include "share/oauth/person_claims.hpp"

#include "identity/app_scopes.hpp"
#include "share/oauth/app_state.hpp"

namespace vigil::share {
namespace {

constexpr Nanoseconds id_token_lifetime = std::chrono::minutes(10);

// The FHIR resource that stands for the person; empty: none does.
std::string fhir_user(const ApiContext& api, const identity::Account& account, Timestamp now) {
    for (const auto* relation : api.registry.relations_of(account.id))
        if (relation->kind == identity::Relationship::self && relation->from <= now &&
            now < relation->to)
            if (const auto id = api.fhir_id(relation->patient); !id.empty())
                return api.apps.fhir_base + "/Patient/" + id;
    if (!account.fhir_user.empty()) return api.apps.fhir_base + "/" + account.fhir_user;
    return {};
}

}  // namespace

std::string subject_of(const identity::Account& account) {
    return "account-" + std::to_string(account.id.value);
}

std::int64_t unix_seconds(Timestamp time) {
    return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

void write_person(JsonWriter& json, const ApiContext& api, const identity::Account& account,
                  const std::vector<std::string>& scopes, Timestamp now) {
    using identity::has_scope;
    json.member("sub", subject_of(account));
    const bool profile = has_scope(scopes, identity::scope_profile),
               user = has_scope(scopes, identity::scope_fhir_user);
    if (profile || user) {
        json.member("preferred_username", account.user_name);
        if (!account.display_name.empty()) json.member("name", account.display_name);
    }
    if (!profile && !user) return;
    // `profile` asked for the same in version 1 of SMART App Launch.
    if (const auto resource = fhir_user(api, account, now); !resource.empty())
        json.member("fhirUser", resource);
}

std::string id_token(const ApiContext& api, const identity::Principal& who,
                     const std::vector<std::string>& scopes, const identity::CodeGiven* code,
                     Timestamp now) {
    const auto* account = api.registry.account(who.account);
    const auto* app = api.registry.apps().app(who.app);
    if (account == nullptr || app == nullptr) return {};
    std::string claims;
    JsonWriter json(claims);
    json.begin_object().member("iss", api.apps.issuer).member("aud", app->client_id);
    json.member("iat", unix_seconds(now)).member("exp", unix_seconds(now + id_token_lifetime));
    if (code != nullptr) {
        json.member("auth_time", unix_seconds(code->authenticated));
        if (!code->asked.nonce.empty()) json.member("nonce", code->asked.nonce);
    }
    write_person(json, api, *account, scopes, now);
    json.end_object();
    return api.apps.signing.sign(claims, now);
}

}  // namespace vigil::share

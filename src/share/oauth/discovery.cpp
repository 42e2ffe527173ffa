// What clients may find out by themselves: SMART App Launch 2.2 "Conformance", OpenID Connect
// Discovery 1.0, RFC 8414, RFC 7517.
#include <array>
#include <string_view>
#include <utility>

#include "identity/app_scopes.hpp"
#include "share/oauth/addresses.hpp"
#include "share/oauth/app_state.hpp"
#include "share/oauth/exchange.hpp"
#include "share/oauth/person_claims.hpp"

namespace vigil::share {
namespace {

template <std::size_t count>
void list(JsonWriter& json, std::string_view name, const std::array<std::string_view, count>& of) {
    json.key(name).begin_array();
    for (const auto& each : of) json.text(each);
    json.end_array();
}

constexpr std::array<std::string_view, 2> authentications{"private_key_jwt", "none"};
constexpr std::array<std::string_view, 1> introspection_authentications{"private_key_jwt"};
constexpr std::array<std::string_view, 4> assertion_algorithms{"ES384", "RS384", "ES256", "RS256"};
constexpr std::array<std::string_view, 14> scopes_supported{
    "openid",         "profile",        "fhirUser",        "launch",       "launch/patient",
    "offline_access", "online_access",  "patient/*.cruds", "user/*.cruds", "system/*.cruds",
    "patient/*.rs",   "patient/*.read", "user/*.rs",       "system/*.rs"};
// The capabilities that this server has (SMART App Launch 2.2 8.1.4).
constexpr std::array<std::string_view, 15> capabilities{
    "launch-ehr",          "launch-standalone",
    "client-public",       "client-confidential-asymmetric",
    "sso-openid-connect",  "context-banner",
    "context-ehr-patient", "context-standalone-patient",
    "permission-offline",  "permission-online",
    "permission-patient",  "permission-user",
    "permission-v1",       "permission-v2",
    "authorize-post"};

void write_server(JsonWriter& json, const AppState& apps) {
    json.member("issuer", apps.issuer).member("jwks_uri", apps.address("/oauth/keys"));
    json.member("authorization_endpoint", apps.address("/oauth/authorize"));
    json.member("token_endpoint", apps.address("/oauth/token"));
    json.member("introspection_endpoint", apps.address("/oauth/introspect"));
    json.member("revocation_endpoint", apps.address("/oauth/revoke"));
    json.member("registration_endpoint", apps.address("/oauth/register"));
    list(json, "token_endpoint_auth_methods_supported", authentications);
    list(json, "token_endpoint_auth_signing_alg_values_supported", assertion_algorithms);
    list(json, "introspection_endpoint_auth_methods_supported", introspection_authentications);
    list(json, "introspection_endpoint_auth_signing_alg_values_supported", assertion_algorithms);
    list(json, "grant_types_supported",
         std::array<std::string_view, 3>{"authorization_code", "refresh_token",
                                         "client_credentials"});
    list(json, "response_types_supported", std::array<std::string_view, 1>{"code"});
    list(json, "code_challenge_methods_supported", std::array<std::string_view, 1>{"S256"});
    list(json, "scopes_supported", scopes_supported);
    json.member("authorization_response_iss_parameter_supported", true);  // RFC 9207
}

void answer_document(ApiContext& api, const ApiCallPtr& call, std::string body) {
    auto response = json_answer(std::move(body));
    for (auto& [name, value] : response.headers)
        if (name == "cache-control") value = "public, max-age=300";
    answer(api, call, std::move(response));
}

}  // namespace

void answer_smart_configuration(ApiContext& api, const ApiCallPtr& call) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    write_server(json, api.apps);
    list(json, "capabilities", capabilities);
    json.member("management_endpoint", api.apps.address("/account")).end_object();
    answer_document(api, call, std::move(body));
}

void answer_openid_configuration(ApiContext& api, const ApiCallPtr& call) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    write_server(json, api.apps);
    json.member("userinfo_endpoint", api.apps.address("/oauth/userinfo"));
    list(json, "subject_types_supported", std::array<std::string_view, 1>{"public"});
    list(json, "id_token_signing_alg_values_supported", std::array<std::string_view, 1>{"RS256"});
    list(json, "claims_supported",
         std::array<std::string_view, 8>{"sub", "iss", "aud", "exp", "iat", "name",
                                         "preferred_username", "fhirUser"});
    json.end_object();
    answer_document(api, call, std::move(body));
}

void answer_keys(ApiContext& api, const ApiCallPtr& call) {
    answer_document(api, call, api.apps.signing.jwks(call->now));
}

void answer_userinfo(ApiContext& api, const ApiCallPtr& call) {
    const auto header = call->request.header("authorization").value_or("");
    const auto* token =
        header.starts_with("Bearer ") ? api.apps.tokens.find(header.substr(7), call->now) : nullptr;
    const auto* account = token != nullptr && api.registry.stands(token->who, call->now)
                              ? api.registry.account(token->who.account)
                              : nullptr;
    if (account == nullptr)
        return answer_oauth(api, call, 401, "invalid_token", "show an access token that is good");
    if (!identity::has_scope(token->scopes, identity::scope_openid))
        return answer_oauth(api, call, 403, "insufficient_scope", "the token has no scope openid");
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    write_person(json, api, *account, token->scopes, call->now);
    json.end_object();
    answer(api, call, json_answer(std::move(body)));
}

}  // namespace vigil::share

#include "share/oauth/door.hpp"

#include <utility>

#include "share/oauth/addresses.hpp"

namespace vigil::share {
namespace {

constexpr std::string_view smart_configuration = "/fhir/.well-known/smart-configuration";
constexpr std::string_view register_path = "/oauth/register";

// Pages of any site: nothing here follows from who is signed in at the browser.
void share_with_all(session::HttpHeaders& headers) {
    headers.emplace_back("access-control-allow-origin", "*");
}

session::HttpResponse preflight() {
    session::HttpResponse response{
        .status = 204,
        .headers = {{"access-control-allow-methods", "GET, POST"},
                    {"access-control-allow-headers", "authorization, content-type"},
                    {"access-control-max-age", "600"}},
        .body = {},
        .next_part = {}};
    share_with_all(response.headers);
    return response;
}

}  // namespace

OAuthDoor::OAuthDoor(ApiContext& context, Api& api) : context_(context), api_(api) {
    add("GET", "/oauth/authorize", answer_authorization);
    add("POST", "/oauth/authorize", answer_authorization);
    add("POST", "/oauth/token", answer_token_request);
    add("POST", "/oauth/introspect", answer_introspection);
    add("POST", "/oauth/revoke", answer_revocation);
    add("POST", register_path, answer_registration);
    add("GET", "/oauth/keys", answer_keys);
    add("GET", "/oauth/userinfo", answer_userinfo);
    add("POST", "/oauth/userinfo", answer_userinfo);
    add("GET", smart_configuration, answer_smart_configuration);
    add("GET", "/.well-known/openid-configuration", answer_openid_configuration);
    add("GET", "/.well-known/oauth-authorization-server", answer_openid_configuration);
}

void OAuthDoor::add(std::string_view method, std::string_view path, Handler handler) {
    router_.add(method, path);
    handlers_.push_back(handler);
}

bool OAuthDoor::owns(std::string_view path) {
    return path.starts_with("/oauth/") || path.starts_with("/.well-known/") ||
           path == smart_configuration;
}

void OAuthDoor::handle(session::HttpRequest request, session::HttpRespond respond) {
    const bool shared = request.path != "/oauth/authorize" && request.path != register_path;
    if (shared && request.method == "OPTIONS") return respond(preflight());
    const auto match = router_.match(request.method, request.path);
    if (!match) {
        auto response = error_answer(match.error());
        if (match.error().kind == Error::Kind::unsupported) response.status = 405;
        return respond(std::move(response));
    }
    if (shared)
        respond = [respond = std::move(respond)](session::HttpResponse response) {
            share_with_all(response.headers);
            respond(std::move(response));
        };
    auto call = std::make_shared<ApiCall>();
    // A token of the API may register and introspect; a cookie counts for nothing.
    if (request.header("authorization").value_or("").starts_with("Bearer "))
        if (auto who = api_.who(request)) call->who = std::move(*who);
    call->request = std::move(request);
    call->respond = std::move(respond);
    call->now = context_.now();
    handlers_[match->handler](context_, call);
}

}  // namespace vigil::share

// GET and POST /oauth/authorize: an app asks, and its person is led to the page that asks them
// (OAuth 2.1 4.1.1, SMART App Launch 2.2, OpenID Connect Core 1.0 3.1.2).
#include <algorithm>
#include <utility>

#include "identity/app_scopes.hpp"
#include "share/oauth/addresses.hpp"
#include "share/oauth/app_state.hpp"
#include "share/oauth/exchange.hpp"
#include "share/oauth/redirect.hpp"

namespace vigil::share {
namespace {

constexpr std::size_t state_bytes_max = 1'000, nonce_bytes_max = 255;
constexpr std::size_t id_bytes_max = 6'000;  // it stands in an address

// Whoever asks may not be who they say: nobody is sent anywhere.
void tell_person(ApiContext& api, const ApiCallPtr& call, std::string_view message) {
    auto response = json_answer("This app could not be opened: " + std::string(message) +
                                    ".\nGo back, and tell whoever runs the app.\n",
                                400);
    for (auto& [name, value] : response.headers)
        if (name == "content-type") value = "text/plain; charset=utf-8";
    answer(api, call, std::move(response));
}

struct Wrong {
    std::string_view code, message;
};

std::optional<Wrong> wrong_flow(const fhir::Parameters& asked) {
    if (field(asked, "response_type") != "code")
        return Wrong{"unsupported_response_type", "response_type is code"};
    if (const auto mode = field(asked, "response_mode"); !mode.empty() && mode != "query")
        return Wrong{"invalid_request", "response_mode is query"};
    if (!field(asked, "request").empty() || !field(asked, "request_uri").empty())
        return Wrong{"request_not_supported", "the request stands in the parameters themselves"};
    if (field(asked, "code_challenge_method") != "S256" ||
        !identity::is_challenge(field(asked, "code_challenge")))
        return Wrong{"invalid_request", "send a code_challenge with code_challenge_method=S256"};
    if (field(asked, "prompt") == "none")
        return Wrong{"interaction_required", "this server always asks its person"};
    return std::nullopt;
}

std::optional<Wrong> wrong_words(const fhir::Parameters& asked, std::string_view fhir_base) {
    const auto state = field(asked, "state");
    if (state.empty() || state.size() > state_bytes_max)
        return Wrong{"invalid_request", "send a state of 1 to 1,000 bytes"};
    if (field(asked, "nonce").size() > nonce_bytes_max)
        return Wrong{"invalid_request", "a nonce has at most 255 bytes"};
    auto audience = field(asked, "aud");
    while (audience.ends_with('/')) audience.remove_suffix(1);
    if (audience != fhir_base) return Wrong{"invalid_request", "aud is this server's FHIR base"};
    if (identity::split_scopes(field(asked, "scope")).empty())
        return Wrong{"invalid_scope", "ask for a scope"};
    return std::nullopt;
}

void send_back(ApiContext& api, const ApiCallPtr& call, const fhir::Parameters& asked,
               const Wrong& wrong) {
    fhir::Parameters with{{"error", std::string(wrong.code)},
                          {"error_description", std::string(wrong.message)}};
    if (const auto state = field(asked, "state"); state.size() <= state_bytes_max)
        with.emplace_back("state", state);
    answer(
        api, call,
        see_other(redirect_back(field(asked, "redirect_uri"), std::move(with), api.apps.issuer)));
}

// Nothing: no launch was named, or one that is not this app's to use.
std::optional<identity::Launch> launch_of(const ApiContext& api, const fhir::Parameters& asked,
                                          const identity::App& app, Timestamp now) {
    const auto* launch = api.apps.authorizations.launch(field(asked, "launch"), now);
    if (launch == nullptr || launch->app != app.id) return std::nullopt;
    return *launch;
}

void ask_person(ApiContext& api, const ApiCallPtr& call, const fhir::Parameters& asked,
                const identity::App& app) {
    identity::Asked held{.app = app.id,
                         .redirect_uri = std::string(field(asked, "redirect_uri")),
                         .state = std::string(field(asked, "state")),
                         .nonce = std::string(field(asked, "nonce")),
                         .code_challenge = std::string(field(asked, "code_challenge")),
                         .scopes = identity::split_scopes(field(asked, "scope")),
                         .launch = launch_of(api, asked, app, call->now)};
    if (!held.launch && !field(asked, "launch").empty())
        return send_back(api, call, asked,
                         {"invalid_request", "this launch is over: open the app again"});
    const auto id = api.apps.authorizations.ask(std::move(held), call->now);
    if (id.size() > id_bytes_max)
        return send_back(api, call, asked, {"invalid_request", "ask for less in one request"});
    answer(api, call, see_other("/authorize/" + id));
}

Result<fhir::Parameters> parameters_of(const session::HttpRequest& request) {
    if (request.method == "POST") return read_oauth_form(request);
    return check_fields(request.query);
}

}  // namespace

void answer_authorization(ApiContext& api, const ApiCallPtr& call) {
    const auto asked = parameters_of(call->request);
    if (!asked) return tell_person(api, call, asked.error().message);
    const auto* app = api.registry.apps().find(field(*asked, "client_id"));
    if (app == nullptr || !app->enabled || app->kind == identity::AppKind::service)
        return tell_person(api, call, "no app of this client_id is registered here");
    // The whole of it, byte for byte (OAuth 2.1 4.1.1).
    if (std::ranges::find(app->redirect_uris, field(*asked, "redirect_uri")) ==
        app->redirect_uris.end())
        return tell_person(api, call, "its redirect_uri is not one that it is registered with");
    if (const auto wrong = wrong_flow(*asked)) return send_back(api, call, *asked, *wrong);
    if (const auto wrong = wrong_words(*asked, api.apps.fhir_base))
        return send_back(api, call, *asked, *wrong);
    ask_person(api, call, *asked, *app);
}

}  // namespace vigil::share

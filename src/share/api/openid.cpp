// Signing in through the hospital's own provider (OpenID Connect Core 1.0, code flow): the browser
// is sent there, comes back with a code, and has a session as after a password.
#include <fmt/format.h>

#include <utility>

#include "share/api/api.hpp"
#include "share/api/factor_proof.hpp"
#include "share/api/session_cookie.hpp"
#include "share/api/web_session.hpp"
#include "share/openid/client.hpp"

namespace vigil::share {
namespace {

constexpr std::string_view callback_path = "/api/session/openid/callback";
constexpr std::string_view ticket_prefix = "ticket.";

session::HttpResponse redirect(std::string location) {
    return {.status = 303,
            .headers = {{"location", std::move(location)}, {"cache-control", "no-store"}}};
}

// Back at the sign-in page, which has words for `what`.
void back(ApiContext& api, const ApiCallPtr& call, std::string_view what) {
    auto response = redirect(fmt::format("/?sign-in={}", what));
    response.headers.emplace_back("set-cookie", end_provider_cookie(api, call->request));
    answer(api, call, std::move(response));
}

void refuse(ApiContext& api, const ApiCallPtr& call, std::string_view what, std::string why) {
    api.sign_in.refuse_vouched(call->request.peer.address, api.now(), std::move(why));
    back(api, call, what);
}

// As the provider knows it: what it sends a browser back to.
std::string redirect_uri(const ApiContext& api, const ApiCall& call) {
    return relying_party(api, call.request).origin + std::string(callback_path);
}

// By what ways somebody may sign in: asked by the sign-in page, which knows nobody yet.
void ways(ApiContext& api, const ApiCallPtr& call) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("password", true).key("openid");
    if (api.openid_client == nullptr)
        json.null();
    else
        json.begin_object()
            .member("name", api.openid_client->provider.settings().name)
            .end_object();
    json.end_object();
    answer(api, call, json_answer(std::move(body)));
}

void begin(ApiContext& api, const ApiCallPtr& call) {
    if (api.openid_client == nullptr) return back(api, call, "none");
    const auto handshake = api.openid_client->handshakes.begin(call->now);
    api.openid_client->provider.address(
        handshake, redirect_uri(api, *call),
        [&api, call, cookie = handshake.cookie](const Result<std::string>& address) {
            if (!address) return refuse(api, call, "provider", address.error().message);
            auto response = redirect(*address);
            response.headers.emplace_back("set-cookie",
                                          set_provider_cookie(api, call->request, cookie));
            answer(api, call, std::move(response));
        });
}

// The ticket of the second step does not stand in an address, where it would be remembered.
void ask_factor(ApiContext& api, const ApiCallPtr& call, AccountId account) {
    const auto ticket =
        api.second_factor.open_ticket(account, call->request.peer.address, api.now());
    auto response = redirect("/?sign-in=factor");
    response.headers.emplace_back(
        "set-cookie", set_provider_cookie(api, call->request, std::string(ticket_prefix) + ticket));
    answer(api, call, std::move(response));
}

void let_in(ApiContext& api, const ApiCallPtr& call, const std::string& user_name) {
    const auto step =
        api.sign_in.vouched(user_name, call->request.peer.address,
                            api.openid_client->provider.settings().trusts_second_factor, api.now());
    const auto* account = step ? api.registry.account(step->who.account) : nullptr;
    if (account == nullptr)
        return back(api, call,
                    !step && step.error().kind == Error::Kind::forbidden ? "disabled" : "unknown");
    if (step->next == identity::NextStep::factor) return ask_factor(api, call, account->id);
    auto opened = admitted(api, *call, *account, step->next == identity::NextStep::set_up);
    auto response = redirect("/?sign-in=done");
    for (auto& field : opened.headers)
        if (field.first == "set-cookie") response.headers.push_back(std::move(field));
    response.headers.emplace_back("set-cookie", end_provider_cookie(api, call->request));
    answer(api, call, std::move(response));
}

// Where the site says so, whom the provider knows gets an account here.
void welcome(ApiContext& api, const ApiCallPtr& call, const openid::Vouched& who) {
    if (api.registry.find_account(who.user_name) != nullptr || !who.role)
        return let_in(api, call, who.user_name);
    identity::Account account{
        .user_name = who.user_name, .display_name = who.display_name, .role = *who.role};
    auto act = api.registry.plan_add_account(std::move(account), {api.now(), "openid"});
    if (!act) return refuse(api, call, "unknown", act.error().message);
    api.acts.give(std::move(*act),
                  [&api, call, name = who.user_name](const Result<identity::Applied>& applied) {
                      if (!applied) return refuse(api, call, "busy", applied.error().message);
                      let_in(api, call, name);
                  });
}

void callback(ApiContext& api, const ApiCallPtr& call) {
    if (api.openid_client == nullptr) return back(api, call, "none");
    const auto& request = call->request;
    const auto cookie = provider_cookie(api, request);
    const auto handshake =
        cookie ? api.openid_client->handshakes.of(*cookie, call->now) : std::nullopt;
    const auto state = request.parameter("state").value_or("");
    if (!handshake || !identity::same_secret(handshake->state, state))
        return refuse(api, call, "over", "this browser began no such sign-in, or too long ago");
    const auto& issuer = api.openid_client->provider.settings().issuer;
    if (request.parameter("iss").value_or(issuer) != issuer)  // RFC 9207 2.4
        return refuse(api, call, "refused", "another provider answered");
    if (const auto error = request.parameter("error"))
        return refuse(api, call, *error == "access_denied" ? "cancelled" : "provider",
                      "the provider did not sign them in");
    const std::string code(request.parameter("code").value_or(""));
    if (code.empty()) return refuse(api, call, "provider", "the provider gave no code");
    api.openid_client->provider.redeem(
        code, *handshake, redirect_uri(api, *call),
        [&api, call](const Result<openid::Vouched>& who) {
            if (who) return welcome(api, call, *who);
            const auto& error = who.error();
            refuse(api, call, error.kind == Error::Kind::forbidden ? "refused" : "provider",
                   error.message);
        });
}

// What the sign-in page asks once it is back: the same that the right password is answered with.
void second_step(ApiContext& api, const ApiCallPtr& call) {
    const auto cookie = provider_cookie(api, call->request).value_or("");
    const auto ticket = cookie.starts_with(ticket_prefix) ? cookie.substr(ticket_prefix.size())
                                                          : std::string_view();
    const auto holder = api.second_factor.look(ticket, call->request.peer.address, call->now);
    auto response =
        holder ? factor_asked(api, **holder, ticket)
               : refused(401, "unauthenticated", "this took too long: sign in again", "ticket");
    response.headers.emplace_back("set-cookie", end_provider_cookie(api, call->request));
    answer(api, call, std::move(response));
}

}  // namespace

void add_openid(Api& api) {
    api.add("GET", "/api/session/ways", ways, Api::For::everyone);
    api.add("GET", "/api/session/openid", begin, Api::For::everyone);
    api.add("POST", "/api/session/openid", second_step, Api::For::everyone);
    api.add("GET", callback_path, callback, Api::For::everyone);
}

}  // namespace vigil::share

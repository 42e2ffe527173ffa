#include "share/api/web_session.hpp"

#include <charconv>
#include <utility>

#include "share/api/session_cookie.hpp"

namespace vigil::share {
namespace {

session::HttpResponse not_fresh() {
    return refused(403, "not-fresh", "enter your password again first", "");
}

}  // namespace

std::string session_json(const ApiContext& api, const identity::Account& account,
                         const identity::SignIn& session, std::string_view csrf, Timestamp now) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("account").begin_object().member("username", account.user_name);
    json.member("display_name",
                account.display_name.empty() ? account.user_name : account.display_name);
    json.member("role", identity::to_string(account.role)).end_object();
    json.member("csrf", csrf).member("expires", session.expires).member("server_time", now);
    json.member("set_up_first", session.setting_up);
    json.member("version", api.version).end_object();
    return body;
}

session::HttpResponse admitted(ApiContext& api, const ApiCall& call,
                               const identity::Account& account, bool setting_up) {
    const auto now = api.now();
    const auto agent = call.request.header("user-agent").value_or("");
    const auto opened = api.sessions.open(account.id, now, api.random, call.request.peer.address,
                                          std::string(agent), setting_up);
    auto response = json_answer(session_json(
        api, account, {.expires = opened.expires, .setting_up = setting_up}, opened.csrf, now));
    response.headers.emplace_back("set-cookie",
                                  set_session_cookie(api, call.request, opened.cookie));
    return response;
}

session::HttpResponse factor_asked(const ApiContext& api, const identity::Account& account,
                                   std::string_view ticket) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("error").begin_object().member("kind", "second-factor");
    json.member("message", "now the code of your second factor").member("place", "");
    json.member("ticket", ticket);
    json.member("expires", api.now() + identity::FactorTickets::lifetime);
    const auto& factors = api.registry.factors().of(account.id);
    json.member("totp", factors.totp.has_value()).member("passkey", !factors.passkeys.empty());
    json.end_object().end_object();
    return json_answer(std::move(body), 401);
}

std::optional<Person> person(ApiContext& api, const ApiCallPtr& call) {
    const auto cookie = session_cookie(api, call->request).value_or("");
    const bool browser = !call->who.token_id && !call->request.header("authorization");
    const auto* session = browser ? api.sessions.find(cookie, call->now) : nullptr;
    const auto* account = session ? api.registry.account(session->account) : nullptr;
    if (account != nullptr) return Person{*account, *session, cookie};
    answer_error(api, call,
                 {Error::Kind::forbidden, "this is for people who are signed in at a browser", ""});
    return std::nullopt;
}

std::optional<Person> fresh_person(ApiContext& api, const ApiCallPtr& call) {
    auto found = person(api, call);
    if (!found || api.sessions.fresh(found->session, call->now)) return found;
    answer(api, call, not_fresh());
    return std::nullopt;
}

bool fresh_enough(ApiContext& api, const ApiCallPtr& call) {
    const auto cookie = session_cookie(api, call->request);
    if (!cookie || call->who.token_id || !call->who.account) return true;
    const auto* session = api.sessions.find(*cookie, call->now);
    if (session && api.sessions.fresh(*session, call->now)) return true;
    answer(api, call, not_fresh());
    return false;
}

void note(ApiContext& api, const ApiCallPtr& call, std::string what) {
    api.desk.note(call->who,
                  {.act = store::Act::write,
                   .subjects = {},
                   .what = std::move(what),
                   .purpose = "account",
                   .from = call->request.peer.address,
                   .at = call->now},
                  true);
}

session::HttpResponse sign_in_error(const Error& error) {
    if (error.kind != Error::Kind::busy) return error_answer(error);
    int wait_s = 1;
    std::from_chars(error.place.data(), error.place.data() + error.place.size(), wait_s);
    return try_later(429, error.message, wait_s);
}

}  // namespace vigil::share

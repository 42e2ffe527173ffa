// POST, GET and DELETE /api/session.
#include <fmt/format.h>

#include <charconv>

#include "identity/password.hpp"
#include "share/api/api.hpp"
#include "share/api/session_cookie.hpp"

namespace vigil::share {
namespace {

std::string session_json(const ApiContext& api, const identity::Account& account,
                         std::string_view csrf, Timestamp expires, Timestamp now) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("account").begin_object().member("username", account.user_name);
    json.member("display_name",
                account.display_name.empty() ? account.user_name : account.display_name);
    json.member("role", identity::to_string(account.role)).end_object();
    json.member("csrf", csrf).member("expires", expires).member("server_time", now);
    json.member("version", api.version).end_object();
    return body;
}

void admit(ApiContext& api, const ApiCallPtr& call, const identity::Account& account) {
    const auto now = api.now();
    const auto agent = call->request.header("user-agent").value_or("");
    const auto session = api.sessions.open(account.id, now, api.random, call->request.peer.address,
                                           std::string(agent));
    auto response = json_answer(session_json(api, account, session.csrf, session.expires, now));
    response.headers.emplace_back("set-cookie",
                                  set_session_cookie(api, call->request, session.cookie));
    answer(api, call, std::move(response));
}

void sign_in(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    auto check =
        api.sign_in.begin((*body)["username"].string(), call->request.peer.address, call->now);
    if (!check) {
        int wait_s = 1;
        const auto& place = check.error().place;
        std::from_chars(place.data(), place.data() + place.size(), wait_s);
        return answer(api, call, try_later(429, check.error().message, wait_s));
    }
    api.on_worker([&api, call, check = std::move(*check),
                   password = std::string((*body)["password"].string())] {
        const bool matched = password.size() <= identity::password_bytes_max &&
                             identity::verify_password(password, check.hash);
        api.on_loop([&api, call, check, matched] {
            const auto who = api.sign_in.finish(check, matched, api.now());
            const auto* account = who ? api.registry.account(who->account) : nullptr;
            if (account == nullptr)
                return answer(api, call, unauthenticated("the name or the password is wrong"));
            admit(api, call, *account);
        });
    });
}

void show(ApiContext& api, const ApiCallPtr& call) {
    const auto* account = api.registry.account(call->who.account);
    const auto cookie = session_cookie(api, call->request).value_or("");
    const auto* session = api.sessions.find(cookie, call->now);
    if (account == nullptr) return answer(api, call, unauthenticated("sign in first"));
    answer(api, call,
           json_answer(session_json(
               api, *account, session != nullptr ? identity::Sessions::csrf(cookie) : "",
               session != nullptr ? session->expires : identity::end_of_time, call->now)));
}

void sign_out(ApiContext& api, const ApiCallPtr& call) {
    if (const auto cookie = session_cookie(api, call->request)) api.sessions.close(*cookie);
    api.live.access_changed();
    auto response = no_content();
    response.headers.emplace_back("set-cookie", end_session_cookie(api, call->request));
    answer(api, call, std::move(response));
}

}  // namespace

void add_sign_in(Api& api) {
    api.add("POST", "/api/session", sign_in, true);
    api.add("GET", "/api/session", show);
    api.add("DELETE", "/api/session", sign_out);
}

}  // namespace vigil::share

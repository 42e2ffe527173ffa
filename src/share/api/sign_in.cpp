// POST, GET and DELETE /api/session.
#include <fmt/format.h>

#include "identity/password.hpp"
#include "share/api/api.hpp"

namespace vigil::share {
namespace {

constexpr std::string_view cookie_name = "vigil_session";
constexpr std::size_t user_name_bytes_max = 256;

std::string session_json(const ApiContext& api, const identity::Account& account, std::string_view csrf,
                         Timestamp expires, Timestamp now) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("account").begin_object().member("username", account.user_name);
    json.member("display_name", account.display_name.empty() ? account.user_name : account.display_name);
    json.member("role", identity::to_string(account.role)).end_object();
    json.member("csrf", csrf).member("expires", expires).member("server_time", now);
    json.member("version", api.version).end_object();
    return body;
}

std::string cookie_header(const ApiContext& api, std::string_view value, std::string_view more) {
    return fmt::format("{}={}; HttpOnly; SameSite=Strict; Path=/{}{}", cookie_name, value,
                       api.secure_cookies ? "; Secure" : "", more);
}

void note(ApiContext& api, const ApiCallPtr& call, std::string_view user_name, bool permitted,
          std::string reason) {
    auto who = identity::nobody();
    who.name = user_name;
    api.desk.note(who,
                  {.act = store::Act::read,
                   .what = "sign in",
                   .purpose = "sign in",
                   .from = call->request.peer.address,
                   .at = call->now},
                  permitted, std::move(reason));
}

void refuse(ApiContext& api, const ApiCallPtr& call, const std::string& user_name) {
    api.guard.failed(user_name, call->request.peer.address, api.now());
    note(api, call, user_name, false, "wrong name or password");
    answer(api, call, unauthenticated("the name or the password is wrong"));
}

void admit(ApiContext& api, const ApiCallPtr& call, const identity::Account& account) {
    const auto now = api.now();
    api.guard.succeeded(account.user_name, call->request.peer.address, now);
    const auto agent = call->request.header("user-agent").value_or("");
    const auto session = api.sessions.open(account.id, now, api.random, call->request.peer.address,
                                           std::string(agent));
    note(api, call, account.user_name, true, "");
    auto response = json_answer(session_json(api, account, session.csrf, session.expires, now));
    response.headers.emplace_back("set-cookie", cookie_header(api, session.cookie, ""));
    answer(api, call, std::move(response));
}

void sign_in(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const std::string user_name((*body)["username"].string());
    std::string password((*body)["password"].string());
    if (user_name.empty() || user_name.size() > user_name_bytes_max ||
        password.size() > identity::password_bytes_max)
        return answer(api, call, unauthenticated("the name or the password is wrong"));
    if (const auto wait = api.guard.wait(user_name, call->request.peer.address, call->now);
        wait > Nanoseconds(0)) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
        return answer(api, call, try_later(429, "too many failed sign-ins: wait and try again",
                                           static_cast<int>(seconds)));
    }
    const auto* account = api.registry.find_account(user_name);
    // An unknown name costs as much time as a wrong password.
    const auto hash = account != nullptr && account->enabled ? account->password_hash : std::string();
    api.on_worker([&api, call, user_name, hash, password = std::move(password)] {
        const bool right = identity::verify_password(password, hash);
        api.on_loop([&api, call, user_name, right] {
            const auto* found = api.registry.find_account(user_name);
            if (right && found != nullptr && found->enabled)
                admit(api, call, *found);
            else
                refuse(api, call, user_name);
        });
    });
}

void show(ApiContext& api, const ApiCallPtr& call) {
    const auto* account = api.registry.account(call->who.account);
    const auto cookie = call->request.cookie(cookie_name).value_or("");
    const auto* session = api.sessions.find(cookie, call->now);
    if (account == nullptr) return answer(api, call, unauthenticated("sign in first"));
    answer(api, call,
           json_answer(session_json(api, *account, session != nullptr ? identity::Sessions::csrf(cookie) : "",
                                    session != nullptr ? session->expires : identity::end_of_time,
                                    call->now)));
}

void sign_out(ApiContext& api, const ApiCallPtr& call) {
    if (const auto cookie = call->request.cookie(cookie_name)) api.sessions.close(*cookie);
    auto response = no_content();
    response.headers.emplace_back("set-cookie", cookie_header(api, "", "; Max-Age=0"));
    answer(api, call, std::move(response));
}

}  // namespace

void add_sign_in(Api& api) {
    api.add("POST", "/api/session", sign_in, true);
    api.add("GET", "/api/session", show);
    api.add("DELETE", "/api/session", sign_out);
}

}  // namespace vigil::share

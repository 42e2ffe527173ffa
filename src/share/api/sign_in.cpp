// POST, GET and DELETE /api/session, and the steps beside the password.
#include <utility>

#include "identity/password.hpp"
#include "share/api/api.hpp"
#include "share/api/factor_proof.hpp"
#include "share/api/session_cookie.hpp"
#include "share/api/web_session.hpp"

namespace vigil::share {
namespace {

// Checks a password on a worker; `then` runs on the loop. Too many failures are answered here.
void check_password(ApiContext& api, const ApiCallPtr& call, std::string_view user_name,
                    std::string password,
                    std::function<void(const identity::PasswordCheck&, bool matched)> then) {
    auto check = api.sign_in.begin(user_name, call->request.peer.address, call->now);
    if (!check) return answer(api, call, sign_in_error(check.error()));
    api.on_worker(
        [&api, check = std::move(*check), password = std::move(password), then = std::move(then)] {
            const bool matched = password.size() <= identity::password_bytes_max &&
                                 identity::verify_password(password, check.hash);
            api.on_loop([check, matched, then] { then(check, matched); });
        });
}

void sign_in(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    check_password(
        api, call, (*body)["username"].string(), std::string((*body)["password"].string()),
        [&api, call](const identity::PasswordCheck& check, bool matched) {
            const auto step = api.sign_in.first_step(check, matched, api.now());
            const auto* account = step ? api.registry.account(step->who.account) : nullptr;
            if (account == nullptr)
                return answer(api, call, unauthenticated("the name or the password is wrong"));
            if (step->next == identity::NextStep::factor)
                return answer(
                    api, call,
                    factor_asked(api, *account,
                                 api.second_factor.open_ticket(
                                     account->id, call->request.peer.address, api.now())));
            answer(api, call,
                   admitted(api, *call, *account, step->next == identity::NextStep::set_up));
        });
}

session::HttpResponse let_in(ApiContext& api, const ApiCall& call, const std::string& ticket,
                             const identity::FactorUsed& used) {
    const auto who = api.second_factor.complete(used, ticket, call.request.peer.address, api.now());
    const auto* account = api.registry.account(who.account);
    if (account == nullptr) return unauthenticated("sign in again");
    return admitted(api, call, *account);
}

void factor(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const std::string ticket((*body)["ticket"].string());
    auto used = api.second_factor.redeem(ticket, (*body)["code"].string(),
                                         call->request.peer.address, call->now);
    if (!used) {
        const auto& error = used.error();
        if (error.kind != Error::Kind::forbidden) return answer(api, call, sign_in_error(error));
        const auto* kind = error.place == "ticket" ? "unauthenticated" : "wrong-code";
        return answer(api, call, refused(401, kind, error.message, error.place));
    }
    auto act = used->act;
    api.acts.give(std::move(act), [&api, call, ticket, used = std::move(*used)](
                                      const Result<identity::Applied>& applied) {
        // While the disk is full people may still come in; that a code was used is known in memory.
        const bool in =
            applied || (applied.error().kind != Error::Kind::conflict && !used.must_be_durable);
        answer(api, call,
               in ? let_in(api, *call, ticket, used)
                  : refused(401, "wrong-code", applied.error().message, "code"));
    });
}

// The person of this session shows again that it is them.
void again(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto who = person(api, call);
    if (!who) return;
    const bool has_passkey = !api.registry.factors().of(who->account.id).passkeys.empty();
    if (has_passkey && (*body)["passkey"].is(JsonKind::object))
        return prove(api, call, *who, *body, [&api, call, cookie = std::string(who->cookie)] {
            api.sessions.authenticated(cookie, api.now());
            answer(api, call, no_content());
        });
    check_password(api, call, who->account.user_name, std::string((*body)["password"].string()),
                   [&api, call, cookie = std::string(who->cookie)](
                       const identity::PasswordCheck& check, bool matched) {
                       const auto confirmed = api.sign_in.again(check, matched, api.now());
                       if (!confirmed)
                           return answer(
                               api, call,
                               refused(403, "wrong-password", "the password is wrong", "password"));
                       api.sessions.authenticated(cookie, api.now());
                       answer(api, call, no_content());
                   });
}

void show(ApiContext& api, const ApiCallPtr& call) {
    const auto* account = api.registry.account(call->who.account);
    if (account == nullptr) return answer(api, call, unauthenticated("sign in first"));
    const auto cookie = session_cookie(api, call->request).value_or("");
    const auto* session = api.sessions.find(cookie, call->now);
    // A token has no session to show.
    const auto shown =
        session != nullptr ? *session : identity::SignIn{.expires = identity::end_of_time};
    answer(api, call,
           json_answer(session_json(api, *account, shown,
                                    session != nullptr ? identity::Sessions::csrf(cookie) : "",
                                    call->now)));
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
    api.add("POST", "/api/session", sign_in, Api::For::everyone);
    api.add("POST", "/api/session/factor", factor, Api::For::everyone);
    api.add("POST", "/api/session/again", again, Api::For::setting_up);
    api.add("GET", "/api/session", show, Api::For::setting_up);
    api.add("DELETE", "/api/session", sign_out, Api::For::setting_up);
}

}  // namespace vigil::share

// The second factors of one's own account.
#include <utility>

#include "share/api/api.hpp"
#include "share/api/factor_proof.hpp"
#include "share/api/web_session.hpp"

namespace vigil::share {
namespace {

void answer_begin(ApiContext& api, const ApiCallPtr& call) {
    const auto who = person(api, call);
    if (!who) return;
    const auto begun = api.second_factor.begin_totp(who->session, call->now);
    if (!begun) return answer_error(api, call, begun.error());
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("secret", begun->secret).member("uri", begun->uri);
    json.member("expires", begun->expires).end_object();
    answer(api, call, json_answer(std::move(body)));
}

// Another app in place of the one that is there takes a factor that is there, or a recovery code.
void begin_totp(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto who = fresh_person(api, call);
    if (!who) return;
    prove(api, call, *who, *body, [&api, call] { answer_begin(api, call); });
}

void confirm_totp(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto who = person(api, call);
    if (!who) return;
    auto confirmed = api.second_factor.confirm_totp(who->session, (*body)["code"].string(),
                                                    {call->now, call->who.name});
    if (!confirmed) {
        if (confirmed.error().kind == Error::Kind::forbidden)
            return answer(api, call, refused(403, "wrong-code", confirmed.error().message, "code"));
        return answer_error(api, call, confirmed.error());
    }
    give(api, call, std::move(confirmed->act),
         [&api, call, cookie = std::string(who->cookie),
          codes = std::move(confirmed->recovery_codes)](const identity::Applied&) {
             api.sessions.set_up(cookie);
             note(api, call, "second factor set up");
             return recovery_codes_answer(codes);
         });
}

void remove_totp(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto who = fresh_person(api, call);
    if (!who) return;
    const auto id = who->account.id;
    const identity::Given given{call->now, call->who.name};
    if (const auto may = api.second_factor.plan_remove_totp(id, given); !may)
        return answer_error(api, call, may.error());
    prove(api, call, *who, *body, [&api, call, id, given] {
        give(api, call, api.second_factor.plan_remove_totp(id, given),
             [&api, call](const identity::Applied&) {
                 note(api, call, "second factor removed");
                 return no_content();
             });
    });
}

void give_codes(ApiContext& api, const ApiCallPtr& call, AccountId id) {
    auto made = api.second_factor.plan_recovery_codes(id, {call->now, call->who.name});
    if (!made) return answer_error(api, call, made.error());
    give(api, call, std::move(made->act),
         [&api, call, codes = std::move(made->codes)](const identity::Applied&) {
             note(api, call, "recovery codes made");
             return recovery_codes_answer(codes);
         });
}

void new_codes(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto who = fresh_person(api, call);
    if (!who) return;
    const auto id = who->account.id;
    prove(api, call, *who, *body, [&api, call, id] { give_codes(api, call, id); });
}

}  // namespace

void add_own_factors(Api& api) {
    api.add("POST", "/api/me/totp", begin_totp, Api::For::setting_up);
    api.add("POST", "/api/me/totp/confirm", confirm_totp, Api::For::setting_up);
    api.add("POST", "/api/me/totp/remove", remove_totp);
    api.add("POST", "/api/me/recovery-codes", new_codes);
}

}  // namespace vigil::share

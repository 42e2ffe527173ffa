// What somebody does about their own account: password, and where they are signed in.
#include <charconv>
#include <utility>

#include "identity/password.hpp"
#include "share/api/api.hpp"
#include "share/api/relations.hpp"
#include "share/api/web_session.hpp"

namespace vigil::share {
namespace {

std::optional<identity::SessionId> parse_session(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return identity::SessionId{number};
}

void write_passkey(JsonWriter& json, const identity::Passkey& passkey) {
    json.begin_object().member("id", passkey.credential).member("name", passkey.name);
    json.member("registered", passkey.registered);
    json.member_or_null("used",
                        passkey.used == Timestamp{} ? std::nullopt : std::optional(passkey.used));
    json.end_object();
}

// What only a person has, who is signed in at a browser.
void write_sign_in(JsonWriter& json, const ApiContext& api, const ApiCall& call,
                   const Person& who) {
    const auto& factors = api.registry.factors().of(who.account.id);
    json.member("fresh", api.sessions.fresh(who.session, call.now));
    json.member("password_characters_min", identity::password_characters_min);
    json.key("second_factor").begin_object();
    json.member("asked", api.sign_in.asks_factor(who.account));
    json.key("totp");
    if (factors.totp)
        json.begin_object().member("registered", factors.totp->registered).end_object();
    else
        json.null();
    json.key("passkeys").begin_array();
    for (const auto& passkey : factors.passkeys) write_passkey(json, passkey);
    json.end_array();
    json.member("recovery_codes_left", factors.recovery.size()).end_object();
}

// Nothing of it is about anybody else: it goes on no record.
void show(ApiContext& api, const ApiCallPtr& call) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    write_own_rights(json, api, *call);
    if (call->who.token.empty()) {
        const auto who = person(api, call);
        if (!who) return;
        write_sign_in(json, api, *call, *who);
    }
    json.end_object();
    call->respond(json_answer(std::move(body)));
}

void give_password(ApiContext& api, const ApiCallPtr& call, AccountId id, std::string hash) {
    auto account = *api.registry.account(id);
    account.password_hash = std::move(hash);
    give(api, call,
         api.registry.plan_change_account(std::move(account), {call->now, call->who.name}),
         [&api, call, id](const identity::Applied&) {
             // All sessions have ended with the password; this one goes on under another cookie.
             note(api, call, "own password changed");
             return admitted(api, *call, *api.registry.account(id));
         });
}

void change_password(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto who = fresh_person(api, call);
    if (!who) return;
    std::string password((*body)["password"].string());
    if (const auto fine = identity::check_password_rules(password, who->account.user_name); !fine)
        return answer_error(api, call, fine.error());
    api.on_worker([&api, call, id = who->account.id, password = std::move(password)] {
        auto hash = identity::hash_password(password);
        api.on_loop([&api, call, id, hash = std::move(hash)] {
            if (!hash) return answer_error(api, call, hash.error());
            give_password(api, call, id, *hash);
        });
    });
}

void list_sessions(ApiContext& api, const ApiCallPtr& call) {
    const auto who = person(api, call);
    if (!who) return;
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("sessions").begin_array();
    for (const auto& session : api.sessions.list(who->account.id, call->now)) {
        json.begin_object().member("id", session.id.value);
        json.member("address", identity::network_of(session.address));
        json.member("user_agent", session.user_agent).member("began", session.began);
        json.member("last_seen", session.last_seen).member("expires", session.expires);
        json.member("this", session.id == who->session.id).end_object();
    }
    json.end_array().end_object();
    answer(api, call, json_answer(std::move(body)));
}

void end_session(ApiContext& api, const ApiCallPtr& call) {
    const auto who = person(api, call);
    if (!who) return;
    const auto number = parse_session(call->captured[0]);
    if (!number || !api.sessions.close(who->account.id, *number))
        return answer_error(api, call,
                            {Error::Kind::not_found, "this session has ended already", "session"});
    api.live.access_changed();
    note(api, call, "own session ended");
    answer(api, call, no_content());
}

void end_others(ApiContext& api, const ApiCallPtr& call) {
    const auto who = person(api, call);
    if (!who) return;
    const auto ended = api.sessions.close_others(who->account.id, who->session.id);
    api.live.access_changed();
    note(api, call, "own other sessions ended");
    std::string body;
    JsonWriter(body).begin_object().member("ended", ended).end_object();
    answer(api, call, json_answer(std::move(body)));
}

}  // namespace

void add_own_account(Api& api) {
    api.add("GET", "/api/me", show, Api::For::setting_up);
    api.add("POST", "/api/me/password", change_password);
    api.add("GET", "/api/me/sessions", list_sessions);
    api.add("DELETE", "/api/me/sessions", end_others);
    api.add("DELETE", "/api/me/sessions/{id}", end_session);
}

}  // namespace vigil::share

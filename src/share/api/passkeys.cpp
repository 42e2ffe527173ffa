// Passkeys (Web Authentication Level 2): signing in with one, and one's own.
#include <fmt/format.h>

#include <utility>

#include "identity/passkey_desk.hpp"
#include "share/api/api.hpp"
#include "share/api/factor_proof.hpp"
#include "share/api/web_session.hpp"

namespace vigil::share {
namespace {

constexpr std::int64_t timeout_ms = 5 * 60 * 1000;

std::string ticket_context(std::string_view ticket) {
    return fmt::format("ticket {}", identity::to_hex(identity::sha256(ticket)));
}
std::string register_context(const identity::SignIn& session) {
    return fmt::format("register {}", session.id.value);
}

void write_credentials(JsonWriter& json, const char* name,
                       const std::vector<identity::Passkey>& passkeys) {
    json.key(name).begin_array();
    for (const auto& passkey : passkeys)
        json.begin_object()
            .member("type", "public-key")
            .member("id", passkey.credential)
            .end_object();
    json.end_array();
}

// PublicKeyCredentialRequestOptions (Level 2 5.5), its bytes as base64url.
session::HttpResponse request_options(const ApiContext& api, const ApiCall& call,
                                      std::string_view context,
                                      const std::vector<identity::Passkey>& passkeys) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("challenge", api.passkeys.challenge(context, call.now));
    json.member("rpId", relying_party(api, call.request).id).member("timeout", timeout_ms);
    json.member("userVerification", "required");
    write_credentials(json, "allowCredentials", passkeys);
    json.end_object();
    return json_answer(std::move(body));
}

void begin_sign_in(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto ticket = (*body)["ticket"].string();
    if (ticket.empty()) return answer(api, call, request_options(api, *call, "sign-in", {}));
    const auto holder = api.second_factor.look(ticket, call->request.peer.address, call->now);
    if (!holder)
        return answer(api, call, refused(401, "unauthenticated", holder.error().message, "ticket"));
    answer(api, call,
           request_options(api, *call, ticket_context(ticket),
                           api.registry.factors().of((*holder)->id).passkeys));
}

// Without a ticket the passkey stands for name, password and second factor at once.
void sign_in(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const std::string ticket((*body)["ticket"].string());
    const auto& address = call->request.peer.address;
    identity::PasskeyDesk::Asked asked{
        .context = "sign-in", .party = relying_party(api, call->request), .address = address};
    if (!ticket.empty()) {
        const auto holder = api.second_factor.holder(ticket, address, call->now);
        if (!holder)
            return answer(api, call,
                          refused(401, "unauthenticated", holder.error().message, "ticket"));
        asked.account = (*holder)->id;
        asked.context = ticket_context(ticket);
    }
    const auto shown = read_passkey((*body)["passkey"]);
    if (!shown) return answer_error(api, call, shown.error());
    auto used = api.passkeys.check(*shown, asked, call->now);
    if (!used)
        return answer(api, call, refused(401, "wrong-passkey", used.error().message, "passkey"));
    auto act = used->act;
    api.acts.give(std::move(act), [&api, call, ticket, used = std::move(*used)](
                                      const Result<identity::Applied>& applied) {
        // While the disk is full people may still come in, as with a code; not with one that is
        // gone.
        if (!applied && applied.error().kind == Error::Kind::conflict)
            return answer(api, call,
                          refused(401, "wrong-passkey", applied.error().message, "passkey"));
        api.second_factor.close(ticket);
        const auto who = api.passkeys.complete(used, call->request.peer.address, api.now());
        const auto* account = api.registry.account(who.account);
        answer(
            api, call,
            account == nullptr ? unauthenticated("sign in again") : admitted(api, *call, *account));
    });
}

// Options for showing a passkey as a proof, while one is signed in.
void begin_proof(ApiContext& api, const ApiCallPtr& call) {
    const auto who = person(api, call);
    if (!who) return;
    answer(api, call,
           request_options(api, *call, proof_context(who->session),
                           api.registry.factors().of(who->account.id).passkeys));
}

// PublicKeyCredentialCreationOptions (Level 2 5.4): a resident key that asks for PIN, finger or
// face.
session::HttpResponse creation_options(const ApiContext& api, const ApiCall& call,
                                       const Person& who) {
    const auto party = relying_party(api, call.request);
    const auto& account = who.account;
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("challenge", api.passkeys.challenge(register_context(who.session), call.now));
    json.key("rp").begin_object().member("id", party.id).member("name", api.site_name).end_object();
    json.key("user").begin_object().member("id", identity::user_handle(account.id));
    json.member("name", account.user_name);
    json.member("displayName",
                account.display_name.empty() ? account.user_name : account.display_name);
    json.end_object().key("pubKeyCredParams").begin_array();
    using codec::webauthn::CoseAlgorithm;
    for (const auto algorithm : {CoseAlgorithm::es256, CoseAlgorithm::eddsa, CoseAlgorithm::rs256})
        json.begin_object()
            .member("type", "public-key")
            .member("alg", static_cast<std::int64_t>(algorithm))
            .end_object();
    json.end_array().member("timeout", timeout_ms).member("attestation", "none");
    json.key("authenticatorSelection").begin_object().member("residentKey", "required");
    json.member("requireResidentKey", true).member("userVerification", "required").end_object();
    write_credentials(json, "excludeCredentials", api.registry.factors().of(account.id).passkeys);
    json.end_object();
    return json_answer(std::move(body));
}

void begin_add(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto who = fresh_person(api, call);
    if (!who) return;
    prove(api, call, *who, *body, [&api, call] {
        if (const auto still = person(api, call))
            answer(api, call, creation_options(api, *call, *still));
    });
}

void add(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto who = person(api, call);
    if (!who) return;
    const auto client_data = identity::from_base64url((*body)["client_data"].string());
    const auto attestation = identity::from_base64url((*body)["attestation_object"].string());
    if (!client_data || !attestation)
        return answer_error(api, call, {Error::Kind::malformed, "not base64url", "passkey"});
    auto added = api.passkeys.add(who->account.id, {*client_data, *attestation},
                                  std::string((*body)["name"].string()),
                                  {.context = register_context(who->session),
                                   .party = relying_party(api, call->request),
                                   .address = call->request.peer.address},
                                  {call->now, call->who.name});
    if (!added) return answer_error(api, call, added.error());
    give(api, call, std::move(added->act),
         [&api, call, cookie = std::string(who->cookie),
          codes = std::move(added->recovery_codes)](const identity::Applied&) {
             api.sessions.set_up(cookie);
             note(api, call, "passkey added");
             return recovery_codes_answer(codes);
         });
}

void remove(ApiContext& api, const ApiCallPtr& call) {
    JsonDocument document;
    const auto body = read_body(*call, document);
    if (!body) return answer_error(api, call, body.error());
    const auto who = fresh_person(api, call);
    if (!who) return;
    const auto id = who->account.id;
    const std::string credential((*body)["id"].string());
    const identity::Given given{call->now, call->who.name};
    if (const auto may = api.passkeys.plan_remove(id, credential, given); !may)
        return answer_error(api, call, may.error());
    prove(api, call, *who, *body, [&api, call, id, credential, given] {
        give(api, call, api.passkeys.plan_remove(id, credential, given),
             [&api, call](const identity::Applied&) {
                 note(api, call, "passkey removed");
                 return no_content();
             });
    });
}

}  // namespace

void add_passkeys(Api& api) {
    api.add("POST", "/api/session/passkey/begin", begin_sign_in, Api::For::everyone);
    api.add("POST", "/api/session/passkey", sign_in, Api::For::everyone);
    api.add("POST", "/api/me/proof", begin_proof, Api::For::setting_up);
    api.add("POST", "/api/me/passkeys/begin", begin_add, Api::For::setting_up);
    api.add("POST", "/api/me/passkeys", add, Api::For::setting_up);
    api.add("POST", "/api/me/passkeys/remove", remove);
}

}  // namespace vigil::share

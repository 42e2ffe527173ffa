#include "share/api/factor_proof.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace vigil::share {

identity::RelyingParty relying_party(const ApiContext& api, const session::HttpRequest& request) {
    std::string origin = api.public_url;
    if (origin.empty())
        origin = fmt::format("{}://{}", request.peer.tls ? "https" : "http",
                             request.header("host").value_or(""));
    const auto host = origin.find("://");
    if (host == std::string::npos) return {};
    origin.resize(std::min(origin.size(), origin.find('/', host + 3)));
    auto id = origin.substr(host + 3);
    id.resize(std::min(id.size(), id.rfind(':')));
    return {.id = std::move(id), .origin = std::move(origin)};
}

Result<identity::PasskeyShown> read_passkey(JsonValue passkey) {
    const auto bytes = [&](const char* name) {
        return identity::from_base64url(passkey[name].string());
    };
    VIGIL_TRY(id, bytes("id"));
    VIGIL_TRY(client_data, bytes("client_data"));
    VIGIL_TRY(authenticator_data, bytes("authenticator_data"));
    VIGIL_TRY(signature, bytes("signature"));
    VIGIL_TRY(handle, bytes("user_handle"));
    return identity::PasskeyShown{.credential_id = std::move(id),
                                  .client_data = std::move(client_data),
                                  .authenticator_data = std::move(authenticator_data),
                                  .signature = std::move(signature),
                                  .user_handle = std::move(handle)};
}

std::string proof_context(const identity::SignIn& session) {
    return fmt::format("proof {}", session.id.value);
}

void prove(ApiContext& api, const ApiCallPtr& call, const Person& who, JsonValue body,
           std::function<void()> then) {
    const auto id = who.account.id;
    if (!api.registry.factors().of(id).any()) return then();
    const auto& address = call->request.peer.address;
    Result<identity::FactorUsed> used =
        fail(Error::Kind::forbidden, "show a code or a passkey", "code");
    const bool by_passkey = body["passkey"].is(JsonKind::object);
    if (by_passkey) {
        const auto shown = read_passkey(body["passkey"]);
        if (!shown) return answer_error(api, call, shown.error());
        used = api.passkeys.check(*shown,
                                  {.context = proof_context(who.session),
                                   .account = id,
                                   .party = relying_party(api, call->request),
                                   .address = address},
                                  call->now);
    } else {
        used = api.second_factor.check_code(id, body["code"].string(), address, call->now);
    }
    if (!used) {
        if (used.error().kind != Error::Kind::forbidden)
            return answer(api, call, sign_in_error(used.error()));
        return answer(api, call,
                      refused(403, by_passkey ? "wrong-passkey" : "wrong-code",
                              used.error().message, used.error().place));
    }
    api.acts.give(std::move(used->act),
                  [&api, call, then = std::move(then)](const Result<identity::Applied>& applied) {
                      if (!applied) return answer_error(api, call, applied.error());
                      then();
                  });
}

session::HttpResponse recovery_codes_answer(const std::vector<std::string>& codes) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("recovery_codes").begin_array();
    for (const auto& code : codes) json.text(code);
    json.end_array().end_object();
    return json_answer(std::move(body), 201);
}

}  // namespace vigil::share

#pragma once
// Somebody who is signed in shows the factor that they have, before it is changed: a code, or a
// passkey.

#include <functional>
#include <string>
#include <vector>

#include "identity/passkey_desk.hpp"
#include "share/api/web_session.hpp"

namespace vigil::share {

// By what browsers know this server: its public address, or else the one they asked at.
identity::RelyingParty relying_party(const ApiContext& api, const session::HttpRequest& request);

// {"id", "client_data", "authenticator_data", "signature", "user_handle"}, each base64url.
Result<identity::PasskeyShown> read_passkey(JsonValue passkey);

std::string proof_context(const identity::SignIn& session);

// With `code` or `passkey` of the body; nothing is asked of who has no factor yet. `then` goes on
// once it is used up; whatever else comes is answered here.
void prove(ApiContext& api, const ApiCallPtr& call, const Person& who, JsonValue body,
           std::function<void()> then);

// 201 {"recovery_codes": […]}.
session::HttpResponse recovery_codes_answer(const std::vector<std::string>& codes);

}  // namespace vigil::share

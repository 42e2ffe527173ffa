#pragma once
// What an app is told of the person who uses it (OpenID Connect Core 1.0, SMART `fhirUser`).

#include <cstdint>
#include <string>
#include <vector>

#include "identity/authorizations.hpp"
#include "share/api/context.hpp"

namespace vigil::share {

// Always the same for one account, and no other's.
std::string subject_of(const identity::Account& account);
std::int64_t unix_seconds(Timestamp time);

// The members of an ID token or of the userinfo answer that the scopes open.
void write_person(JsonWriter& json, const ApiContext& api, const identity::Account& account,
                  const std::vector<std::string>& scopes, Timestamp now);

// Signed; `code`: what the person answered to, where it is fresh.
std::string id_token(const ApiContext& api, const identity::Principal& who,
                     const std::vector<std::string>& scopes, const identity::CodeGiven* code,
                     Timestamp now);

}  // namespace vigil::share

#pragma once
// The compact form of a JSON Web Signature (RFC 7515 7.1): header.payload.signature.

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "identity/jose/jwk.hpp"

namespace vigil::identity::jose {

struct Jws {
    Algorithm algorithm{};
    std::string key_id{};  // `kid`; empty: it names none
    std::string type{};    // `typ`
    std::string_view signed_part{};
    std::string payload{}, signature{};
};

// `compact` outlives what is read from it. Nothing is known of its truth yet. `forbidden` and what
// was wrong, here and below.
Result<Jws> read_jws(std::string_view compact);

// With the key that it names, or any that fits where it names none.
Result<void> check_signature(const Jws& token, const KeySet& keys);

std::string write_jws(std::string_view header_json, std::string_view payload, const EvpKey& key,
                      Algorithm algorithm);

// An object of JSON of a token: bounded, no member twice.
Result<JsonValue> read_object(JsonDocument& document, std::string_view json, std::string_view part);

}  // namespace vigil::identity::jose

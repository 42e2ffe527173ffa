#pragma once
// JSON Web Tokens (RFC 7519) in the compact form of JWS (RFC 7515), believed only after RFC 8725:
// the algorithm is one that the key is for, never `none` and never a shared secret; what the token
// says of its own key (`jwk`, `jku`, `x5c`) is not read; `crit` is refused; nothing is encrypted.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/jose/jwk.hpp"

namespace vigil::identity::jose {

struct Expected {
    std::string issuer{};
    std::optional<std::string> subject{};
    // One of them must be among the token's. None: the token must not say whom it is for
    // (RFC 7519 4.1.3).
    std::vector<std::string> audiences{};
    Timestamp now{};
    Nanoseconds leeway = std::chrono::seconds(30);  // clocks differ
    // How far from now the token may end, leeway aside.
    std::optional<Nanoseconds> lifetime_max{};
    // What `typ` must be (RFC 8725 3.11), such as "at+jwt": of any case, with "application/" or
    // without.
    std::optional<std::string> type{};
};

struct Claims {
    std::string issuer{}, subject{};  // empty: the token does not say
    std::vector<std::string> audiences{};
    Timestamp expires{};
    std::optional<Timestamp> issued_at{}, not_before{};
    std::string id{};       // `jti`
    std::string nonce{};    // OpenID Connect Core 2
    std::string payload{};  // all of it, JSON
};

constexpr std::size_t token_bytes_max = 16 * 1024;

// `forbidden`, and what was wrong, where the token is not to be believed. `exp` is demanded; `iat`
// and `nbf`, where they are given, must have come.
Result<Claims> verify(std::string_view compact, const KeySet& keys, const Expected& expected);

// What a token says of itself before anybody knows whether it is true: to find the keys to verify
// it with, and for nothing else. Empty: it does not say.
Result<std::string> claimed_issuer(std::string_view compact);
Result<std::string> claimed_key(std::string_view compact);  // `kid`

}  // namespace vigil::identity::jose

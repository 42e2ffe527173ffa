#pragma once
// What ties the two halves of a sign-in through a provider together: the browser that went there is
// the one that came back (`state`), its token was made for this sign-in (`nonce`), and whoever
// learns the code on its way cannot use it (PKCE, RFC 7636).
//
// Anybody may begin one, so none is kept: all three follow from the cookie that the browser holds
// and a key that dies with the process.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "identity/secret.hpp"

namespace vigil::share::openid {

struct Handshake {
    std::string cookie{};
    std::string state{}, nonce{}, code_verifier{};
};

// RFC 7636 4.2, S256.
std::string code_challenge(std::string_view code_verifier);

class Handshakes {
public:
    explicit Handshakes(identity::RandomSource random)
        : random_(std::move(random)), key_(identity::new_secret(random_)) {}

    Handshake begin(Timestamp now) const;
    // Nothing: this is no cookie of ours, or it is over.
    std::optional<Handshake> of(std::string_view cookie, Timestamp now) const;

    static constexpr Nanoseconds lifetime = std::chrono::minutes(10);

private:
    Handshake made(std::string cookie) const;

    identity::RandomSource random_;
    std::string key_;
};

}  // namespace vigil::share::openid

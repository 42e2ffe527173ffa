#pragma once
// JSON Web Keys (RFC 7517, RFC 7518 6): the public keys of whoever signs tokens for this server to
// believe, as a provider or an app publishes them.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "identity/evp_key.hpp"

namespace vigil::identity::jose {

// RFC 7518 3.1, and no other: never `none`, nothing with a shared secret, no RSA encryption keys.
enum class Algorithm : std::uint8_t { es256, es384, rs256, rs384 };

std::string_view name_of(Algorithm algorithm);  // "ES256"
std::optional<Algorithm> algorithm_named(std::string_view name);

struct PublicKey {
    std::string id{};  // `kid`; empty: it has none
    std::vector<Algorithm> algorithms{};
    EvpKey key{};

    bool fits(Algorithm algorithm) const;
};

// Never changes: copies share the keys, on any thread.
class KeySet {
public:
    KeySet() = default;
    explicit KeySet(std::vector<PublicKey> keys)
        : keys_(std::make_shared<const std::vector<PublicKey>>(std::move(keys))) {}

    std::span<const PublicKey> keys() const {
        return keys_ ? std::span<const PublicKey>(*keys_) : std::span<const PublicKey>();
    }
    bool empty() const { return keys().empty(); }
    bool has(std::string_view id) const;

private:
    std::shared_ptr<const std::vector<PublicKey>> keys_;
};

constexpr std::size_t jwks_bytes_max = 64 * 1024;
constexpr std::size_t jwks_keys_max = 32;

// A JWK Set (RFC 7517 5). Keys that are not for signatures, of a kind not named above or out of
// bounds (a modulus of 2,048 to 4,096 bits, an odd exponent of 65,537 to 32 bits) are passed over,
// as clause 5 asks. `malformed` where it is no such set; `forbidden` where a private or secret key
// stands in it; `unsupported` where no key is left, with what the first lacks.
Result<KeySet> read_jwks(std::string_view json);

// RFC 7638: what a key of RSA is called where nobody has named it. Base64url in and out.
std::string rsa_thumbprint(std::string_view modulus, std::string_view exponent);

}  // namespace vigil::identity::jose

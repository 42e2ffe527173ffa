#pragma once
// The keys that this server signs its tokens with: RSA of 2,048 bits, RS256, which every relying
// party knows (OpenID Connect Core 15.1). One signs at a time:
//
//     made ── published, a day ──▶ signs, 90 days ──▶ published, a day and an hour ──▶ forgotten
//
// so that whoever keeps a copy of the set knows a key before it is used, and as long as anything
// that it signed is good. The private halves are in keys/signing.keys (key_folder.hpp).

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/jose/jwk.hpp"

namespace vigil::identity::jose {

// How long what is signed here may be good: a key is published for that long after its last use.
constexpr Nanoseconds signed_lifetime_max = std::chrono::hours(24);

// Never changes: copies share the keys, on any thread.
class SigningKeys {
public:
    static constexpr Nanoseconds signs_for = std::chrono::days(90);
    static constexpr Nanoseconds published_before = std::chrono::hours(24);
    static constexpr Nanoseconds published_after =
        signed_lifetime_max + std::chrono::hours(1);  // clocks differ

    // None yet.
    SigningKeys() = default;
    // The text that the file of keys holds, secret: who reads it signs in our name.
    static Result<SigningKeys> decode(std::string_view text);
    std::string encode() const;

    // Whether rotated() would change them: no key, the next is to be published, or one can go.
    bool are_due(Timestamp now) const;
    // Makes a key where one is due, which takes a tenth of a second or more: on a worker. After a
    // long stop the old key signs until the new one has been published for its day.
    SigningKeys rotated(Timestamp now) const;

    // A token (RFC 7515) of the claims, by the key whose time it is. There must be one. `type`:
    // what `typ` says, so that tokens of one kind are not taken for another (RFC 8725 3.11).
    std::string sign(std::string_view claims_json, Timestamp now,
                     std::string_view type = "JWT") const;

    // The JWK Set (RFC 7517 5) to publish.
    std::string jwks(Timestamp now) const;
    // The same, to verify what comes back.
    KeySet public_keys(Timestamp now) const;

    struct Key {
        EvpKey key{};
        std::string id{};  // RFC 7638
        Timestamp signs_from{};
    };

private:
    bool is_published(std::size_t key, Timestamp now) const;

    std::vector<Key> keys_{};  // by signs_from
};

}  // namespace vigil::identity::jose

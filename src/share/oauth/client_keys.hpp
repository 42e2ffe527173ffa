#pragma once
// How an app shows that it is itself: a token signed with its private key (RFC 7523, SMART App
// Launch 2.2 "Asymmetric Authentication"), held against the public keys of its registration.

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/apps.hpp"
#include "identity/jose/jwk.hpp"

namespace vigil::share {

class ClientKeys {
public:
    // SMART: an assertion is good for 5 minutes at most.
    static constexpr Nanoseconds assertion_lifetime_max = std::chrono::minutes(5);
    // How long keys that were fetched are good, and how soon they may be fetched again because
    // one is missing.
    static constexpr Nanoseconds fetched_for = std::chrono::hours(1);
    static constexpr Nanoseconds fetched_again_after = std::chrono::minutes(1);
    static constexpr std::size_t fetched_bytes_max = 64 * 1024;

    // Whether the keys of the app must be fetched from its jwks_uri before the assertion is looked
    // at: there are none, they are old, or the key that it names is not among them.
    bool need_fetch(const identity::App& app, std::string_view assertion, Timestamp now) const;
    // What came of it. Also where nothing came: it is not asked again at once.
    void fetched(const identity::App& app, const Result<std::string>& jwks, Timestamp now);

    // `forbidden`, and what was wrong. Each assertion is good once.
    Result<void> check(const identity::App& app, std::string_view assertion,
                       std::vector<std::string> audiences, Timestamp now);

    void sweep(Timestamp now);

private:
    struct Fetched {
        identity::jose::KeySet keys;
        Timestamp at;
    };
    Result<identity::jose::KeySet> keys_of(const identity::App& app, Timestamp now) const;

    std::unordered_map<std::string, Fetched> fetched_;  // by jwks_uri
    std::unordered_map<identity::Digest, Timestamp, identity::DigestHash> used_;
    static constexpr std::size_t used_max = 200'000;
};

}  // namespace vigil::share

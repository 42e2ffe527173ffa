#pragma once
// The access tokens of apps that are good now (RFC 6750). In memory only, by their digest: a
// restart forgets them all, and apps that were granted more than one fetch another.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "identity/rights.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

struct AccessToken {
    Principal who{};  // ends at who.until
    std::vector<std::string> scopes{};
    Timestamp issued{};
};

// Tells one from a refresh token at a glance, and to scanners for leaked secrets.
constexpr std::string_view access_token_prefix = "vigil_at_";

class AccessTokens {
public:
    // Past the bound of an app the one that it got first ends.
    std::string issue(AccessToken token, const RandomSource& random);

    // Nothing: there is no such token, or its time is over. Whether whoever it stands for still may
    // do anything is the registry's to say (Registry::stands).
    const AccessToken* find(std::string_view token, Timestamp now) const;

    bool revoke(std::string_view token);
    // All that came of a grant.
    void revoke_all(GrantId grant);
    // Forgets what is over. Call once a minute or so.
    void sweep(Timestamp now);
    std::size_t size() const { return tokens_.size(); }

    static constexpr std::size_t tokens_an_app_max = 10'000;

private:
    std::unordered_map<Digest, AccessToken, DigestHash> tokens_;
    std::unordered_map<AppId, std::deque<Digest>> of_app_;  // in the order they were issued
};

}  // namespace vigil::identity

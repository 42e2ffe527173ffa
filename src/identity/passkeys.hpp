#pragma once
// Passkeys: Web Authentication Level 2, the relying party's side. What a browser sends back is held
// against what it was asked, and the signature against the key that was registered. Attestation is
// not believed: which make an authenticator is does not matter.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "codec/webauthn/cose_key.hpp"
#include "identity/factors.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

// Whose credentials they are: the host that browsers know this server by, and its origin.
struct RelyingParty {
    std::string id{};      // "vigil.example"
    std::string origin{};  // "https://vigil.example:8443"
};

// Whether `signature` over `message` was made with the key's private half.
bool signature_holds(const codec::webauthn::PublicKey& key, std::string_view message,
                     std::string_view signature);

// Challenges are good for one ceremony, of one kind, for who it was begun for, for a few minutes.
// Anybody may begin one, so none is kept: each says itself when it ends and bears a MAC. Those that
// were used are remembered until then; only a signature that holds uses one up.
class Challenges {
public:
    explicit Challenges(const RandomSource& random) : random_(random), key_(new_secret(random)) {}

    // base64url. `context`: "register 7", "sign-in".
    std::string issue(std::string_view context, Timestamp now) const;
    bool good(std::string_view challenge, std::string_view context, Timestamp now) const;
    void use_up(std::string_view challenge, Timestamp now);
    std::size_t size() const { return used_.size(); }

    static constexpr Nanoseconds lifetime = std::chrono::minutes(5);

private:
    std::string mac(std::string_view nonce_and_end, std::string_view context) const;

    RandomSource random_;
    std::string key_;
    std::unordered_map<Digest, Timestamp, DigestHash> used_;
};

// What navigator.credentials.create() and .get() gave, decoded from base64url.
struct PasskeyCreated {
    std::string client_data{}, attestation_object{};
};
struct PasskeyShown {
    std::string credential_id{}, client_data{}, authenticator_data{}, signature{}, user_handle{};
};

// The user handle of an account (Level 2 5.4.3): tells an authenticator that two keys are of one
// account, and nothing to anybody else.
std::string user_handle(AccountId account);

// Level 2 7.1, steps 7 to 17, less attestation. `forbidden`, and what was wrong.
Result<Passkey> check_created(const PasskeyCreated& created, std::string_view challenge_context,
                              const RelyingParty& party, const Challenges& challenges,
                              Timestamp now);

struct PasskeyProof {
    std::uint32_t sign_count = 0;
    // The authenticator counts, and did not count on: there may be a copy of it (Level 2 6.1.1).
    bool counted_back = false;
};
// Level 2 7.2, steps 5 to 21, with user verification.
Result<PasskeyProof> check_shown(const PasskeyShown& shown, const Passkey& known, AccountId account,
                                 std::string_view challenge_context, const RelyingParty& party,
                                 const Challenges& challenges, Timestamp now);

// The challenge that a browser says it was asked with; empty: none could be read.
std::string challenge_of(std::string_view client_data);

}  // namespace vigil::identity

#pragma once
// What stands between an app's asking and its tokens (OAuth 2.1 4.1, SMART App Launch 2.2): the
// launches that pages began, what a person is being asked, and the codes that were given. In memory
// only: all of it is over in minutes. Anybody may ask, so what is asked is not kept: its address
// holds it, with a MAC.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "identity/apps.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

// From a patient's page: the app is sent a word that stands for this.
struct Launch {
    AppId app{};
    AccountId account{};
    PatientId patient{};
    Timestamp expires{};
};

// What an app asks, held until a person has answered.
struct Asked {
    AppId app{};
    std::string redirect_uri{}, state{}, nonce{};
    std::string code_challenge{};  // S256 (RFC 7636 4.2)
    std::vector<std::string> scopes{};
    std::optional<Launch> launch{};
    Timestamp expires{};
};

// What a person gave, until the app has fetched it.
struct CodeGiven {
    Asked asked{};
    AccountId account{};
    PatientId patient{};
    std::vector<std::string> scopes{};
    Timestamp authenticated{};  // when the person showed who they are
    Timestamp expires{};
    bool used = false;
    GrantId grant{};  // what came of it
};

class Authorizations {
public:
    explicit Authorizations(RandomSource random)
        : random_(std::move(random)), key_(new_secret(random_)) {}

    // The word that opens it, of letters, digits, - and _. Past their bound there are too many
    // launches or codes: empty.
    std::string open_launch(Launch launch, Timestamp now);
    std::string give(CodeGiven given, Timestamp now);
    std::string ask(Asked asked, Timestamp now) const;

    const Launch* launch(std::string_view word, Timestamp now) const;
    // Nothing: it is not one of ours, too long ago, or answered.
    std::optional<Asked> asked(std::string_view id, Timestamp now) const;
    // A person has answered. False: too many have lately, and it cannot be kept.
    bool answered(std::string_view id, Timestamp now);
    // Also one that was used, which is for whoever asks to see. Good until the next call.
    CodeGiven* code(std::string_view code, Timestamp now);
    void sweep(Timestamp now);

    static constexpr Nanoseconds launch_lifetime = std::chrono::minutes(5);
    static constexpr Nanoseconds asked_lifetime = std::chrono::minutes(10);
    static constexpr Nanoseconds code_lifetime = std::chrono::minutes(1);
    // A used code is remembered for as long as somebody who stole it may try it.
    static constexpr Nanoseconds used_lifetime = std::chrono::minutes(10);
    static constexpr std::size_t of_each_max = 10'000;

private:
    template <class T>
    using ByWord = std::unordered_map<Digest, T, DigestHash>;

    RandomSource random_;
    std::string key_;  // of the MAC
    ByWord<Launch> launches_;
    ByWord<CodeGiven> codes_;
    struct Answered {
        Timestamp expires;
    };
    ByWord<Answered> answered_;
};

// RFC 7636 4.6, S256: whether the verifier is the one behind the challenge.
bool verifier_fits(std::string_view verifier, std::string_view challenge);
// 43 to 128 unreserved characters (RFC 7636 4.1); 43 of base64url (4.2).
bool is_verifier(std::string_view text);
bool is_challenge(std::string_view text);

}  // namespace vigil::identity

#pragma once
// What stands between an app's asking and its tokens (OAuth 2.1 4.1, SMART App Launch 2.2): the
// launches that pages began, what a person is being asked, and the codes that were given. In memory
// only: all of it is over in minutes.

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
    explicit Authorizations(RandomSource random) : random_(std::move(random)) {}

    // Each answers with the word that opens it. Past their bound the store is full: empty.
    std::string open_launch(Launch launch, Timestamp now);
    std::string ask(Asked asked, Timestamp now);
    std::string give(CodeGiven given, Timestamp now);

    const Launch* launch(std::string_view word, Timestamp now) const;
    const Asked* asked(std::string_view id, Timestamp now) const;
    // Once: whoever asks first.
    std::optional<Asked> take_asked(std::string_view id, Timestamp now);
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
    ByWord<Launch> launches_;
    ByWord<Asked> asked_;
    ByWord<CodeGiven> codes_;
};

// RFC 7636 4.6, S256: whether the verifier is the one behind the challenge.
bool verifier_fits(std::string_view verifier, std::string_view challenge);
// 43 to 128 unreserved characters (RFC 7636 4.1); 43 of base64url (4.2).
bool is_verifier(std::string_view text);
bool is_challenge(std::string_view text);

}  // namespace vigil::identity

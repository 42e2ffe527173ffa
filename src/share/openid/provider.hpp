#pragma once
// The hospital's provider of OpenID Connect as this server asks it: where it is, its keys, and what
// a code is worth. On the loop's thread; what is asked and answered goes through `fetch`.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "identity/jose/jwt.hpp"
#include "identity/people.hpp"
#include "session/http.hpp"
#include "share/openid/documents.hpp"
#include "share/openid/handshake.hpp"

namespace vigil::share::openid {

struct Settings {
    std::string issuer{}, client_id{};
    std::string client_secret{};  // empty: a public client, PKCE alone
    std::string name{};           // what the sign-in page calls it
    // Which claim is the user name here; of "email" `email_verified` must be true as well.
    std::string account_claim = "preferred_username";
    // Whom the provider knows and this server does not gets an account with the first of these
    // roles that the claim names. Empty: they get none.
    std::string role_claim{};
    std::vector<std::pair<std::string, identity::Role>> roles{};
    // The provider asks for a second factor itself: none is asked for here.
    bool trusts_second_factor = false;
};

// Who the provider says it is.
struct Vouched {
    std::string user_name{};  // in lower case, as user names are here
    std::string display_name{};
    std::optional<identity::Role> role{};  // that an account would have
};

class Provider {
public:
    struct Ask {
        std::string method = "GET", url{};
        session::HttpHeaders headers{};
        std::string body{};
    };
    using Answered = std::function<void(Result<session::HttpResponse>)>;
    using Fetch = std::function<void(Ask, Answered)>;

    Provider(Settings settings, Fetch fetch, std::function<Timestamp()> now)
        : settings_(std::move(settings)), fetch_(std::move(fetch)), now_(std::move(now)) {}
    // What is under way calls back.
    Provider(const Provider&) = delete;
    Provider& operator=(const Provider&) = delete;

    const Settings& settings() const { return settings_; }

    // Where the browser is to go (Core 1.0 3.1.2.1). Errors here and below: `busy` where the
    // provider does not answer as one, `forbidden` where it is not to be believed.
    void address(const Handshake& handshake, const std::string& redirect_uri,
                 std::function<void(Result<std::string>)> done);

    // What the code is worth (Core 1.0 3.1.3): who it is.
    void redeem(const std::string& code, const Handshake& handshake,
                const std::string& redirect_uri, std::function<void(Result<Vouched>)> done);

    // How long a copy of the provider's word and keys is used; how soon its keys are asked for
    // again where a token names one that is not among them.
    static constexpr Nanoseconds copy_lifetime = std::chrono::hours(1);
    static constexpr Nanoseconds keys_interval_min = std::chrono::minutes(1);
    static constexpr std::size_t redeemed_at_once_max = 64;

private:
    // What was fetched, for as long as it is good, and who waits for it.
    template <class T>
    struct Copy {
        std::optional<T> value{};
        Timestamp fetched{};
        std::vector<std::function<void(Result<T>)>> waiting{};
    };
    template <class T>
    void fetch_copy(Copy<T>& copy, const std::string& url,
                    std::function<Result<T>(std::string_view)> read,
                    std::function<void(Result<T>)> done);
    void with_metadata(std::function<void(Result<ProviderMetadata>)> done);
    void with_keys(const std::string& url, const std::string& key_id,
                   std::function<void(Result<identity::jose::KeySet>)> done);
    Ask token_request(const ProviderMetadata& metadata, const std::string& code,
                      const Handshake& handshake, const std::string& redirect_uri) const;
    void verify(const std::string& token, const std::string& nonce, const std::string& jwks_uri,
                std::function<void(Result<Vouched>)> done);
    Result<Vouched> vouched(const identity::jose::Claims& claims, const std::string& nonce) const;

    Settings settings_;
    Fetch fetch_;
    std::function<Timestamp()> now_;
    Copy<ProviderMetadata> metadata_;
    Copy<identity::jose::KeySet> keys_;
    std::size_t under_way_ = 0;
};

}  // namespace vigil::share::openid

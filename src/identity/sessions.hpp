#pragma once
// Who is signed in at a browser. In memory only, by the digest of the cookie: a restart signs
// everybody out, and a copy of the memory opens nothing.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

using SessionId = Id<struct SessionTag, std::uint64_t>;

struct SignIn {
    SessionId id{};  // for the list and to revoke it; opens nothing
    AccountId account{};
    Timestamp began{}, last_seen{}, expires{};
    std::string address{}, user_agent{};
    Timestamp authenticated{};  // when its person last showed who they are
    bool setting_up = false;    // a second factor is to be set up before anything else is answered
};

struct SessionRules {
    Nanoseconds idle = std::chrono::hours(12);       // ends after this long without a request
    Nanoseconds absolute = std::chrono::hours(168);  // and after this long whatever happens
    // How long after that a password or a second factor may be changed.
    Nanoseconds fresh = std::chrono::minutes(5);
};

// The cookie's value, shown to the browser once.
struct NewSession {
    std::string cookie;
    std::string csrf;
    SessionId id;
    Timestamp expires;
};

class Sessions {
public:
    explicit Sessions(SessionRules rules) : rules_(rules) {}

    // Past the bound of an account its longest idle session ends.
    NewSession open(AccountId account, Timestamp now, const RandomSource& random,
                    std::string address, std::string user_agent, bool setting_up = false);

    // Nothing: no such session, or it has ended. Counts as activity.
    const SignIn* find(std::string_view cookie, Timestamp now);

    // The token that a page of this session sends back with every change (X-Vigil-CSRF). It follows
    // from the cookie, which no other page can read.
    static std::string csrf(std::string_view cookie);
    static bool csrf_matches(std::string_view cookie, std::string_view shown);

    // Its person has just shown again who they are.
    void authenticated(std::string_view cookie, Timestamp now);
    bool fresh(const SignIn& session, Timestamp now) const;
    void set_up(std::string_view cookie);  // the second factor is there

    bool close(std::string_view cookie);
    bool close(AccountId account, SessionId id);
    std::size_t close_others(AccountId account, SessionId but);
    std::size_t close_all(AccountId account);  // its password or role has changed
    std::vector<SignIn> list(AccountId account, Timestamp now) const;
    // Forgets what has ended. Cheap; call once a minute or so.
    void sweep(Timestamp now);
    std::size_t size() const { return sessions_.size(); }

    static constexpr std::size_t sessions_an_account_max = 64;
    static constexpr std::size_t user_agent_bytes_max = 256;

private:
    bool ended(const SignIn& session, Timestamp now) const;
    void make_room(AccountId account);

    SessionRules rules_;
    std::uint64_t next_id_ = 1;
    std::unordered_map<Digest, SignIn, DigestHash> sessions_;
};

}  // namespace vigil::identity

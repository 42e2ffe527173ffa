#pragma once
// Slows whoever guesses passwords, without letting them lock anybody else out.
//
// Failures are counted for each (account, address): after a few, each further one waits twice as
// long. They are counted for each address too, and for each account over all addresses; but from an
// address where an account has signed in before, only its own pair counts: neither a guesser
// elsewhere nor a colleague behind the same address translation can keep its owner out. What stays
// possible: a guesser at the owner's own address makes the owner wait `delay_max`, and a flood from
// everywhere makes an owner at a new address wait (docs/decisions/0008-credentials.md).

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.hpp"

namespace vigil::identity {

struct GuardRules {
    std::uint32_t free_failures = 5;  // of one account at one address
    Nanoseconds delay_first = std::chrono::seconds(1);
    Nanoseconds delay_max = std::chrono::minutes(1);
    // Failures that an address, or an account over all addresses where it never signed in, has in
    // hand; and the time in which one of them comes back.
    std::uint32_t address_failures = 50;
    Nanoseconds address_refill = std::chrono::seconds(10);
    std::uint32_t account_failures = 50;
    Nanoseconds account_refill = std::chrono::seconds(30);
    Nanoseconds forget_after = std::chrono::hours(24);
    std::size_t entries_max = 50'000;
};

class SignInGuard {
public:
    explicit SignInGuard(GuardRules rules = {}) : rules_(rules) {}

    // How long to wait before the password is looked at: zero is now. An attempt that has to wait
    // is refused unseen, and counts for nothing.
    Nanoseconds wait(std::string_view user_name, std::string_view address, Timestamp now) const;

    // Counts as failed from the moment the password is being looked at, so that attempts side by
    // side are not free; success takes it back.
    void attempt(std::string_view user_name, std::string_view address, Timestamp now);
    void succeeded(std::string_view user_name, std::string_view address, Timestamp now);

    std::size_t size() const { return pairs_.size() + buckets_.size(); }

private:
    struct Pair {
        bool familiar = false;  // has signed in from here
        std::uint32_t failures = 0;
        Timestamp last;
    };
    struct Bucket {  // empties by one each refill interval
        double level = 0;
        Timestamp last;
    };
    static std::string pair_key(std::string_view user_name, std::string_view network);
    double level(const std::string& key, Nanoseconds refill, Timestamp now) const;
    Nanoseconds bucket_wait(const std::string& key, std::uint32_t capacity, Nanoseconds refill,
                            Timestamp now) const;
    void change(const std::string& key, double by, Nanoseconds refill, Timestamp now);
    void make_room(Timestamp now);

    GuardRules rules_;
    std::unordered_map<std::string, Pair> pairs_;
    std::unordered_map<std::string, Bucket> buckets_;
};

// What counts as one address: "192.0.2.7:50312" is 192.0.2.7, and an IPv6 address its /64, of which
// a guesser has as many addresses as they like.
std::string network_of(std::string_view peer_address);

}  // namespace vigil::identity

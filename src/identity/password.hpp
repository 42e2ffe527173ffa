#pragma once
// Passwords: Argon2id (RFC 9106), rules after NIST SP 800-63B 5.1.1. Hashing blocks for tens of
// milliseconds by design: app/ runs it on a worker, never on the loop.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

// NIST SP 800-63B-4 asks 15 characters of a password that stands alone, and of every verifier to
// take at least 64. Counted in bytes at the upper end: it bounds the work.
constexpr std::size_t password_characters_min = 15;
constexpr std::size_t password_bytes_max = 256;

// Length, well-formed UTF-8, and none of the words everybody tries first; nothing is asked of its
// make-up, and it never expires. `user_name` and its repetitions are among those words.
Result<void> check_password_rules(std::string_view password, std::string_view user_name);

// What a hash costs: about 25 ms and 19 MiB on this year's server cores. The OWASP cheat sheet's
// least for Argon2id is 19 MiB and two passes at one lane.
struct HashCost {
    std::size_t memory_bytes = std::size_t{19} << 20;
    unsigned passes = 2;
};

// "$argon2id$v=19$…", with its own salt and cost, so that the cost can rise later. Fails where the
// memory is not to be had.
Result<std::string> hash_password(std::string_view password, const HashCost& cost = {});

// Takes as long for an account that does not exist, where `hash` is empty.
bool verify_password(std::string_view password, const std::string& hash);

// The hash was made at another cost: hash again, now that the password is at hand.
bool needs_rehash(const std::string& hash, const HashCost& cost = {});

// For the first administrator, where none was given: 100 bits in five groups that can be read out.
std::string generate_password(const RandomSource& random);

}  // namespace vigil::identity

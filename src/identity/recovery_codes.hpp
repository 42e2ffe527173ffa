#pragma once
// Recovery codes: each stands for a second factor once. Shown once, kept as their SHA-256.

#include <string>
#include <string_view>
#include <vector>

#include "identity/secret.hpp"

namespace vigil::identity {

struct RecoveryCodes {
    std::vector<std::string> codes{};    // "abcd-efgh-ijkm-npqr": 80 random bits each
    std::vector<std::string> digests{};  // hexadecimal
};

RecoveryCodes new_recovery_codes(const RandomSource& random);

// A code as it was typed, without case, blanks and dashes.
std::string plain_code(std::string_view typed);
std::string recovery_digest(std::string_view typed);

}  // namespace vigil::identity

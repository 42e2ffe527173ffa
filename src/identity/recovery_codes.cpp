#include "identity/recovery_codes.hpp"

#include <algorithm>
#include <array>

#include "identity/factors.hpp"
#include "identity/totp.hpp"

namespace vigil::identity {
namespace {

// 80 random bits as "abcd-efgh-jkmn-pqrs": too many to guess, also from their digest.
constexpr std::size_t recovery_code_bytes = 10;

std::string new_recovery_code(const RandomSource& random) {
    std::array<std::uint8_t, recovery_code_bytes> bytes{};
    random(bytes);
    auto text = base32(std::string(bytes.begin(), bytes.end()));
    std::ranges::transform(text, text.begin(), [](char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    });
    for (std::size_t at = 12; at > 0; at -= 4) text.insert(at, 1, '-');
    return text;
}

}  // namespace

std::string plain_code(std::string_view typed) {
    std::string out;
    for (const char c : typed.substr(0, 64))
        if (c != ' ' && c != '-')
            out += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return out;
}

std::string recovery_digest(std::string_view typed) {
    return to_hex(sha256(plain_code(typed)));
}

;

RecoveryCodes new_recovery_codes(const RandomSource& random) {
    RecoveryCodes made;
    for (std::size_t i = 0; i < recovery_codes_count; ++i) {
        made.codes.push_back(new_recovery_code(random));
        made.digests.push_back(recovery_digest(made.codes.back()));
    }
    return made;
}

}  // namespace vigil::identity

#include "identity/enrolment.hpp"

#include <algorithm>
#include <array>

#include "identity/people.hpp"

namespace vigil::identity {
namespace {

// Crockford's base 32: no I, L, O or U, which are misread or make words.
constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t typed_bytes_max = 64;
constexpr std::size_t group = 4;

char normal_character(char c) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') return '0';
    return c == 'I' || c == 'L' ? '1' : c;
}

bool of_alphabet(std::string_view text) {
    return text.find_first_not_of(alphabet) == std::string_view::npos;
}

}  // namespace

Result<void> check(const EnrolmentOffered& act) {
    if (act.locator.size() != enrolment_locator_characters || !of_alphabet(act.locator))
        return fail(Error::Kind::malformed, "a locator is the first four characters of a code",
                    "locator");
    if (!act.code) return fail(Error::Kind::malformed, "a code has a digest", "code_sha256");
    return {};
}

Result<void> check(const EnrolmentRevoked& act) {
    if (act.reason.size() > reason_bytes_max)
        return fail(Error::Kind::too_large, "a reason has at most 1,000 bytes", "reason");
    return {};
}

std::string new_enrolment_code(const RandomSource& random) {
    std::array<std::uint8_t, enrolment_code_characters> bytes{};
    random(bytes);
    std::string code;
    for (const auto byte : bytes) code += alphabet[byte % alphabet.size()];  // 256 is 8 × 32
    return code;
}

std::string grouped_code(std::string_view code) {
    std::string shown;
    for (std::size_t at = 0; at < code.size(); at += group) {
        if (at > 0) shown += '-';
        shown += code.substr(at, group);
    }
    return shown;
}

std::optional<std::string> normal_code(std::string_view typed) {
    if (typed.size() > typed_bytes_max) return std::nullopt;
    std::string code;
    for (const char c : typed)
        if (c != '-' && c != ' ') code += normal_character(c);
    if (code.size() != enrolment_code_characters || !of_alphabet(code)) return std::nullopt;
    return code;
}

}  // namespace vigil::identity

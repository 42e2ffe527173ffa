#include "identity/password.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "base/utf8.hpp"

namespace vigil::identity {
namespace {

// Phrases of the required length that head the lists of leaked passwords, and what a hospital would
// think of first. Compared without case, blanks and punctuation.
constexpr std::array<std::string_view, 22> commonest{
    "passwordpassword",  "password12345678",  "123456789012345",   "1234567890123456",
    "qwertyuiopasdfgh",  "qwertyuiopasdfghj", "qwertyuiop12345",   "qwertyuiop123456",
    "1qaz2wsx3edc4rfv",  "1q2w3e4r5t6y7u8i",  "zaq12wsxcde34rfv",  "iloveyouiloveyou",
    "letmeinletmeinle",  "letmeinletmein1",   "administrator123",  "administratoradministrator",
    "welcomewelcome12",  "changemechangeme",  "changemechangeme1", "hospitalhospital",
    "intensivecareunit", "vigilvigilvigil"};

std::string simplified(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) || byte >= 0x80) out += static_cast<char>(std::tolower(byte));
    }
    return out;
}

// One short piece over and over: "aaaaaaaaaaaaaaa", "abcabcabcabcabc".
bool repeats(std::string_view text, std::size_t period) {
    for (std::size_t i = period; i < text.size(); ++i)
        if (text[i] != text[i - period]) return false;
    return true;
}

// "123456789012345", "abcdefghijklmno", and backwards.
bool is_a_row(std::string_view text) {
    const auto steps_by = [&](int step) {
        for (std::size_t i = 1; i < text.size(); ++i) {
            const int difference = text[i] - text[i - 1];
            const bool wraps = difference == -9 * step;  // after the 9 comes the 0
            if (difference != step && !wraps) return false;
        }
        return true;
    };
    return steps_by(1) || steps_by(-1);
}

bool is_obvious(std::string_view password, std::string_view user_name) {
    const auto plain = simplified(password);
    if (std::ranges::find(commonest, plain) != commonest.end()) return true;
    for (std::size_t period = 1; period <= 4; ++period)
        if (repeats(plain, period)) return true;
    const auto name = simplified(user_name);
    if (name.size() > 4 && plain.starts_with(name) && repeats(plain, name.size())) return true;
    return is_a_row(plain);
}

// Code points; none: not well-formed UTF-8.
std::optional<std::size_t> characters(std::string_view text) {
    std::size_t count = 0;
    for (; !text.empty(); ++count) {
        const auto length = utf8_sequence_length(text);
        if (length == 0) return std::nullopt;
        text.remove_prefix(length);
    }
    return count;
}

}  // namespace

Result<void> check_password_rules(std::string_view password, std::string_view user_name) {
    const auto length = characters(password);
    if (!length) return fail(Error::Kind::malformed, "not well-formed UTF-8", "password");
    if (*length < password_characters_min)
        return fail(Error::Kind::malformed,
                    fmt::format("a password has at least {} characters: several words are easy to "
                                "remember and hard to guess",
                                password_characters_min),
                    "password");
    if (password.size() > password_bytes_max)
        return fail(Error::Kind::too_large,
                    fmt::format("a password has at most {} bytes", password_bytes_max), "password");
    if (is_obvious(password, user_name))
        return fail(Error::Kind::malformed, "this password is among the first that are guessed",
                    "password");
    return {};
}

Result<std::string> hash_password(std::string_view password, const HashCost& cost) {
    if (sodium_init() < 0) return fail(Error::Kind::internal, "no random source for the salt");
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), cost.passes,
                              cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return fail(Error::Kind::busy, "not enough memory to hash a password");
    return std::string(hash.data());
}

bool verify_password(std::string_view password, const std::string& hash) {
    // A hash of no password that anybody can enter, made at the usual cost: work for a name that
    // nobody has.
    static const std::string nobodys = hash_password("").value_or("");
    const bool known = !hash.empty();
    const auto& against = known ? hash : nobodys;
    const bool same =
        password.size() <= password_bytes_max && against.size() < crypto_pwhash_STRBYTES &&
        crypto_pwhash_str_verify(against.c_str(), password.data(), password.size()) == 0;
    return known && same;
}

bool needs_rehash(const std::string& hash, const HashCost& cost) {
    return hash.size() < crypto_pwhash_STRBYTES &&
           crypto_pwhash_str_needs_rehash(hash.c_str(), cost.passes, cost.memory_bytes) != 0;
}

std::string generate_password(const RandomSource& random) {
    // Crockford's base 32: no I, L, O, U to misread.
    constexpr std::string_view letters = "0123456789abcdefghjkmnpqrstvwxyz";
    std::array<std::uint8_t, 20> bytes{};
    random(bytes);
    std::string password;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i > 0 && i % 4 == 0) password += '-';
        password += letters[bytes[i] % letters.size()];
    }
    return password;
}

}  // namespace vigil::identity

#include "identity/totp.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>

#include <array>
#include <cassert>

#include "base/percent.hpp"

namespace vigil::identity {
namespace {

constexpr std::size_t sha1_bytes = 20;

std::array<std::uint8_t, sha1_bytes> hmac_sha1(std::string_view secret, std::uint64_t counter) {
    std::array<std::uint8_t, 8> message{};
    for (std::size_t i = 0; i < message.size(); ++i)
        message[i] = static_cast<std::uint8_t>(counter >> (56 - 8 * i) & 0xFF);
    std::array<std::uint8_t, sha1_bytes> mac{};
    unsigned int length = 0;
    HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), message.data(), message.size(),
         mac.data(), &length);
    return mac;
}

}  // namespace

std::string hotp(std::string_view secret, std::uint64_t counter, int digits) {
    assert(digits >= 1 && digits <= 9);
    const auto mac = hmac_sha1(secret, counter);
    const std::size_t at = mac.back() & 0x0F;  // at most 15, and four bytes are read
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(mac.at(at + i)); };
    const auto truncated = (byte(0) & 0x7F) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
    std::uint32_t modulus = 1;
    for (int i = 0; i < digits; ++i) modulus *= 10;
    return fmt::format("{:0{}}", truncated % modulus, digits);
}

std::uint64_t totp_step(Timestamp time) {
    const auto periods = time.time_since_epoch() / totp_period;
    return periods < 0 ? 0 : static_cast<std::uint64_t>(periods);
}

std::optional<std::uint64_t> totp_match(std::string_view secret, std::string_view code,
                                        Timestamp now, std::uint64_t accepted) {
    if (code.size() != totp_digits) return std::nullopt;
    const auto current = totp_step(now);
    const auto first = current < totp_steps_off_max ? 0 : current - totp_steps_off_max;
    std::optional<std::uint64_t> found;
    for (auto step = first; step <= current + totp_steps_off_max; ++step) {
        const auto right = hotp(secret, step);
        const bool same = CRYPTO_memcmp(right.data(), code.data(), right.size()) == 0;
        if (same && step > accepted) found = step;
    }
    return found;
}

std::string base32(std::string_view bytes) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string out;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : bytes) {
        bits = (bits << 8 | static_cast<unsigned char>(c)) & 0xFFFF;
        for (held += 8; held >= 5; held -= 5) out += alphabet[bits >> (held - 5) & 31];
    }
    if (held > 0) out += alphabet[bits << (5 - held) & 31];
    return out;
}

std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view name) {
    return fmt::format("otpauth://totp/{0}:{1}?secret={2}&issuer={0}", percent_encoded(issuer),
                       percent_encoded(name), base32(secret));
}

}  // namespace vigil::identity

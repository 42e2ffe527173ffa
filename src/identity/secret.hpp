#pragma once
// Random secrets, and what is kept of them: only their SHA-256. A secret of 256 random bits needs
// no slow hash: there is nothing to guess (docs/decisions/0008-credentials.md).

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vigil::identity {

// Fills with random bytes fit for keys. Comes in as an argument, so that a test can fix it.
using RandomSource = std::function<void(std::span<std::uint8_t>)>;

// The operating system's.
RandomSource system_random();

struct Digest {
    std::array<std::uint8_t, 32> bytes{};
    bool operator==(const Digest&) const = default;
    explicit operator bool() const { return *this != Digest{}; }
};

Digest sha256(std::string_view text);

// Takes the same time wherever the first difference is.
bool same_secret(const Digest& a, const Digest& b);
bool same_secret(std::string_view a, std::string_view b);

// 43 characters of base64url (RFC 4648 5, no padding): 256 bits.
std::string new_secret(const RandomSource& random);

// A value that whoever does not hold `secret` cannot make: base64url of HMAC-SHA-256.
std::string derived_secret(std::string_view secret, std::string_view purpose);

// RFC 4648 5, no padding.
std::string base64url(std::string_view bytes);
Result<std::string> from_base64url(std::string_view text);

std::string to_hex(const Digest& digest);
Result<Digest> digest_from_hex(std::string_view hex);

// Digests of secrets are random already.
struct DigestHash {
    std::size_t operator()(const Digest& digest) const noexcept {
        std::size_t word = 0;
        std::memcpy(&word, digest.bytes.data(), sizeof word);
        return word;
    }
};

}  // namespace vigil::identity

#pragma once
// A 128-bit keyless fingerprint for telling messages apart (not for security: see identity/).

#include <compare>
#include <cstdint>
#include <functional>
#include <string_view>

namespace vigil {

struct Fingerprint {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    auto operator<=>(const Fingerprint&) const = default;
    explicit operator bool() const { return (high | low) != 0; }
};

// Stable for ever: fingerprints are stored in the log. Never all zero.
Fingerprint fingerprint(std::string_view bytes, std::uint64_t seed = 0);

// In a map from std::string: finds by a view, without making a string of it (with std::equal_to<>).
struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
};

// CRC-32C (Castagnoli, RFC 3720 B.4), continuing from `crc`.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

}  // namespace vigil

template <>
struct std::hash<vigil::Fingerprint> {
    std::size_t operator()(const vigil::Fingerprint& f) const noexcept { return f.low; }
};

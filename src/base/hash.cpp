#include "base/hash.hpp"

#include <array>
#include <bit>
#include <cstring>

#if defined(__SSE4_2__)
#include <nmmintrin.h>
#endif

namespace vigil {
namespace {

// MurmurHash3's 64-bit finaliser (A. Appleby, public domain): every input bit reaches every output
// bit.
std::uint64_t mixed(std::uint64_t value) {
    value ^= value >> 33;
    value *= 0xff51afd7ed558ccdULL;
    value ^= value >> 33;
    value *= 0xc4ceb9fe1a85ec53ULL;
    return value ^ (value >> 33);
}

std::uint64_t little_endian_word(const char* bytes, std::size_t count) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, count);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    return word;
}

#if !defined(__SSE4_2__)
constexpr auto crc_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0);
        table[i] = crc;
    }
    return table;
}();
#endif

}  // namespace

Fingerprint fingerprint(std::string_view bytes, std::uint64_t seed) {
    std::uint64_t a = seed ^ 0x9e3779b97f4a7c15ULL;
    std::uint64_t b = bytes.size() ^ 0xc2b2ae3d27d4eb4fULL;
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        const auto word = little_endian_word(bytes.data() + at, 8);
        a = std::rotl(a ^ (word * 0x87c37b91114253d5ULL), 31) * 0x4cf5ad432745937fULL + b;
        b = std::rotl(b + (word * 0x4cf5ad432745937fULL), 27) * 5 + a;
    }
    if (at < bytes.size()) {
        const auto word = little_endian_word(bytes.data() + at, bytes.size() - at);
        a = std::rotl(a ^ (word * 0x87c37b91114253d5ULL), 31) * 0x4cf5ad432745937fULL + b;
        b = std::rotl(b + (word * 0x4cf5ad432745937fULL), 27) * 5 + a;
    }
    Fingerprint out{mixed(a + b), mixed(b ^ std::rotl(a, 17))};
    if (!out) out.low = 1;
    return out;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc) {
    crc = ~crc;
#if defined(__SSE4_2__)
    std::size_t at = 0;
    std::uint64_t wide = crc;
    for (; at + 8 <= bytes.size(); at += 8)
        wide = _mm_crc32_u64(wide, little_endian_word(bytes.data() + at, 8));
    crc = static_cast<std::uint32_t>(wide);
    for (; at < bytes.size(); ++at) crc = _mm_crc32_u8(crc, static_cast<unsigned char>(bytes[at]));
#else
    for (const char c : bytes)
        crc = (crc >> 8) ^ crc_table[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
#endif
    return ~crc;
}

}  // namespace vigil

#pragma once
// SHA-256 (FIPS 180-4) of many short texts in a row, and bytes as hexadecimal.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace vigil {

using Sha256Digest = std::array<std::uint8_t, 32>;

// What one digest takes to prepare is kept for the next. One thread at a time.
class Sha256 {
public:
    Sha256();
    // Of all parts, one after the other.
    Sha256Digest of(std::initializer_list<std::string_view> parts);

private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

inline std::string_view bytes_of(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string hex_of(std::span<const std::uint8_t> bytes);  // lower case
// Fills `out` from two digits a byte, of either case; false where the text is not just that.
bool read_hex(std::string_view text, std::span<std::uint8_t> out);

}  // namespace vigil

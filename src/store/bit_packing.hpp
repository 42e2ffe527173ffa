#pragma once
// Unsigned numbers in as few bits as the largest of a block needs; a few larger ones are patched in
// afterwards, so that one outlier does not widen a block (PFOR).

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.hpp"

namespace vigil::store {

// Appends all of `values`.
void pack(std::span<const std::uint64_t> values, std::string& out);

// Reads `values.size()` numbers back; false where the bytes cannot be what `pack` wrote.
bool unpack(ByteReader& in, std::span<std::uint64_t> values);

// No packed column is longer than this.
constexpr std::size_t packed_bytes_max(std::size_t count) {
    return count * 9 + 64;
}

}  // namespace vigil::store

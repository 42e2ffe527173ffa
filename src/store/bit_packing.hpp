#pragma once
// Unsigned numbers in as few bits as the largest of a block needs; a few larger ones are patched in
// afterwards, so that one outlier does not widen a block (PFOR).

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "store/residuals.hpp"

namespace vigil::store {

// Appends all of `values`.
void pack(std::span<const std::uint64_t> values, std::string& out);

// Reads the next block's numbers back, `out.count` of them: block_size, of the last block what is
// left. False where the bytes cannot be what `pack` wrote.
bool unpack_block(ByteReader& in, Residuals& out);

// No packed column is longer than this.
constexpr std::size_t packed_bytes_max(std::size_t count) {
    return count * 9 + 64;
}

}  // namespace vigil::store

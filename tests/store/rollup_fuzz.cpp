// Roll-ups come from a disk or a backup: whatever their bytes, reading ends with buckets or an
// error, and buckets that were read are written and read again as the same, to the bit.

#include <array>
#include <bit>
#include <cstdlib>

#include "store/rollup.hpp"

namespace {

using vigil::store::Rollup;

std::array<std::uint64_t, 6> bits(const Rollup& rollup) {
    return {static_cast<std::uint64_t>(vigil::unix_ns(rollup.start)),
            rollup.count,
            std::bit_cast<std::uint64_t>(rollup.min),
            std::bit_cast<std::uint64_t>(rollup.max),
            std::bit_cast<std::uint64_t>(rollup.last),
            std::bit_cast<std::uint64_t>(rollup.sum)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil::store;
    ColumnDecoder decoder;
    const auto rollups = decode_rollups({reinterpret_cast<const char*>(data), size}, decoder);
    if (!rollups) return 0;
    ColumnEncoder encoder;
    const auto again = decode_rollups(encode(*rollups, encoder), decoder);
    if (!again || again->size() != rollups->size()) std::abort();
    for (std::size_t i = 0; i < rollups->size(); ++i)
        if (bits((*rollups)[i]) != bits((*again)[i])) std::abort();
    return 0;
}

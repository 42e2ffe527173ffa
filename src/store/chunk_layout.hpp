#pragma once
// What chunk_writer.cpp and chunk_reader.cpp agree on.

#include <cstdint>

namespace vigil::store::layout {

constexpr std::uint8_t version = 1;

// The year 1677: no device's clock, and the one value that time arithmetic avoids anyway.
constexpr std::int64_t no_device_time = INT64_MIN;

enum class DeviceTimes : std::uint8_t { none = 0, as_filed = 1, own = 2 };

// How far exponents of one run may lie apart and still be brought to one.
constexpr int alignment_max = 18;

}  // namespace vigil::store::layout

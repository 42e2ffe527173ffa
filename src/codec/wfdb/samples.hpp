#pragma once
// The samples of WFDB signal files (WFDB Applications Guide, signal.5). A sample that the format
// marks as invalid is `missing`.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "codec/wfdb/header.hpp"

namespace vigil::wfdb {

constexpr std::int32_t missing = INT32_MIN;
constexpr std::uint64_t samples_max = std::uint64_t{1} << 28;  // of one file

// The formats known here: 8, 16, 24, 32, 61, 80, 160, 212, 310, 311.
bool knows_format(std::uint16_t format);

// The samples of the signals that share one file, `frame_count` frames or, if that is 0, as many as
// the file holds; one vector a signal, skew taken out. All signals have one format and offset.
Result<std::vector<std::vector<std::int32_t>>> decode_samples(std::string_view file,
                                                              std::span<const Signal> signals,
                                                              std::uint64_t frame_count);

// Samples of one file in order, as the format writes them; clamped to its range.
std::string encode_samples(std::span<const std::int32_t> samples, std::uint16_t format);

// The 16-bit sum that headers carry; samples as decoded, missing ones as their format writes them.
std::int16_t checksum(std::span<const std::int32_t> samples, std::uint16_t format);

}  // namespace vigil::wfdb

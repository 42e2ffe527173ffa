#pragma once
// How the samples of a waveform block are coded: docs/reference/waveform-block.md, Samples.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vigil::codec::waveform {

enum class SampleCoding : std::uint8_t {
    int16 = 0,         // little endian; −2^15 is a missing sample
    int32 = 1,         // little endian; −2^31 is a missing sample
    delta_varint = 2,  // differences, most samples one byte; 0 is a missing sample
    delta_packed = 3   // differences in groups of 128, each as wide as its widest; none missing
};

constexpr std::size_t packed_group = 128;

// Fills `out`, whose size is the count that the block announces. `bytes` must hold exactly that.
Result<void> decode_samples(SampleCoding coding, std::string_view bytes,
                            std::span<std::int32_t> out);

// Whether the coding can hold these samples.
bool can_hold(SampleCoding coding, std::span<const std::int32_t> samples);
void encode_samples(SampleCoding coding, std::span<const std::int32_t> samples, std::string& out);

}  // namespace vigil::codec::waveform

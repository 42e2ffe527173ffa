#pragma once
// Waveforms as devices send them: a message of compact binary blocks. The layout is
// docs/reference/waveform-block.md, so that a device's maker needs no more than that page.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codec/payload_rules.hpp"
#include "codec/waveform/samples.hpp"

namespace vigil::codec::waveform {

constexpr std::string_view magic = "VWB1";
constexpr std::size_t blocks_max = 64;
constexpr std::size_t samples_max = std::size_t{1} << 22;  // of a message

// A block that cannot be read is noted in `out.unread`, the others are read. Fails where no block
// could be found.
Result<void> decode(std::string_view payload, const DecodeContext& context, DecodedMessage& out);

// Appends a message of those `readings` that hold waveform blocks, at most `blocks_max`. `sequence`
// makes a resend known as one; 0: none. Without a `coding` each block takes the smallest.
void encode(std::span<const Reading> readings, const Catalogue& catalogue, std::uint64_t sequence,
            std::string& out, std::optional<SampleCoding> coding = std::nullopt);

}  // namespace vigil::codec::waveform

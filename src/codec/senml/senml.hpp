#pragma once
// Sensor Measurement Lists (RFC 8428), as JSON and as CBOR.
//
//     [{"bn": "urn:dev:mac:0024befffe804ff1:", "bt": 1767225600},
//      {"n": "heart_rate", "u": "beat/min", "v": 72}, {"n": "temp_skin", "u": "Cel", "v": 34.1}]
//
// The last part of a resolved name is the metric; "…:temp_skin/2" is its channel 2. What stands
// before it names the sensor: a pack carries the readings of one. A sum (`s`) is not read.

#include <string_view>

#include "base/json.hpp"
#include "codec/payload_rules.hpp"

namespace vigil::codec::senml {

constexpr std::size_t payload_bytes_max = std::size_t{1} << 20;
constexpr std::size_t records_max = 16'384;

// JSON or CBOR by the first byte: a CBOR pack is an array, which no JSON text begins like.
Result<void> decode(std::string_view payload, const DecodeContext& context, JsonDocument& json,
                    DecodedMessage& out);

}  // namespace vigil::codec::senml

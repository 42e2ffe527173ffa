#pragma once
// SampledData (FHIR R4 2.24.0.8): value = origin + factor × datum; E is an error, U and L are above
// and below what the device can tell.

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "metric/reading.hpp"

namespace vigil::codec::fhirjson {

constexpr std::size_t samples_max = std::size_t{1} << 22;

struct SampledData {
    std::vector<WaveformBlock> dimensions;  // without a unit; at least one
    bool has_limits = false;  // some samples were U or L: they stand at the limit, or missing
};

Result<SampledData> read_sampled_data(JsonValue value);

std::string sampled_data_text(const WaveformBlock& block);  // "12 13 E 14"

}  // namespace vigil::codec::fhirjson

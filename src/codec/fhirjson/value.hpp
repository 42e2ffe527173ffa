#pragma once
// value[x], dataAbsentReason and interpretation of an Observation or a component.

#include <cstdint>
#include <optional>

#include "base/json.hpp"
#include "base/result.hpp"
#include "metric/catalogue.hpp"
#include "metric/reading.hpp"

namespace vigil::codec::fhirjson {

// The unit of a Quantity: its UCUM or IEEE 11073 code, else its text where that is unambiguous.
// Nothing where none is declared.
Result<std::optional<UnitId>> quantity_unit(JsonValue quantity);

// A unit as `metric` may be measured in. None declared is an error where the metric has a
// dimension: a number from who knows what scale is no reading.
Result<UnitId> unit_for(const Metric& metric, JsonValue quantity);

// Any value[x] but SampledData; nothing where `part` has neither a value nor a reason why not.
Result<std::optional<decltype(Reading::value)>> read_value_x(const Metric& metric, JsonValue part);

// Status bits that the interpretation codes tell.
std::uint32_t interpretation_status(JsonValue part);

}  // namespace vigil::codec::fhirjson

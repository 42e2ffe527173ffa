#pragma once
// From what a device said to the steps of a chart, exactly.

#include <optional>

#include "base/decimal.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace vigil::monitor {

// Whole steps of 10^exponent, rounded once, half away from zero (clinical_scores §1: SpO2 95.5 is
// 96, a temperature of 36.04 is 36.0). None beyond ±10^9 steps: that is no measurement.
std::optional<std::int64_t> rounded_steps(const Decimal& value, std::int8_t exponent);

// As units::convert, with more places than the source carried, so that rounding to steps does not
// round a second time at a bound.
Result<Decimal> converted(const Decimal& value, UnitId from, UnitId to);

}  // namespace vigil::monitor

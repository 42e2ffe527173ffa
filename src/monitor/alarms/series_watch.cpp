#include "monitor/alarms/series_watch.hpp"

#include <algorithm>

#include "metric/unit.hpp"

namespace vigil::monitor {
namespace {

// Questionable, poor, estimated and typed values count: an alarm too many is the safer error.
constexpr std::uint32_t not_valid = status::invalid | status::not_available |
                                    status::calibration_ongoing | status::test_data |
                                    status::demo_data | status::implausible;

}  // namespace

std::optional<MeasuredValue> measured_value(const Reading& reading, const Metric& metric) {
    const auto* numeric = std::get_if<NumericValue>(&reading.value);
    if (numeric == nullptr || (reading.status & not_valid) != 0) return std::nullopt;
    switch (numeric->special) {
        case SpecialValue::none:
            break;
        case SpecialValue::positive_infinity:
        case SpecialValue::over_range:
            return MeasuredValue{{}, MeasuredValue::Range::above};
        case SpecialValue::negative_infinity:
        case SpecialValue::under_range:
            return MeasuredValue{{}, MeasuredValue::Range::below};
        default:
            return std::nullopt;
    }
    // A payload that declares no unit means the catalogue's (docs/guides/connect-a-device.md).
    if (!numeric->unit || numeric->unit == metric.unit) return MeasuredValue{numeric->value};
    if (numeric->unit.value >= units::count()) return std::nullopt;
    const auto converted =
        units::convert(numeric->value, numeric->unit, metric.unit, metric.molar_mass);
    if (!converted) return std::nullopt;
    return MeasuredValue{*converted};
}

bool has_samples(const Reading& reading) {
    const auto* block = std::get_if<WaveformBlock>(&reading.value);
    return block != nullptr && (reading.status & not_valid) == 0 &&
           std::ranges::any_of(block->samples,
                               [](std::int32_t s) { return s != WaveformBlock::missing; });
}

}  // namespace vigil::monitor

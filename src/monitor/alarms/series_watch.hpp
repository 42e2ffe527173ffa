#pragma once
// One series of a patient as the alarm system watches it: whether it still comes, and the limits on
// it.

#include <cstdint>
#include <optional>
#include <vector>

#include "metric/catalogue.hpp"
#include "metric/reading.hpp"
#include "monitor/alarms/data_watch.hpp"
#include "monitor/alarms/limit_condition.hpp"

namespace vigil::monitor {

struct LimitWatch {
    std::uint16_t row = 0;  // of the LimitTable
    LimitCondition condition{};

    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("row", self.row);
        visit("condition", self.condition);
    }
};

struct SeriesWatch {
    DeviceId device{};
    MetricId metric{};
    std::uint16_t channel = 0;
    DataWatch data{};
    Nanoseconds gap{};  // zero: it may be silent
    MeasuredValue last{};
    std::vector<LimitWatch> limits{};

    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("device", self.device);
        visit("metric", self.metric);
        visit("channel", self.channel);
        visit("data", self.data);
        visit("gap", self.gap);
        visit("last", self.last.value);
        visit("range", self.last.range);
        visit("limits", self.limits);
    }
};

// All three in one number: what a reading's series is looked up by.
constexpr std::uint64_t series_key(DeviceId device, MetricId metric, std::uint16_t channel) {
    return std::uint64_t{device.value} << 32 | std::uint64_t{metric.value} << 16 | channel;
}

constexpr bool valid(MeasuredValue::Range range) {
    return range <= MeasuredValue::Range::below;
}

// What counts for limits and rules, in the metric's normal unit; none: not a valid value. Invalid
// is what the device (11073-20601 MeasurementStatus) or the catalogue's artefact limits say is, and
// a value in a unit that cannot be its metric's: it is never guessed.
std::optional<MeasuredValue> measured_value(const Reading& reading, const Metric& metric);
// A waveform block that has at least one sample: it tells that data come, and has no limits.
bool has_samples(const Reading& reading);

}  // namespace vigil::monitor

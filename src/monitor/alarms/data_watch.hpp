#pragma once
// Whether values of one series (device, metric, channel) still come: the watchdog behind the
// technical condition "no data", and what a limit's UNKNOWN state hangs on.

#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace vigil::monitor {

// How long without a valid value is too long; zero: never (cuff, scale). A live source of the
// catalogue: three of its intervals, at least 10 s, as a lost feed is to be noticed then.
constexpr Nanoseconds data_gap_min = std::chrono::seconds(10);
constexpr Nanoseconds default_data_gap(Nanoseconds expected_interval) {
    if (expected_interval <= Nanoseconds::zero()) return {};
    return expected_interval > data_gap_min / 3 ? 3 * expected_interval : data_gap_min;
}

enum class DataChange : std::uint8_t { none, went_silent, came_back };

// Two clocks: `newest` is when the value was measured, by which readings are told to be old or
// double; `heard` is the log's clock, by which silence is measured, so that a device clock that is
// some seconds off does not look like silence.
struct DataWatch {
    Timestamp newest = Timestamp::min();
    Timestamp heard = Timestamp::min();
    bool silent = false;

    // Of the newest value only: older and equal times are late or double, and change nothing.
    bool counts(Timestamp measured) const { return measured > newest; }
    // A valid value came. The caller has let `on_time` look first.
    DataChange on_value(Timestamp measured, Timestamp now);
    DataChange on_time(Timestamp now, Nanoseconds gap);

    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("newest", self.newest);
        visit("heard", self.heard);
        visit("silent", self.silent);
    }
    bool operator==(const DataWatch&) const = default;
};

}  // namespace vigil::monitor

#pragma once
// The stored ECG of a span, read as the watch reads it, as docs/reference/alarms-api.md shows it.

#include <optional>

#include "base/json_writer.hpp"
#include "monitor/signals/rhythm_strip.hpp"
#include "share/alarms/shapes.hpp"
#include "store/series.hpp"

namespace vigil::share {

// Whose ECG, and as what patient it is read.
struct StripAsked {
    PatientId patient{};
    std::optional<DeviceId> device{};  // none: the one that sends the leads that say most
    monitor::StripQuestion question{};
};

struct StripShown {
    std::optional<DeviceId> device{};  // none: there is no ECG
    monitor::RhythmStrip strip{};
    bool cut = false;  // there are more samples than are read at once: it ends before `to`
};

// Twelve leads at 2,000 samples a second for as long as is read at most.
constexpr std::size_t strip_samples_max = 20'000'000;

// On a worker. A minute at a time is in memory.
Result<StripShown> read_strip(store::SeriesStore& series, const store::Access& access,
                              const monitor::MonitorTables& tables, StripAsked asked);

void write_strip(JsonWriter& json, const AlarmWords& words, const store::Span& span,
                 const StripShown& shown);

}  // namespace vigil::share

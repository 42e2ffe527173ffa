#pragma once
// What the watch reads of a patient's waveforms, as docs/reference/alarms-api.md shows it.

#include <optional>
#include <vector>

#include "base/json_writer.hpp"
#include "monitor/signals/patient_signals.hpp"
#include "share/alarms/shapes.hpp"

namespace vigil::share {

// Made on the monitors' thread.
struct RhythmShown {
    std::vector<monitor::EcgView> ecgs{};
    std::optional<double> pulse_rate{};
};

void write_rhythm(JsonWriter& json, const AlarmWords& words, const RhythmShown& shown);

}  // namespace vigil::share

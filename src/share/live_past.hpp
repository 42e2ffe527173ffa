#pragma once
// What a viewer of the live stream is shown of the past: the newest of each series, the last
// seconds of the waveforms, and what it missed, read back from the log. On a worker: any of it may
// wait for a disk. What the registry knows is added on the loop.

#include <cstddef>
#include <optional>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "share/live_ring.hpp"
#include "store/access.hpp"
#include "store/log.hpp"
#include "store/series.hpp"

namespace vigil::share {

struct WaveformPast {
    store::SeriesKey series;
    Timestamp filed_time;
    WaveformBlock block;
};

struct PatientPast {
    PatientId patient;
    std::vector<store::LatestSample> newest;
    std::vector<WaveformPast> waveforms;  // each series in order of time
};

// Waveforms since `waveforms_since`; none: without them.
Result<std::vector<PatientPast>> read_patients(store::SeriesStore& series,
                                               const store::Access& access,
                                               const std::vector<PatientId>& patients,
                                               std::optional<Timestamp> waveforms_since);

struct LogPart {
    // As their devices sent them, of all patients: the registry says whose they are.
    std::vector<LiveMessage> messages;
    Position reached;                 // everything up to here has been read
    std::optional<Timestamp> oldest;  // commit times of the first and the last entry read
    std::optional<Timestamp> newest;
    std::size_t bytes = 0;  // of the bodies read
};

// The messages after `after`, about `bytes_max` of them. An error where the log has forgotten some
// of them, has not come that far (it was restored from a backup), or is damaged there.
Result<LogPart> read_log(store::Log& log, Position after, std::size_t bytes_max);

}  // namespace vigil::share

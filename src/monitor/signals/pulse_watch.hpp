#pragma once
// One pulse wave of a patient, read as it comes: a pleth, or an arterial pressure. Whether it
// contradicts what the ECG seems to say is asked of it; it raises no alarm itself.

#include <deque>
#include <optional>
#include <vector>

#include "metric/batch.hpp"
#include "metric/catalogue.hpp"
#include "monitor/signals/sample_timeline.hpp"
#include "signal/pleth/pulse_detector.hpp"
#include "signal/pleth/pulse_evidence.hpp"
#include "signal/pleth/pulse_rate.hpp"

namespace vigil::monitor {

class PulseWatch {
public:
    void take(const FiledReading& filed, const Metric& metric);
    // What it says of the last `span` before `to`. None: it does not reach there, so that what it
    // says would be of the time before.
    std::optional<pleth::PulseEvidence> evidence(Timestamp to, Nanoseconds span) const;
    // A pulse was seen within `within` before `to`; of a wave that does not reach there none.
    std::optional<bool> pulsates(Timestamp to, Nanoseconds within) const;
    std::optional<double> rate() const;

    // A wave may be so far behind the ECG: its blocks come beside it, not at once.
    static constexpr Nanoseconds behind_max = std::chrono::milliseconds(1250);
    static constexpr std::size_t pulses_kept = 48;  // 10 s at 280/min

private:
    struct Line {
        SampleTimeline timeline;
        pleth::PulseDetector detector;
        pleth::PulseRate rate{};
        std::deque<pleth::Pulse> pulses{};
    };
    bool reaches(Timestamp to) const;
    double seconds(Timestamp at) const;

    std::optional<Line> line_;
};

}  // namespace vigil::monitor

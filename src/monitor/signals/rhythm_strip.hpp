#pragma once
// A rhythm strip: the ECG of a past span read as the watch reads one that is live, with its beats,
// the rate, and what people would have been told of the rhythm.

#include <optional>
#include <vector>

#include "monitor/rules/dry_run.hpp"
#include "monitor/signals/patient_signals.hpp"
#include "store/span.hpp"

namespace vigil::monitor {

struct MonitorTables;

// From where it began to where it ended, as people are told: what comes and goes is one. No end: it
// was there when the reading ended.
struct RhythmSpan {
    rhythm::Condition rhythm{};
    Timestamp from{};
    std::optional<Timestamp> to{};
    bool operator==(const RhythmSpan&) const = default;
};

struct RhythmStrip {
    struct Rate {
        Timestamp time{};
        double per_minute = 0;
    };
    std::optional<Timestamp> read_from{};  // where the ECG began that was read; none: there is none
    std::vector<EcgLead> leads{};          // that were read, each once
    std::vector<EcgBeat> beats{};          // of the span, in the order of time
    std::vector<RhythmSpan> rhythms{};     // that reach into the span, by their beginning
    std::vector<Rate> heart_rate{};        // of each second of the span in which it was known
};

struct StripQuestion {
    DeviceId ecg{};  // whose leads are read
    store::Span span{};
    AgeClass age_class = AgeClass::adult;
    std::vector<LimitSetting> limits{};  // the patient's, a row of the limit table each

    // Detectors learn from what came before the span: fibrillation of the atria needs the longest.
    static constexpr Nanoseconds before = std::chrono::minutes(3);
    // What ends within the span is known to have ended this much later.
    static constexpr Nanoseconds after = RhythmCalls::away_for + std::chrono::seconds(5);
    store::Span read() const { return {span.from - before, span.to + after}; }
};

// `next` has the blocks of `read()`: the device's leads, and the pulse waves of all devices. What
// came late is read like the rest: nobody is called by a strip.
RhythmStrip read_strip(const MonitorTables& tables, const StripQuestion& question,
                       const NextReading& next);

}  // namespace vigil::monitor

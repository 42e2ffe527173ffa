#pragma once
// The same readings through two configurations: alarms saved, events missed, time to detection. A
// pure function of the readings; a recorded day of a bed takes less than a second.

#include <string>
#include <vector>

#include "monitor/alarms/patient_monitor.hpp"
#include "monitor/rules/dry_run.hpp"

namespace vigil::monitor {

// How a patient would be watched.
struct Configuration {
    std::vector<LimitSetting> settings{};  // a row of the LimitTable each
    std::vector<AlarmRuleSet> rules{};
};

// Something that really happened, by whoever annotated the recording.
struct ReferenceEvent {
    Timestamp from{}, to{};
    std::string kind{};
    // Which conditions tell of it; none: any physiological one.
    std::vector<ConditionId> conditions{};
};

struct ConditionComparison {
    ConditionId condition{};
    AlarmPriority priority = AlarmPriority::medium;  // highest of either
    std::uint32_t alarms_before = 0, alarms_after = 0;
    // Alarms of the configuration before that no alarm of the same condition after overlaps.
    std::uint32_t missed = 0;
    // Of those that both have: how much later the one after begins; negative: sooner.
    std::optional<Nanoseconds> later_median{}, later_max{};
    Nanoseconds sounding_before{}, sounding_after{};  // how long the condition stood, in all
};

struct EventComparison {
    ReferenceEvent event{};
    // From its beginning to the first alarm that tells of it; none: not detected. An alarm that
    // stood when it began: zero.
    std::optional<Nanoseconds> detected_before{}, detected_after{};
};

struct WhatIf {
    std::vector<ConditionComparison> conditions;  // that had an alarm, by number
    std::vector<EventComparison> events;
    std::uint64_t readings = 0;
    Nanoseconds looked_at{};
    bool cut = false;  // more alarms than can be compared: the rest is counted nowhere

    std::uint32_t alarms_before() const;
    std::uint32_t alarms_after() const;
    std::uint32_t missed() const;
};

constexpr std::size_t what_if_alarms_max = 100'000;

// Nobody acknowledges anything: it is the alarms that are compared, not what people did. Fails
// where a rule cannot be read or the settings are not of this table.
Result<WhatIf> what_if(const MonitorTables& tables, const Configuration& before,
                       const Configuration& after, const NextReading& next,
                       std::vector<ReferenceEvent> events = {});

}  // namespace vigil::monitor

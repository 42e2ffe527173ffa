#pragma once
// What screens show of one bed, as a value: made where the monitors are, shown anywhere else.

#include <optional>
#include <string>
#include <vector>

#include "monitor/alarms/patient_monitor.hpp"

namespace vigil::monitor {

struct BedAlarm {
    Alarm alarm{};
    Signals signals{};
    std::string key{}, words{};  // of its condition: "spo2_low", "SpO2 low"; of a rule its name
    bool operator==(const BedAlarm&) const = default;
};

struct BedState {
    Subject subject{};
    Timestamp as_of{};               // the log's time up to which this was concluded
    bool is_watched = true;          // false: nobody watches them any more, and nothing stands
    std::vector<BedAlarm> alarms{};  // that are seen, highest and oldest first; then the suppressed
    std::vector<Inactivation> inactivations{};
    std::optional<Timestamp> unmonitored_since{};  // BedView
    AgeClass age_class = AgeClass::adult;
    bool is_age_confirmed = false;
    std::optional<Display> display{};  // a screen's place

    // To whoever looks: they differ in the time alone.
    bool shows_the_same(const BedState& other) const;
    std::optional<AlarmPriority> seen() const;  // the highest that is
};

BedState bed_of(const PatientMonitor& monitor, const MonitorTables& tables, Timestamp as_of);
BedState left_bed(const Subject& subject, Timestamp as_of);

}  // namespace vigil::monitor

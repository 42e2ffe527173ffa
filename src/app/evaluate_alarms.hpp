#pragma once
// `vigil evaluate alarms`: how many alarms Vigil's delays and hysteresis spare people on recorded
// vital signs, and what becomes of severe events (docs/guides/evaluate-alarms.md).

#include <cstdint>
#include <string>
#include <vector>

#include "app/commands.hpp"
#include "monitor/what_if/what_if.hpp"

namespace vigil::app {

struct EvaluateAlarmsOptions {
    std::string folder;  // of CSV files
    std::string age_class = "adult";
    std::string events;  // a CSV file of what really happened; empty: worked out from the values
};
int evaluate_alarms(const EvaluateAlarmsOptions& options, Output output);

// A recording in memory: readings in order of time.
struct VitalsRecording {
    std::string name;
    std::vector<monitor::PastReading> readings;
    std::vector<monitor::ReferenceEvent> events;
};

// Severe, and not for a moment: beyond these for ten seconds without a value on the near side. They
// are this report's own, far outside the adult limits; they decide nothing at a bedside.
struct SevereLimit {
    std::string_view metric, kind;
    std::int64_t limit;
    bool is_low;
};
constexpr SevereLimit severe_limits[] = {
    {"spo2", "SpO2 below 85 %", 85, true},
    {"heart_rate", "heart rate above 150/min", 150, false},
    {"heart_rate", "heart rate below 40/min", 40, true},
    {"resp_rate", "respiration above 35/min", 35, false},
    {"resp_rate", "respiration below 6/min", 6, true},
};
constexpr Nanoseconds severe_for = std::chrono::seconds(10);

// "Time [s],HR,SpO2": a first column of seconds, then metrics by their key or by the names of the
// BIDMC data set (HR, PULSE, RESP, SpO2). Empty or NaN: no value. Columns of no known name are
// passed over. `unsupported`: it has no column Time. `malformed` says in which line.
Result<VitalsRecording> read_vitals(std::string name, std::string_view csv,
                                    const Catalogue& catalogue);
std::vector<monitor::ReferenceEvent> severe_events(const VitalsRecording& recording,
                                                   const Catalogue& catalogue);

// One side: limits without delay and hysteresis, or Vigil's.
struct AlarmBurden {
    std::uint32_t physiological = 0, technical = 0, detected = 0;
    Nanoseconds in_alarm{};          // of physiological conditions, summed
    std::vector<Nanoseconds> after;  // from the beginning of each event that was detected
};
struct AlarmEvaluation {
    std::size_t recordings = 0;
    Nanoseconds looked_at{};
    AlarmBurden plain, ours;
    std::uint32_t missed = 0;  // alarms of plain limits that none of Vigil's overlaps
    std::vector<monitor::EventComparison> events;
    struct Skipped {
        std::string file, why;
    };
    std::vector<Skipped> skipped;
};
Result<void> add(AlarmEvaluation& sum, const monitor::MonitorTables& tables,
                 monitor::AgeClass age_class, VitalsRecording recording);
std::string text_of(const AlarmEvaluation& evaluation);
std::string json_of(const AlarmEvaluation& evaluation);

}  // namespace vigil::app

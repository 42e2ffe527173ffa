#pragma once
// Records that a bedside monitor alarmed in, and whether experts agreed: PhysioNet/CinC Challenge
// 2015 (Clifford et al., Physiol. Meas. 37:E5-E23, 2016).

#include <optional>
#include <span>
#include <string>

#include "signal/ecg/beat.hpp"
#include "signal/pleth/pulse_detector.hpp"
#include "signal/rhythm/condition.hpp"

namespace vigil::rhythm {

struct AlarmLabel {
    Condition condition{};
    bool is_true = false;
};
// Of the comments of a record's header: "Asystole", "True alarm". None if it is no such record.
std::optional<AlarmLabel> alarm_label(std::span<const std::string> info);

// What Vigil says of it, with what was known when the monitor alarmed.
struct AlarmVerdict {
    bool told = false;          // the condition was present in the ten seconds before (the
                                // challenge: AAMI's limit from event to alarm)
    bool contradicted = false;  // each time by the pulse (pulse_evidence.hpp)
};
constexpr double alarm_s = 300;  // of the record, the monitor alarmed

// `pulses`: of a pleth or an arterial pressure, empty without one.
AlarmVerdict judge_alarm(Condition condition, std::span<const RhythmEvent> events,
                         std::span<const ecg::Beat> beats, double sample_hz,
                         std::span<const pleth::Pulse> pulses);

}  // namespace vigil::rhythm

#pragma once
// What is said of a heart's rhythm, and when it began and ended.

#include <cstdint>
#include <string_view>

namespace vigil::rhythm {

enum class Condition : std::uint8_t {
    asystole,
    ventricular_fibrillation,  // or flutter
    ventricular_tachycardia,   // sustained
    extreme_tachycardia,
    extreme_bradycardia,
    ventricular_run,  // non-sustained ventricular tachycardia
    pause,
    ventricular_rhythm,  // accelerated idioventricular, or an escape rhythm
    couplet,
    bigeminy,
    trigeminy,
    multiform_ventricular_beats,
    frequent_ventricular_beats,  // PVC a minute above the limit
    r_on_t,
    missed_beat,
    atrial_fibrillation,
    supraventricular_tachycardia,
    tachycardia,
    bradycardia,
};
constexpr std::size_t condition_count = 19;

// "ventricular tachycardia": as people are told.
std::string_view name_of(Condition condition);

// Times are in seconds since the start of the signal.
struct RhythmEvent {
    Condition condition{};
    bool begins = true;  // false: it ended
    double at_s = 0;     // when the condition began or ended: at or before known_s
    double known_s = 0;  // the time of the data that settled it
    // Another condition of its chain that is present says more: recorded, not to be signalled.
    bool suppressed = false;

    bool operator==(const RhythmEvent&) const = default;
};

}  // namespace vigil::rhythm

#pragma once
// The site's times: how long an acknowledgement holds, who is told when, how long a pause may be.
// Defaults are Vigil's own, from what monitors of several makers offer; a site sets its own.

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "monitor/alarms/event.hpp"
#include "monitor/alarms/words.hpp"

namespace vigil::monitor {

struct EscalationStep {
    Nanoseconds after{};     // since the alarm began to be signalled
    std::uint16_t told = 0;  // event.hpp, recipients; never none
    bool operator==(const EscalationStep&) const = default;
};

// One value for each priority.
template <class T>
struct ByPriority {
    std::array<T, 3> values{};
    const T& operator[](AlarmPriority p) const { return values[static_cast<std::size_t>(p) - 1]; }
    T& operator[](AlarmPriority p) { return values[static_cast<std::size_t>(p) - 1]; }
};

struct AlarmPolicy {
    AlarmPolicy();  // data/alarm-escalation.tsv

    // An acknowledged alarm whose condition is still there sounds again after this.
    ByPriority<Nanoseconds> acknowledged_for{
        {std::chrono::minutes(10), std::chrono::minutes(5), std::chrono::minutes(2)}};
    ByPriority<std::vector<EscalationStep>> escalation;  // the first step is at 0
    // After the last step: nobody responded, and the last level is told again, each time.
    ByPriority<Nanoseconds> repeat_after{
        {std::chrono::minutes(30), std::chrono::minutes(3), std::chrono::minutes(1)}};
    // Who accepted responsibility has this long before others are told.
    Nanoseconds accepted_for = std::chrono::minutes(3);
    bool accepting_stops_sound = false;  // accepting is not inactivating (IHE DEV.SDPi app. C)
    bool latched_sounds = false;         // a latched alarm is seen and, by default, not heard
    // Longest pauses. Two minutes of audio pause is what monitors offer by default; five of alarm
    // pause is the longest procedure.
    Nanoseconds audio_paused_max = std::chrono::seconds(120);
    Nanoseconds alarm_paused_max = std::chrono::minutes(5);
    Nanoseconds off_max = std::chrono::hours(24);          // audio off and alarm off: then anew
    Nanoseconds reminder_every = std::chrono::minutes(5);  // Mindray offers 1, 2, 3, 5, 10 min

    Nanoseconds longest(InactivationKind kind) const;
};

// Who is told when, from a table such as data/alarm-escalation.tsv (priority, after_s, told): all
// three priorities stand in it. `malformed` says in which row; what `check` refuses is refused.
Result<void> set_escalation(AlarmPolicy& policy, std::string_view table);

// Refuses what would leave an alarm without anybody told: no step at 0, a step that tells nobody,
// steps out of order, times that are not positive, audio pauses of more than 10 minutes.
Result<void> check(const AlarmPolicy& policy);

}  // namespace vigil::monitor

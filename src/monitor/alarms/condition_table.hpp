#pragma once
// Every alarm condition this server can name: data/alarm-conditions.tsv, compiled in. A site's own
// rules (rules/) are conditions from 0x8000 on.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "monitor/alarms/event_id.hpp"
#include "monitor/alarms/words.hpp"

namespace vigil::monitor {

struct Condition {
    ConditionId id{};       // stable for ever: stored in events
    std::string key{};      // "heart_rate_high"
    std::string display{};  // "Heart rate high"
    ConditionClass condition_class = ConditionClass::physiological;
    AlarmPriority priority = AlarmPriority::medium;
    // What the priority becomes while the condition lasts: a lead off that nobody puts back.
    std::optional<AlarmPriority> later_priority{};
    Nanoseconds later_after{};
    bool latching = false;
    bool can_switch_off = true;      // false: no pause of alarms and no "off" holds for it
    bool high_if_only_rate = false;  // technical: high where no heart or pulse rate comes any more
    // What is known to last for hours: once acknowledged it is told again when it says more, or
    // when whoever found it asks for it, and not because time passed.
    bool acknowledged_holds = false;
    // Those that, while they are signalled, leave this one recorded only. Closed: whoever
    // suppresses one of them is among them. Technical ones hold for one device, the others for the
    // patient.
    std::vector<ConditionId> suppressed_by{};
    std::string definition{}, source{};
};

constexpr std::uint16_t site_conditions_from = 0x8000;

class ConditionTable {
public:
    ConditionTable();
    const Condition* find(ConditionId id) const;  // nullptr: none of the table's
    const Condition* find(std::string_view key) const;
    // Must be there: a condition that the code itself names.
    ConditionId id_of(std::string_view key) const;
    std::span<const Condition> all() const& { return conditions_; }
    std::span<const Condition> all() && = delete;

private:
    std::vector<Condition> conditions_;
    std::vector<std::uint16_t> by_id_;  // index into the above, plus one; 0: none
};

}  // namespace vigil::monitor

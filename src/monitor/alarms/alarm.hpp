#pragma once
// One alarm: what people are told of one alarm condition, from its onset on.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "monitor/alarms/event_id.hpp"
#include "monitor/alarms/words.hpp"

namespace vigil::monitor {

constexpr Timestamp never = Timestamp::max();

// Why an alarm is recorded and not signalled.
enum class Suppression : std::uint8_t {
    none = 0,
    chain = 1,   // one that says more is signalled (data/alarm-conditions.tsv)
    paused = 2,  // somebody paused alarms
    off = 3      // somebody switched its rule off
};
constexpr bool valid(Suppression s) {
    return s <= Suppression::off;
}

struct Alarm {
    EventId id{};  // its first event; kept over episodes of a latched alarm
    ConditionKey condition{};
    ConditionClass condition_class = ConditionClass::physiological;
    AlarmPriority priority = AlarmPriority::medium;
    AlarmState state = AlarmState::active;
    Suppression suppression = Suppression::none;
    bool latching = false;
    bool can_switch_off = true;
    bool present = true;     // the condition is there, as far as is known
    bool stale = false;      // no data: whether it still is, is not known
    bool announced = false;  // it has been signalled
    std::uint32_t episode = 1;
    Timestamp violated_since{};  // when the measurement first said so (the device's time)
    Timestamp began{};           // when this episode was first seen (the log's time)
    EventId signalled{};         // by which it last began to sound: a pause before that
                                 // does not hold for a high one
    std::optional<Decimal> value{}, limit{};
    std::string detail{};  // evidence in words
    std::optional<AlarmPriority> later_priority{};
    Timestamp later_at = never;
    std::string acknowledged_by{};
    Timestamp acknowledged_at{};
    Timestamp acknowledged_until = never;
    std::string owner{};  // who accepted responsibility
    Timestamp owner_until = never;
    Timestamp escalation_began{};
    Timestamp escalate_at = never;
    std::uint8_t level = 0;  // steps that have been told
    std::uint16_t told = 0;

    bool operator==(const Alarm&) const = default;
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("id", self.id);
        visit("condition", self.condition);
        visit("condition_class", self.condition_class);
        visit("priority", self.priority);
        visit("state", self.state);
        visit("suppression", self.suppression);
        visit("latching", self.latching);
        visit("can_switch_off", self.can_switch_off);
        visit("present", self.present);
        visit("stale", self.stale);
        visit("announced", self.announced);
        visit("episode", self.episode);
        visit("violated_since", self.violated_since);
        visit("began", self.began);
        visit("signalled", self.signalled);
        visit("value", self.value);
        visit("limit", self.limit);
        visit("detail", self.detail);
        visit("later_priority", self.later_priority);
        visit("later_at", self.later_at);
        visit("acknowledged_by", self.acknowledged_by);
        visit("acknowledged_at", self.acknowledged_at);
        visit("acknowledged_until", self.acknowledged_until);
        visit("owner", self.owner);
        visit("owner_until", self.owner_until);
        visit("escalation_began", self.escalation_began);
        visit("escalate_at", self.escalate_at);
        visit("level", self.level);
        visit("told", self.told);
    }
};

// What somebody switched off or paused: of one alarm, of one condition, or of the patient. There is
// none of a unit: nothing silences all.
struct Inactivation {
    EventId id{};
    InactivationKind kind = InactivationKind::audio_paused;
    EventId alarm{};          // 0: not of one alarm
    ConditionId condition{};  // 0: not of one condition
    std::string by{}, reason{};
    Timestamp since{}, until{};
    Timestamp remind_at = never;

    bool operator==(const Inactivation&) const = default;
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("id", self.id);
        visit("kind", self.kind);
        visit("alarm", self.alarm);
        visit("condition", self.condition);
        visit("by", self.by);
        visit("reason", self.reason);
        visit("since", self.since);
        visit("until", self.until);
        visit("remind_at", self.remind_at);
    }
};

struct Signals {
    bool visual = false, audible = false;
    bool operator==(const Signals&) const = default;
};

}  // namespace vigil::monitor

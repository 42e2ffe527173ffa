#pragma once
// What people decided about alarms: the body of an `act` entry, one JSON object as every act of the
// log is (docs/reference/log-entry.md, alarm-formats.md). It is written after identity/ decided
// that this person may.

#include <string>
#include <string_view>
#include <variant>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "monitor/alarms/alarm.hpp"
#include "monitor/alarms/event.hpp"
#include "monitor/alarms/limit_edit.hpp"

namespace vigil::monitor {

struct AlarmAcknowledged {
    static constexpr std::string_view act_name = "alarm-acknowledged";
    EventId alarm{};
    std::uint32_t episode = 1;                 // as the screen showed it
    AlarmPriority seen = AlarmPriority::high;  // likewise
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("alarm", self.alarm);
        visit("episode", self.episode);
        visit("seen", self.seen);
    }
    bool operator==(const AlarmAcknowledged&) const = default;
};

struct AlarmReset {
    static constexpr std::string_view act_name = "alarm-reset";
    EventId alarm{};
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("alarm", self.alarm);
    }
    bool operator==(const AlarmReset&) const = default;
};

struct AlarmAnswered {
    static constexpr std::string_view act_name = "alarm-answered";
    EventId alarm{};
    Response response = Response::accepted;
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("alarm", self.alarm);
        visit("response", self.response);
    }
    bool operator==(const AlarmAnswered&) const = default;
};

// A message that told somebody of the alarm has come to this. By Vigil itself; `reason`: what
// whoever took it said.
struct AlarmDisseminated {
    static constexpr std::string_view act_name = "alarm-disseminated";
    EventId alarm{};
    std::uint32_t episode = 1, level = 1;  // that it told of
    Dissemination status = Dissemination::delivered;
    std::string to{};  // "ada by e-mail"
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("alarm", self.alarm);
        visit("episode", self.episode);
        visit("level", self.level);
        visit("status", self.status);
        visit("to", self.to);
    }
    bool operator==(const AlarmDisseminated&) const = default;
};

// Of one alarm, of one condition, or (neither) of the patient.
struct AlarmInactivated {
    static constexpr std::string_view act_name = "alarm-inactivated";
    Subject subject{};
    InactivationKind kind = InactivationKind::audio_paused;
    EventId alarm{};
    ConditionId condition{};
    Nanoseconds duration{};
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("subject", self.subject);
        visit("kind", self.kind);
        visit("alarm", self.alarm);
        visit("condition", self.condition);
        visit("duration_ns", self.duration);
    }
    bool operator==(const AlarmInactivated&) const = default;
};

struct AlarmReactivated {
    static constexpr std::string_view act_name = "alarm-reactivated";
    EventId inactivation{};
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("inactivation", self.inactivation);
    }
    bool operator==(const AlarmReactivated&) const = default;
};

// Of one patient. `unset`: back to what the unit has.
struct AlarmLimitSet {
    static constexpr std::string_view act_name = "alarm-limit-set";
    Subject subject{};
    LimitEdit edit{};
    bool unset = false;
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("subject", self.subject);
        visit("edit", self.edit);
        visit("unset", self.unset);
    }
    bool operator==(const AlarmLimitSet&) const = default;
};

struct AgeClassConfirmed {
    static constexpr std::string_view act_name = "age-class-confirmed";
    Subject subject{};
    AgeClass age_class = AgeClass::adult;
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("subject", self.subject);
        visit("age_class", self.age_class);
    }
    bool operator==(const AgeClassConfirmed&) const = default;
};

// How long a metric of this patient may be silent (a spot device that is worn): 0, never.
struct DataWatchSet {
    static constexpr std::string_view act_name = "data-watch-set";
    Subject subject{};
    MetricId metric{};
    Nanoseconds gap{};
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("subject", self.subject);
        visit("metric", self.metric);
        visit("gap_ns", self.gap);
    }
    bool operator==(const DataWatchSet&) const = default;
};

// A screen on which alarms are told, and which has to confirm that it shows and sounds them
// (IEC 60601-1-8, 6.11: a distributed alarm system).
struct DisplayExpected {
    static constexpr std::string_view act_name = "display-expected";
    DisplayId display{};
    std::string name{}, unit{};  // where it hangs; whose alarms it tells: none, everybody's
    bool sounds = true;          // false: it is to be seen, and nobody relies on hearing it
    std::string key_sha256{};    // of what it proves itself with, in hex
    bool expected = true;        // false: no more
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("display", self.display);
        visit("name", self.name);
        visit("unit", self.unit);
        visit("sounds", self.sounds);
        visit("key_sha256", self.key_sha256);
        visit("expected", self.expected);
    }
    bool operator==(const DisplayExpected&) const = default;
};

struct DisplayConfirmed {
    static constexpr std::string_view act_name = "display-confirmed";
    DisplayId display{};
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("display", self.display);
    }
    bool operator==(const DisplayConfirmed&) const = default;
};

// What a person decided of this patient's early-warning scores: a setting of a score's table (the
// SpO2 scale of NEWS2), or `pregnancy`: yes, no, unknown.
struct ScoreSettingSet {
    static constexpr std::string_view act_name = "score-setting-set";
    Subject subject{};
    std::string setting{}, value{};
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("subject", self.subject);
        visit("setting", self.setting);
        visit("value", self.value);
    }
    bool operator==(const ScoreSettingSet&) const = default;
};

struct ProfileChangeProposed {
    static constexpr std::string_view act_name = "alarm-profile-proposed";
    std::string unit{};
    AgeClass age_class = AgeClass::adult;
    LimitEdit edit{};
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("unit", self.unit);
        visit("age_class", self.age_class);
        visit("edit", self.edit);
    }
    bool operator==(const ProfileChangeProposed&) const = default;
};

struct ProfileChangeDecided {
    static constexpr std::string_view act_name = "alarm-profile-decided";
    EventId proposal{};
    bool confirmed = false;  // false: rejected
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("proposal", self.proposal);
        visit("confirmed", self.confirmed);
    }
    bool operator==(const ProfileChangeDecided&) const = default;
};

// A smart condition (docs/guides/alarm-rules.md), of one patient. An empty text removes it.
struct AlarmRuleSet {
    static constexpr std::string_view act_name = "alarm-rule-set";
    Subject subject{};
    ConditionId condition{};  // from site_conditions_from on
    std::string name{}, text{};
    AlarmPriority priority = AlarmPriority::medium;
    bool latching = false;
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("subject", self.subject);
        visit("condition", self.condition);
        visit("name", self.name);
        visit("text", self.text);
        visit("priority", self.priority);
        visit("latching", self.latching);
    }
    bool operator==(const AlarmRuleSet&) const = default;
};

struct AlarmAct {
    using Body =
        std::variant<AlarmAcknowledged, AlarmReset, AlarmAnswered, AlarmInactivated,
                     AlarmReactivated, AlarmLimitSet, AgeClassConfirmed, DataWatchSet,
                     DisplayExpected, DisplayConfirmed, ProfileChangeProposed, ProfileChangeDecided,
                     AlarmRuleSet, AlarmDisseminated, ScoreSettingSet>;
    Timestamp recorded{};
    std::string by{};
    std::string reason{};
    Body body{};
    bool operator==(const AlarmAct&) const = default;
};

constexpr std::size_t alarm_act_bytes_max = 16 * 1024;

std::string encode(const AlarmAct& act);
// `unsupported`: an act of another room or a later version, to be passed over. All else that fails
// is `malformed`.
Result<AlarmAct> decode_alarm_act(std::string_view json);

// Whom the act is about; patient and location 0: the site.
Subject subject(const AlarmAct& act);

}  // namespace vigil::monitor

#pragma once
// What the monitor concluded: the body of a log entry of kind `event`. Every transition of an alarm
// is one of these, with who, when and why. docs/reference/alarm-formats.md describes the bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/decimal.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "monitor/alarms/event_id.hpp"
#include "monitor/alarms/words.hpp"

namespace vigil::monitor {

// Stored: numbers never change meaning.
enum class EventType : std::uint8_t {
    onset = 1,        // an alarm begins to be signalled
    onset_again = 2,  // a latched one, whose condition is back
    ended = 3,        // its condition ended, or its rule was switched off
    latched = 4,      // its condition ended; it stays until somebody acknowledges it
    reset = 5,        // a latched one was acknowledged or reset
    acknowledged = 6,
    re_alarmed = 7,  // the acknowledgement ran out and the condition is still there
    priority_raised = 8,
    priority_lowered = 9,
    told = 10,              // escalation: the next people were told
    nobody_responded = 11,  // the last level had its time too; it is told again
    accepted = 12,          // CDAS: somebody is responsible now
    rejected = 13,
    released = 14,
    response_expired = 15,  // who accepted did not act in time
    suppressed = 16,        // recorded, not signalled: why is in `detail`
    resumed = 17,
    stale = 18,  // no data: whether the condition holds is not known any more
    fresh = 19,
    inactivated = 20,  // audio or alarm, paused or off
    inactivation_ended = 21,
    reminder = 22,  // that something is off
    refused = 23,   // what somebody asked for was not done; `detail` says what stands
    limit_changed = 24,
    age_class_confirmed = 25,
    device_associated = 26,
    device_removed = 27,
    display_expected = 28,
    display_released = 29,
    clock_gap = 30,  // the log had no clock for a while: the server was not running
    rule_changed = 31,
    profile_proposed = 32,
    profile_confirmed = 33,
    profile_rejected = 34,
    discharged = 35,
    data_watch_changed = 36,
    // Of a message about the alarm: to whom and by what is in `detail`.
    delivered = 37,
    received = 38,
    undeliverable = 39,
    score_setting_changed = 40
};
constexpr bool valid(EventType type) {
    return type >= EventType::onset && type <= EventType::score_setting_changed;
}
std::string_view to_string(EventType type);

// Who is told. Stored: a bit never changes meaning.
namespace recipients {
constexpr std::uint16_t bed = 1U << 0;
constexpr std::uint16_t central = 1U << 1;
constexpr std::uint16_t assigned_nurse = 1U << 2;
constexpr std::uint16_t buddy = 1U << 3;
constexpr std::uint16_t charge_nurse = 1U << 4;
constexpr std::uint16_t unit_team = 1U << 5;
constexpr std::uint16_t physician = 1U << 6;
constexpr std::uint16_t device_team = 1U << 7;
constexpr std::uint16_t work_list = 1U << 8;
}  // namespace recipients
// "bed, central"; and back, of words separated by commas.
std::string recipients_text(std::uint16_t mask);
Result<std::uint16_t> parse_recipients(std::string_view text);

constexpr std::string_view by_system = "system";

struct AlarmEvent {
    EventId id;
    Timestamp time{};  // the cause's commit time
    EventType type = EventType::onset;
    std::string actor{by_system};  // who: a principal's name
    std::string reason{};          // why, in a sentence
    std::string detail{};          // what stood before, what stands now
    // Of an alarm (none: 0), as it is after the event. An alarm is called by its first event.
    EventId alarm{};
    ConditionKey condition{};
    std::optional<AlarmPriority> priority{};
    std::optional<AlarmState> state{};
    std::uint32_t episode = 0;
    std::uint8_t level = 0;  // escalation steps that have been told
    std::uint16_t told = 0;  // recipients
    // The span that the event speaks of: first violation, pause, gap.
    std::optional<Timestamp> since{}, until{};
    std::optional<Decimal> value{}, limit{};  // that crossed, and what was crossed

    bool operator==(const AlarmEvent&) const = default;
};

constexpr std::size_t actor_bytes_max = 256, text_bytes_max = 1'000, detail_bytes_max = 4'000;

// Appends the body to `out`.
void encode(const AlarmEvent& event, std::string& out);
Result<AlarmEvent> decode_event(std::string_view body);

// How an event is told over IHE ACM (PCD-04): the phase in OBX "event phase", none where ACM has no
// word for it. IHE DEV.SDPi, ACM gateway; IHE PCD ACM supplement 2012.
std::optional<std::string_view> acm_phase(EventType type);

// Collects the events of one cause after the other and numbers them.
class EventRecorder {
public:
    explicit EventRecorder(Subject subject) : subject_(subject) {}

    void begin(const Cause& cause) {
        if (cause.position != cause_.position) next_ordinal_ = 0;
        cause_ = cause;
    }
    // The reference holds until the next one.
    AlarmEvent& record(EventType type);

    const Subject& subject() const { return subject_; }
    const Cause& cause() const { return cause_; }
    Timestamp now() const { return cause_.time; }
    std::vector<AlarmEvent> take() { return std::exchange(events_, {}); }
    const std::vector<AlarmEvent>& events() const { return events_; }

    // Events that wait to be taken are no state: they are taken before a snapshot is.
    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("subject", self.subject_);
        visit("partition", self.cause_.position.partition);
        visit("offset", self.cause_.position.offset);
        visit("time", self.cause_.time);
        visit("next_ordinal", self.next_ordinal_);
    }

private:
    Subject subject_;
    Cause cause_{};
    std::uint32_t next_ordinal_ = 0;
    std::vector<AlarmEvent> events_{};
};

}  // namespace vigil::monitor

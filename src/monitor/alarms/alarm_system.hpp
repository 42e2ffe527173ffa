#pragma once
// The alarms of one patient (or location) and their state machine, IEC 60601-1-8 throughout:
//
//     -  onset                      A   signalled; first people told
//     -  onset, off/paused/chain        recorded; signalled when that ends and it is still there
//     A  acknowledged               K   no sound, still seen; sounds again when that runs out
//     A  ended                      E   latching: L, seen until acknowledged or reset
//     L  acknowledged, reset        E   L  onset  A: the same alarm, its next episode
//     K  ended                      E   K, A  priority rises  A, a new signal
//     A  time                       A   the next people are told; nobody responded: again
//     A  accepted                   A   they have it; nobody else is told for a while
//
// A pure machine: what it does is a function of its state and the call, every change is an event,
// and time is the cause's. Who may do what has been decided before (identity/).

#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "monitor/alarms/alarm.hpp"
#include "monitor/alarms/alarm_policy.hpp"
#include "monitor/alarms/condition_table.hpp"
#include "monitor/alarms/event.hpp"

namespace vigil::monitor {

struct Onset {
    ConditionKey condition{};
    ConditionClass condition_class = ConditionClass::physiological;
    AlarmPriority priority = AlarmPriority::medium;
    bool latching = false, can_switch_off = true;
    std::optional<AlarmPriority> later_priority{};
    Nanoseconds later_after{};
    Timestamp violated_since{};
    std::optional<Decimal> value{}, limit{};
    std::string detail{};
};
// As the table has the condition.
Onset onset_of(const Condition& condition, const ConditionKey& key);

// Who and why: on record with every transition a person makes. Neither is empty.
struct Person {
    std::string_view by, reason;
};

// A message about an alarm as it stood, and what became of it.
struct Told {
    std::uint32_t episode = 1, level = 1;
    Dissemination status = Dissemination::delivered;
    std::string_view to;
};

class AlarmSystem {
public:
    // Both outlive the system.
    AlarmSystem(const ConditionTable& table, const AlarmPolicy& policy)
        : table_(&table), policy_(&policy) {}

    // The condition is there. Once more while it is: nothing.
    void onset(const Onset& onset, EventRecorder& events);
    // It ended, `at` by its measurement. Not there: nothing.
    void end(const ConditionKey& condition, Timestamp at, const Person& who, EventRecorder& events);
    // It is there still, and says something else by now: other values or words, another priority.
    // `again`: it is told anew, acknowledged or not. Not there: nothing.
    void change(const Onset& onset, bool again, const Person& who, EventRecorder& events);
    void set_stale(const ConditionKey& condition, bool stale, EventRecorder& events);
    void set_priority(const ConditionKey& condition, AlarmPriority priority, const Person& who,
                      EventRecorder& events);
    // The patient was discharged: all end, latched ones too; what was paused or off ends.
    void discharge(const Person& who, EventRecorder& events);
    void on_time(EventRecorder& events);  // nothing is due: a comparison

    // A person's. `conflict`: not what stands now, which the message says (a stale screen).
    // `episode` and `seen`: what the screen showed, so that nobody acknowledges what they have not
    // seen.
    Result<void> acknowledge(const EventId& alarm, std::uint32_t episode, AlarmPriority seen,
                             const Person& who, EventRecorder& events);
    Result<void> reset(const EventId& alarm, const Person& who, EventRecorder& events);
    Result<void> respond(const EventId& alarm, Response response, const Person& who,
                         EventRecorder& events);
    // What cannot be delivered does not wait for its time: the next are told at once. Of an alarm
    // that has ended it is put on record alone.
    Result<void> disseminated(const EventId& alarm, const Told& told, const Person& who,
                              EventRecorder& events);
    // `inactivation` says kind and scope; by, reason and times are set here.
    Result<void> inactivate(Inactivation inactivation, Nanoseconds duration, const Person& who,
                            EventRecorder& events);
    Result<void> reactivate(const EventId& inactivation, const Person& who, EventRecorder& events);

    Signals signals(const Alarm& alarm) const;
    std::span<const Alarm> alarms() const { return alarms_; }
    std::span<const Inactivation> inactivations() const { return inactivations_; }
    const Alarm* find(const ConditionKey& condition) const;
    const Alarm* find(const EventId& alarm) const;
    bool is_present(const ConditionKey& condition) const;

    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("alarms", self.alarms_);
        visit("inactivations", self.inactivations_);
        visit("due", self.due_);
    }

    static constexpr std::size_t alarms_max = 4'096;
    static constexpr std::size_t inactivations_max = 64;

private:
    Alarm* standing(const ConditionKey& condition);
    Result<Alarm*> standing(const EventId& alarm);
    AlarmEvent& record(EventType type, Alarm& alarm, const Person& who, EventRecorder& events);
    const Inactivation* inactivating(const Alarm& alarm, InactivationKind kind) const;
    void change_priority(Alarm& alarm, AlarmPriority priority, const Person& who,
                         EventRecorder& events);
    bool suppressed_by_chain(const Alarm& alarm) const;
    Suppression suppression_of(const Alarm& alarm) const;
    // Lets every alarm follow what suppresses it now. After every change.
    void settle(EventRecorder& events);
    void follow(Alarm& alarm, Suppression suppression, EventRecorder& events);
    void begin_signalling(Alarm& alarm, EventType type, const Person& who, EventRecorder& events);
    void start_escalation(Alarm& alarm, EventRecorder& events);
    void tell_next(Alarm& alarm, const Person& who, EventRecorder& events);
    void schedule(Alarm& alarm, Timestamp now);
    void stop_escalation(Alarm& alarm);
    void on_time(Alarm& alarm, EventRecorder& events);
    void end_inactivations(EventRecorder& events);
    void switch_off(ConditionId condition, const Person& who, EventRecorder& events);
    void erase_ended();
    void set_due();

    const ConditionTable* table_;
    const AlarmPolicy* policy_;
    std::vector<Alarm> alarms_;
    std::vector<Inactivation> inactivations_;
    Timestamp due_ = never;  // the earliest moment at which time changes something
};

}  // namespace vigil::monitor

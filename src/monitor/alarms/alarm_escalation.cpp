// The part of the alarms' state machine that time drives: who is told next, when acknowledgements,
// acceptances and pauses run out.

#include <algorithm>

#include "monitor/alarms/alarm_system.hpp"

namespace vigil::monitor {

void AlarmSystem::start_escalation(Alarm& alarm, EventRecorder& events) {
    const auto& steps = policy_->escalation[alarm.priority];
    alarm.acknowledged_by.clear();
    alarm.acknowledged_until = never;
    alarm.owner.clear();
    alarm.owner_until = never;
    alarm.escalation_began = events.now();
    alarm.level = 1;
    alarm.told = steps.front().told;
    if (alarm.condition_class == ConditionClass::technical)
        alarm.told |= recipients::device_team;  // in copy
    schedule(alarm, events.now());
}

// When the next people are told: the next step's time or, after the last one, again and again.
void AlarmSystem::schedule(Alarm& alarm, Timestamp now) {
    const auto& steps = policy_->escalation[alarm.priority];
    alarm.escalate_at = alarm.level < steps.size()
                            ? std::max(now, alarm.escalation_began + steps[alarm.level].after)
                            : now + policy_->repeat_after[alarm.priority];
}

void AlarmSystem::stop_escalation(Alarm& alarm) {
    alarm.escalate_at = never;
    alarm.owner.clear();
    alarm.owner_until = never;
}

void AlarmSystem::tell_next(Alarm& alarm, const Person& who, EventRecorder& events) {
    const auto& steps = policy_->escalation[alarm.priority];
    const bool all_told = alarm.level >= steps.size();
    if (!all_told) {
        alarm.told |= steps[alarm.level].told;
        ++alarm.level;
    }
    record(all_told ? EventType::nobody_responded : EventType::told, alarm, who, events);
    schedule(alarm, events.now());
    // Several steps' time may have passed at once: the next one then is told at the next tick,
    // never the same moment twice.
    if (alarm.escalate_at <= events.now()) alarm.escalate_at = events.now() + Nanoseconds(1);
}

void AlarmSystem::on_time(EventRecorder& events) {
    if (events.now() < due_) return;
    end_inactivations(events);
    settle(events);
    // What an alarm's time changes may let another one follow: by index, nothing is added here.
    for (auto& alarm : alarms_) on_time(alarm, events);
    settle(events);
}

void AlarmSystem::on_time(Alarm& alarm, EventRecorder& events) {
    const auto now = events.now();
    if (now >= alarm.later_at) {
        alarm.later_at = never;
        change_priority(alarm, alarm.later_priority.value_or(alarm.priority),
                        {by_system, "it has lasted"}, events);
    }
    if (alarm.suppression != Suppression::none) return;
    if (alarm.state == AlarmState::acknowledged && now >= alarm.acknowledged_until) {
        alarm.state = AlarmState::active;
        begin_signalling(alarm, EventType::re_alarmed,
                         {by_system, "acknowledged, and the condition is still there"}, events);
    }
    if (now >= alarm.owner_until) {
        record(EventType::response_expired, alarm,
               {by_system, "accepted, and not acted on in time"}, events)
            .detail = alarm.owner;
        alarm.owner.clear();
        alarm.owner_until = never;
        tell_next(alarm, {by_system, "redirected"}, events);
    } else if (now >= alarm.escalate_at) {
        tell_next(alarm, {by_system, "not acknowledged in time"}, events);
    }
}

void AlarmSystem::end_inactivations(EventRecorder& events) {
    for (auto& inactivation : inactivations_) {
        const bool over = events.now() >= inactivation.until;
        if (!over && events.now() < inactivation.remind_at) continue;
        auto& event = events.record(over ? EventType::inactivation_ended : EventType::reminder);
        event.reason = over ? "its time is over" : std::string(to_string(inactivation.kind));
        event.detail = to_string(inactivation.id) + " by " + inactivation.by;
        event.alarm = inactivation.alarm;
        event.condition.condition = inactivation.condition;
        event.since = inactivation.since;
        event.until = inactivation.until;
        if (!over) inactivation.remind_at = events.now() + policy_->reminder_every;
    }
    std::erase_if(inactivations_, [&](const Inactivation& i) { return events.now() >= i.until; });
}

void AlarmSystem::set_due() {
    due_ = never;
    for (const auto& alarm : alarms_) {
        due_ = std::min(due_, alarm.later_at);
        if (alarm.suppression != Suppression::none) continue;
        due_ = std::min({due_, alarm.acknowledged_until, alarm.owner_until, alarm.escalate_at});
    }
    for (const auto& inactivation : inactivations_)
        due_ = std::min({due_, inactivation.until, inactivation.remind_at});
}

}  // namespace vigil::monitor

#include "monitor/alarms/alarm_system.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vigil::monitor {
namespace {

std::string_view why(Suppression suppression) {
    switch (suppression) {
        case Suppression::chain:
            return "one that says more is signalled";
        case Suppression::paused:
            return "alarms are paused";
        case Suppression::off:
            return "switched off";
        case Suppression::none:
            break;
    }
    return "";
}

// The same of the same device, once by a limit and once by a detector: an extreme heart rate is
// both a number above its limit and a call of the rhythm's analysis.
bool is_same_from_detector(const Alarm& a, const Alarm& b) {
    return a.condition.condition == b.condition.condition &&
           a.condition.device == b.condition.device &&
           (a.condition.metric == MetricId{}) != (b.condition.metric == MetricId{});
}

}  // namespace

Onset onset_of(const Condition& condition, const ConditionKey& key) {
    return {.condition = key,
            .condition_class = condition.condition_class,
            .priority = condition.priority,
            .latching = condition.latching,
            .can_switch_off = condition.can_switch_off,
            .later_priority = condition.later_priority,
            .later_after = condition.later_after};
}

void AlarmSystem::onset(const Onset& onset, EventRecorder& events) {
    auto* alarm = standing(onset.condition);
    if (alarm != nullptr && alarm->present) return;
    const auto now = events.now();
    if (alarm == nullptr) {
        if (alarms_.size() >= alarms_max) {  // bounded by the conditions there can be at once
            auto& event = events.record(EventType::suppressed);
            event.condition = onset.condition;
            event.priority = onset.priority;
            event.reason = "more alarms than can be held";
            return;
        }
        alarm = &alarms_.emplace_back();
        alarm->condition = onset.condition;
    } else {
        ++alarm->episode;
        alarm->announced = false;
    }
    alarm->condition_class = onset.condition_class;
    alarm->priority = onset.priority;
    alarm->latching = onset.latching;
    alarm->can_switch_off = onset.can_switch_off;
    alarm->state = AlarmState::active;
    alarm->present = true;
    alarm->stale = false;
    alarm->violated_since = onset.violated_since;
    alarm->began = now;
    alarm->value = onset.value;
    alarm->limit = onset.limit;
    alarm->detail = onset.detail;
    alarm->later_priority = onset.later_priority;
    alarm->later_at = onset.later_priority ? now + onset.later_after : never;
    settle(events);
}

void AlarmSystem::end(const ConditionKey& condition, Timestamp at, const Person& who,
                      EventRecorder& events) {
    auto* alarm = standing(condition);
    if (alarm == nullptr || !alarm->present) return;
    alarm->present = false;
    alarm->stale = false;
    alarm->later_at = never;
    const bool latches = alarm->announced && alarm->latching && alarm->state == AlarmState::active;
    alarm->state = latches ? AlarmState::latched : AlarmState::ended;
    if (latches) {
        if (alarm->suppression == Suppression::chain) alarm->suppression = Suppression::none;
        // Nobody has seen to it yet: a high one goes on looking for somebody.
        if (alarm->priority != AlarmPriority::high) stop_escalation(*alarm);
        alarm->owner.clear();
        alarm->owner_until = never;
        if (alarm->priority == AlarmPriority::high && alarm->escalate_at == never)
            schedule(*alarm, events.now());
    }
    auto& event = record(latches ? EventType::latched : EventType::ended, *alarm, who, events);
    event.since = alarm->violated_since;
    event.until = at;
    settle(events);
}

void AlarmSystem::change(const Onset& onset, bool again, const Person& who, EventRecorder& events) {
    auto* alarm = standing(onset.condition);
    if (alarm == nullptr || !alarm->present) return;
    alarm->value = onset.value;
    alarm->limit = onset.limit;
    alarm->detail = onset.detail;
    const bool rises = onset.priority > alarm->priority;
    if (onset.priority != alarm->priority) {
        alarm->later_at = never;
        change_priority(*alarm, onset.priority, who, events);
    }
    if (again && !rises) {
        alarm->state = AlarmState::active;
        if (alarm->announced && alarm->suppression == Suppression::none)
            begin_signalling(*alarm, EventType::re_alarmed, who, events);
    }
    settle(events);
}

void AlarmSystem::set_stale(const ConditionKey& condition, bool stale, EventRecorder& events) {
    auto* alarm = standing(condition);
    if (alarm == nullptr || !alarm->present || alarm->stale == stale) return;
    alarm->stale = stale;
    record(stale ? EventType::stale : EventType::fresh, *alarm,
           {by_system, stale ? "no data: it may or may not still be so" : "data again"}, events);
}

void AlarmSystem::set_priority(const ConditionKey& condition, AlarmPriority priority,
                               const Person& who, EventRecorder& events) {
    auto* alarm = standing(condition);
    if (alarm == nullptr || !alarm->present || alarm->priority == priority) return;
    alarm->later_at = never;  // it is decided otherwise from now on
    change_priority(*alarm, priority, who, events);
    settle(events);
}

void AlarmSystem::change_priority(Alarm& alarm, AlarmPriority priority, const Person& who,
                                  EventRecorder& events) {
    if (alarm.priority == priority) return;
    const bool rises = priority > alarm.priority;
    const auto before = std::exchange(alarm.priority, priority);
    if (rises) alarm.state = AlarmState::active;
    const bool signalled = alarm.announced && alarm.suppression == Suppression::none;
    if (signalled && rises)
        start_escalation(alarm, events);
    else if (signalled && alarm.state == AlarmState::active && alarm.owner.empty())
        schedule(alarm, events.now());
    auto& event = record(rises ? EventType::priority_raised : EventType::priority_lowered, alarm,
                         who, events);
    event.detail = fmt::format("{} before", to_string(before));
    if (signalled && rises) alarm.signalled = event.id;
}

void AlarmSystem::discharge(const Person& who, EventRecorder& events) {
    for (auto& alarm : alarms_) {
        alarm.present = false;
        alarm.state = AlarmState::ended;
        record(EventType::ended, alarm, who, events);
    }
    for (const auto& inactivation : inactivations_) {
        auto& event = events.record(EventType::inactivation_ended);
        event.actor = who.by;
        event.reason = who.reason;
        event.condition.condition = inactivation.condition;
        event.detail = to_string(inactivation.id);
    }
    inactivations_.clear();
    erase_ended();
    set_due();
}

Signals AlarmSystem::signals(const Alarm& alarm) const {
    Signals out;
    out.visual = alarm.announced && alarm.suppression == Suppression::none &&
                 alarm.state != AlarmState::ended;
    const bool sounds = alarm.state == AlarmState::active ||
                        (alarm.state == AlarmState::latched && policy_->latched_sounds);
    out.audible = out.visual && sounds &&
                  inactivating(alarm, InactivationKind::audio_paused) == nullptr &&
                  inactivating(alarm, InactivationKind::audio_off) == nullptr &&
                  (!policy_->accepting_stops_sound || alarm.owner.empty());
    return out;
}

const Alarm* AlarmSystem::find(const ConditionKey& condition) const {
    const auto found = std::ranges::find(alarms_, condition, &Alarm::condition);
    return found == alarms_.end() ? nullptr : &*found;
}
Alarm* AlarmSystem::standing(const ConditionKey& condition) {
    const auto found = std::ranges::find(alarms_, condition, &Alarm::condition);
    return found == alarms_.end() ? nullptr : &*found;
}
const Alarm* AlarmSystem::find(const EventId& alarm) const {
    const auto found = std::ranges::find(alarms_, alarm, &Alarm::id);
    return found == alarms_.end() || !alarm ? nullptr : &*found;
}
bool AlarmSystem::is_present(const ConditionKey& condition) const {
    const auto* alarm = find(condition);
    return alarm != nullptr && alarm->present;
}

AlarmEvent& AlarmSystem::record(EventType type, Alarm& alarm, const Person& who,
                                EventRecorder& events) {
    auto& event = events.record(type);
    if (!alarm.id) alarm.id = event.id;
    event.actor = who.by;
    event.reason = who.reason;
    event.alarm = alarm.id;
    event.condition = alarm.condition;
    event.priority = alarm.priority;
    event.state = alarm.state;
    event.episode = alarm.episode;
    event.level = alarm.level;
    event.told = alarm.told;
    return event;
}

// What inactivates this alarm in that way. A high alarm that began to sound after the audio was
// paused or switched off sounds.
const Inactivation* AlarmSystem::inactivating(const Alarm& alarm, InactivationKind kind) const {
    const bool audio =
        kind == InactivationKind::audio_paused || kind == InactivationKind::audio_off;
    for (const auto& inactivation : inactivations_) {
        if (inactivation.kind != kind) continue;
        if (inactivation.alarm && inactivation.alarm != alarm.id) continue;
        if (inactivation.condition && inactivation.condition != alarm.condition.condition) continue;
        if (!audio && !alarm.can_switch_off) continue;
        const bool breaks_through =
            audio && alarm.priority == AlarmPriority::high && alarm.signalled > inactivation.id;
        if (!breaks_through) return &inactivation;
    }
    return nullptr;
}

bool AlarmSystem::suppressed_by_chain(const Alarm& alarm) const {
    const auto* condition = table_->find(alarm.condition.condition);
    if (condition == nullptr || !alarm.present) return false;
    return std::ranges::any_of(alarms_, [&](const Alarm& other) {
        if (!other.present || other.priority < alarm.priority) return false;
        // Alarms stand in the order of their onsets: the older one tells of both.
        const bool same_twice = &other < &alarm && is_same_from_detector(other, alarm);
        if (!same_twice && std::ranges::find(condition->suppressed_by, other.condition.condition) ==
                               condition->suppressed_by.end())
            return false;
        if (alarm.condition_class == ConditionClass::technical &&
            other.condition.device != alarm.condition.device)
            return false;
        // Only what is signalled itself: nothing hides behind what somebody switched off.
        return inactivating(other, InactivationKind::alarm_off) == nullptr &&
               inactivating(other, InactivationKind::alarm_paused) == nullptr;
    });
}

Suppression AlarmSystem::suppression_of(const Alarm& alarm) const {
    if (inactivating(alarm, InactivationKind::alarm_off) != nullptr) return Suppression::off;
    if (inactivating(alarm, InactivationKind::alarm_paused) != nullptr) return Suppression::paused;
    return suppressed_by_chain(alarm) ? Suppression::chain : Suppression::none;
}

void AlarmSystem::settle(EventRecorder& events) {
    erase_ended();
    // What is signalled first, then what hides behind it.
    for (const bool signalled : {true, false})
        for (auto& alarm : alarms_) {
            const auto by = suppression_of(alarm);
            if ((by == Suppression::none) == signalled) follow(alarm, by, events);
        }
    set_due();
}

void AlarmSystem::follow(Alarm& alarm, Suppression suppression, EventRecorder& events) {
    const auto before = std::exchange(alarm.suppression, suppression);
    if (alarm.suppression != Suppression::none) {
        if (alarm.suppression == before && alarm.id) return;
        stop_escalation(alarm);
        auto& event =
            record(EventType::suppressed, alarm, {by_system, why(alarm.suppression)}, events);
        event.since = alarm.violated_since;
        event.value = alarm.value;
        event.limit = alarm.limit;
    } else if (!alarm.announced) {
        begin_signalling(alarm, alarm.episode > 1 ? EventType::onset_again : EventType::onset,
                         {by_system, "the condition began"}, events);
    } else if (before != Suppression::none) {
        const Person who{by_system, "what suppressed it has ended"};
        if (alarm.state == AlarmState::active)
            begin_signalling(alarm, EventType::resumed, who, events);
        else
            record(EventType::resumed, alarm, who, events);
    }
}

void AlarmSystem::begin_signalling(Alarm& alarm, EventType type, const Person& who,
                                   EventRecorder& events) {
    alarm.announced = true;
    start_escalation(alarm, events);
    auto& event = record(type, alarm, who, events);
    alarm.signalled = event.id;
    event.since = alarm.violated_since;
    event.value = alarm.value;
    event.limit = alarm.limit;
    event.detail = alarm.detail;
}

void AlarmSystem::erase_ended() {
    std::erase_if(alarms_, [](const Alarm& a) { return a.state == AlarmState::ended; });
    std::erase_if(inactivations_, [&](const Inactivation& i) {
        return i.alarm && find(i.alarm) == nullptr;  // its alarm has ended, and with it this
    });
}

}  // namespace vigil::monitor

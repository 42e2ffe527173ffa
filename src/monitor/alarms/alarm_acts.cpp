// The part of the alarms' state machine that people drive: acknowledge, reset, answer, pause and
// switch off. Each names one alarm or one scope, and is refused where it no longer fits.

#include <fmt/format.h>

#include <algorithm>

#include "monitor/alarms/alarm_system.hpp"

namespace vigil::monitor {
namespace {

tl::unexpected<Error> stands_otherwise(std::string what) {
    return fail(Error::Kind::conflict, std::move(what), "alarm");
}

Result<void> check(const Person& who) {
    if (who.by.empty() || who.by.size() > actor_bytes_max)
        return fail(Error::Kind::malformed, "who does it is not told", "by");
    if (who.reason.empty() || who.reason.size() > text_bytes_max)
        return fail(Error::Kind::malformed, "a reason has 1 to 1,000 bytes", "reason");
    return {};
}

}  // namespace

Result<Alarm*> AlarmSystem::standing(const EventId& alarm) {
    const auto found = std::ranges::find(alarms_, alarm, &Alarm::id);
    if (!alarm || found == alarms_.end()) return stands_otherwise("this alarm has ended");
    return &*found;
}

Result<void> AlarmSystem::acknowledge(const EventId& id, std::uint32_t episode, AlarmPriority seen,
                                      const Person& who, EventRecorder& events) {
    VIGIL_CHECK(check(who));
    VIGIL_TRY(found, standing(id));
    auto& alarm = *found;
    if (alarm.state == AlarmState::acknowledged)
        return stands_otherwise(fmt::format("acknowledged by {} at {}", alarm.acknowledged_by,
                                            format_rfc3339(alarm.acknowledged_at)));
    if (alarm.suppression != Suppression::none)
        return stands_otherwise("this alarm is not signalled now");
    if (alarm.episode != episode)
        return stands_otherwise(
            fmt::format("the condition began again at {}", format_rfc3339(alarm.began)));
    if (alarm.priority > seen)
        return stands_otherwise(
            fmt::format("its priority is {} by now", to_string(alarm.priority)));
    stop_escalation(alarm);
    if (alarm.state == AlarmState::latched) {
        alarm.state = AlarmState::ended;
        record(EventType::reset, alarm, who, events);
    } else {
        alarm.state = AlarmState::acknowledged;
        alarm.acknowledged_by = who.by;
        alarm.acknowledged_at = events.now();
        const auto* condition = table_->find(alarm.condition.condition);
        const bool holds = condition != nullptr && condition->acknowledged_holds;
        alarm.acknowledged_until =
            holds ? never : events.now() + policy_->acknowledged_for[alarm.priority];
        auto& event = record(EventType::acknowledged, alarm, who, events);
        if (!holds) event.until = alarm.acknowledged_until;
    }
    settle(events);
    return {};
}

Result<void> AlarmSystem::reset(const EventId& id, const Person& who, EventRecorder& events) {
    VIGIL_CHECK(check(who));
    VIGIL_TRY(alarm, standing(id));
    if (alarm->state != AlarmState::latched)
        return stands_otherwise("the condition is still there: only a latched alarm is reset");
    alarm->state = AlarmState::ended;
    record(EventType::reset, *alarm, who, events);
    settle(events);
    return {};
}

Result<void> AlarmSystem::respond(const EventId& id, Response response, const Person& who,
                                  EventRecorder& events) {
    VIGIL_CHECK(check(who));
    VIGIL_TRY(found, standing(id));
    auto& alarm = *found;
    if (alarm.state != AlarmState::active || alarm.suppression != Suppression::none)
        return stands_otherwise(
            fmt::format("nobody is asked: the alarm is {}", to_string(alarm.state)));
    if (!alarm.owner.empty() && alarm.owner != who.by)
        return stands_otherwise(alarm.owner + " has accepted responsibility");
    if (response == Response::accepted) {
        alarm.owner = who.by;
        alarm.owner_until = events.now() + policy_->accepted_for;
        alarm.escalate_at = never;
        record(EventType::accepted, alarm, who, events).until = alarm.owner_until;
    } else {
        if (response == Response::released && alarm.owner.empty())
            return stands_otherwise("nobody has accepted responsibility");
        alarm.owner.clear();
        alarm.owner_until = never;
        record(response == Response::rejected ? EventType::rejected : EventType::released, alarm,
               who, events);
        tell_next(alarm, {by_system, "redirected"}, events);
    }
    set_due();
    return {};
}

namespace {

EventType type_of(Dissemination status) {
    switch (status) {
        case Dissemination::delivered:
            return EventType::delivered;
        case Dissemination::received:
            return EventType::received;
        case Dissemination::undeliverable:
            break;
    }
    return EventType::undeliverable;
}

}  // namespace

Result<void> AlarmSystem::disseminated(const EventId& id, const Told& told, const Person& who,
                                       EventRecorder& events) {
    VIGIL_CHECK(check(who));
    if (!id || told.to.empty() || told.to.size() > text_bytes_max)
        return fail(Error::Kind::malformed, "of which alarm, and to whom", "to");
    const auto found = std::ranges::find(alarms_, id, &Alarm::id);
    if (found == alarms_.end()) {
        auto& event = events.record(type_of(told.status));
        event.actor = who.by;
        event.reason = who.reason;
        event.detail = told.to;
        event.alarm = id;
        event.episode = told.episode;
        return {};
    }
    auto& alarm = *found;
    record(type_of(told.status), alarm, who, events).detail = told.to;
    const bool waits = alarm.state == AlarmState::active &&
                       alarm.suppression == Suppression::none && alarm.owner.empty() &&
                       alarm.episode == told.episode && alarm.level == told.level;
    const bool others = alarm.level < policy_->escalation[alarm.priority].size();
    if (told.status == Dissemination::undeliverable && waits && others) {
        tell_next(alarm, {by_system, "a message could not be delivered"}, events);
        set_due();
    }
    return {};
}

namespace {

Result<void> check_scope(const Inactivation& asked, const Alarm* alarm,
                         const Condition* condition) {
    const bool off =
        asked.kind == InactivationKind::alarm_off || asked.kind == InactivationKind::audio_off;
    if (asked.alarm && asked.condition)
        return fail(Error::Kind::malformed, "one alarm or one condition, not both", "alarm");
    if (asked.alarm && asked.kind != InactivationKind::audio_paused)
        return fail(Error::Kind::malformed, "of one alarm only the audio is paused", "kind");
    if (asked.alarm && alarm == nullptr) return stands_otherwise("this alarm has ended");
    if (off && !asked.condition)
        return fail(Error::Kind::malformed, "only one condition is switched off, not all",
                    "condition");
    const bool whole = asked.kind != InactivationKind::audio_paused;
    if (whole && condition != nullptr && !condition->can_switch_off)
        return fail(Error::Kind::forbidden, condition->display + " cannot be switched off",
                    "condition");
    return {};
}

}  // namespace

Result<void> AlarmSystem::inactivate(Inactivation asked, Nanoseconds duration, const Person& who,
                                     EventRecorder& events) {
    VIGIL_CHECK(check(who));
    VIGIL_CHECK(check_scope(asked, find(asked.alarm), table_->find(asked.condition)));
    const auto longest = policy_->longest(asked.kind);
    if (duration <= Nanoseconds::zero() || duration > longest)
        return fail(Error::Kind::forbidden,
                    fmt::format("{} has 1 to {} s here", to_string(asked.kind),
                                std::chrono::duration_cast<std::chrono::seconds>(longest).count()),
                    "duration");
    // The same once more takes the place of what there is.
    std::erase_if(inactivations_, [&](const Inactivation& i) {
        return i.kind == asked.kind && i.alarm == asked.alarm && i.condition == asked.condition;
    });
    if (inactivations_.size() >= inactivations_max)
        return fail(Error::Kind::too_large, "too much is paused or off already", "kind");
    const bool off =
        asked.kind == InactivationKind::alarm_off || asked.kind == InactivationKind::audio_off;
    asked.by = who.by;
    asked.reason = who.reason;
    asked.since = events.now();
    asked.until = events.now() + duration;
    asked.remind_at = off ? events.now() + policy_->reminder_every : never;
    auto& event = events.record(EventType::inactivated);
    event.actor = who.by;
    event.reason = who.reason;
    event.detail = to_string(asked.kind);
    event.alarm = asked.alarm;
    event.condition.condition = asked.condition;
    event.since = asked.since;
    event.until = asked.until;
    asked.id = event.id;
    inactivations_.push_back(asked);
    if (asked.kind == InactivationKind::alarm_off) switch_off(asked.condition, who, events);
    settle(events);
    return {};
}

// Its alarms end. Where the condition is still there it is recorded, and signalled as a new alarm
// should it be there when the rule is on again.
void AlarmSystem::switch_off(ConditionId condition, const Person& who, EventRecorder& events) {
    for (auto& alarm : alarms_) {
        if (alarm.condition.condition != condition || !alarm.can_switch_off) continue;
        const bool present = alarm.present;
        alarm.state = AlarmState::ended;
        stop_escalation(alarm);
        record(EventType::ended, alarm, who, events).detail = "switched off";
        if (!present) continue;
        alarm.id = {};
        alarm.state = AlarmState::active;
        alarm.announced = false;
        alarm.suppression = Suppression::none;
        alarm.acknowledged_until = never;
        alarm.episode = 1;
    }
}

Result<void> AlarmSystem::reactivate(const EventId& id, const Person& who, EventRecorder& events) {
    VIGIL_CHECK(check(who));
    const auto found = std::ranges::find(inactivations_, id, &Inactivation::id);
    if (found == inactivations_.end())
        return fail(Error::Kind::conflict, "this pause has ended", "inactivation");
    auto& event = events.record(EventType::inactivation_ended);
    event.actor = who.by;
    event.reason = who.reason;
    event.detail = to_string(found->id) + " by " + found->by;
    event.alarm = found->alarm;
    event.condition.condition = found->condition;
    event.since = found->since;
    inactivations_.erase(found);
    settle(events);
    return {};
}

}  // namespace vigil::monitor

#include "share/alarms/dissemination.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "share/alarms/rules.hpp"

namespace vigil::share {

using monitor::AlarmEvent;
using monitor::AlarmPriority;
using monitor::EventId;
using monitor::EventType;

namespace {

// Somebody is to be told: for the first time, or (again) whoever was told before too.
bool tells(EventType type) {
    return type == EventType::told;
}
bool tells_again(EventType type) {
    return type == EventType::onset || type == EventType::onset_again ||
           type == EventType::re_alarmed || type == EventType::resumed ||
           type == EventType::priority_raised || type == EventType::nobody_responded;
}
// Nobody needs to be told any more, for now.
bool settles(EventType type) {
    return type == EventType::ended || type == EventType::latched || type == EventType::reset ||
           type == EventType::acknowledged || type == EventType::accepted ||
           type == EventType::suppressed;
}
bool is_over(EventType type) {
    return type == EventType::ended || type == EventType::reset;
}

Nanoseconds pause_after(unsigned tries) {
    constexpr unsigned doublings_max = 5;  // 1, 2, 4, … 32 s
    return std::chrono::seconds(1U << std::min(tries - 1, doublings_max));
}

constexpr std::size_t said_bytes_max = 500;

}  // namespace

std::string told_text(const AlarmRecipient& to) {
    return fmt::format("{} by {}", to.contact.owner(), to_string(to.contact.channel));
}

Nanoseconds Dissemination::tried_for(AlarmPriority priority) {
    switch (priority) {
        case AlarmPriority::high:
            return std::chrono::seconds(30);
        case AlarmPriority::medium:
            return std::chrono::minutes(2);
        case AlarmPriority::low:
            break;
    }
    return std::chrono::minutes(30);
}

AlarmPlace Dissemination::place_of(const monitor::Subject& subject) const {
    if (const auto* screen = parts_.display(subject); screen != nullptr)
        return {.unit = screen->unit, .patient = {}};
    const auto* patient = parts_.words.registry.patient(subject.patient);
    return {.unit = patient != nullptr ? patient->unit : std::string(), .patient = subject.patient};
}

AlarmMessage Dissemination::message(const AlarmEvent& event, AlarmRecipient to,
                                    Timestamp now) const {
    AlarmMessage made{.id = identity::new_secret(parts_.random),
                      .to = std::move(to),
                      .event = event,
                      .made = now};
    const auto* condition = parts_.words.tables.conditions.find(event.condition.condition);
    // A rule's name stands before its text in what was concluded of it.
    made.words =
        condition != nullptr ? condition->display : event.detail.substr(0, event.detail.find(": "));
    const auto& subject = event.id.subject;
    if (const auto* patient = parts_.words.registry.patient(subject.patient); patient != nullptr)
        made.place = patient->bed.empty() ? patient->unit
                                          : fmt::format("{}, bed {}", patient->unit, patient->bed);
    else if (const auto* device = parts_.words.registry.device(DeviceId{subject.location.value});
             device != nullptr)
        made.place = "device " + device->external_id;
    else if (const auto* screen = parts_.display(subject); screen != nullptr)
        made.place = fmt::format("{}{}screen {}", screen->unit, screen->unit.empty() ? "" : ", ",
                                 screen->name);
    if (made.place.empty()) made.place = "a patient in no bed";
    return made;
}

void Dissemination::concluded(std::span<const AlarmEvent> events, Timestamp now) {
    now_ = now;
    for (const auto& event : events) {
        if (!event.alarm || !event.priority) continue;
        if (tells(event.type) || tells_again(event.type)) tell(event, tells_again(event.type), now);
        if (!settles(event.type)) continue;
        drop_waiting(event.alarm);
        tell_change(event, now);
        if (is_over(event.type)) told_.erase(event.alarm);
    }
}

void Dissemination::resume(const std::map<monitor::Subject, monitor::BedState>& beds,
                           Timestamp now) {
    for (const auto& [subject, bed] : beds)
        for (const auto& shown : bed.alarms) {
            const auto& alarm = shown.alarm;
            if (alarm.state != monitor::AlarmState::active || !alarm.owner.empty() ||
                alarm.suppression != monitor::Suppression::none)
                continue;
            AlarmEvent event{.id = alarm.id, .time = alarm.began, .type = EventType::told};
            event.alarm = alarm.id;
            event.condition = alarm.condition;
            event.priority = alarm.priority;
            event.state = alarm.state;
            event.episode = alarm.episode;
            event.level = alarm.level;
            event.told = alarm.told;
            event.since = alarm.violated_since;
            event.value = alarm.value;
            event.limit = alarm.limit;
            event.detail = alarm.detail;
            tell(event, false, now);
        }
}

void Dissemination::tell(const AlarmEvent& event, bool again, Timestamp now) {
    const auto to =
        parts_.roster.recipients(place_of(event.id.subject), event.told, *event.priority, now);
    if (to.empty()) return;
    auto& told = told_[event.alarm];
    for (const auto& recipient : to) {
        const bool is_new = told.insert(recipient.contact.id).second;
        if (is_new || again) enqueue(message(event, recipient, now), now);
    }
}

// A system that was told of it hears what became of it; people see that where they look.
void Dissemination::tell_change(const AlarmEvent& event, Timestamp now) {
    const auto found = told_.find(event.alarm);
    if (found == told_.end()) return;
    for (const auto id : found->second) {
        const auto contact = parts_.roster.contacts().find(id);
        if (contact == parts_.roster.contacts().end() ||
            contact->second.channel != AlarmChannel::webhook)
            continue;
        auto made = message(event, {.contact = contact->second, .as = contact->second.as}, now);
        made.kind = AlarmMessage::Kind::changed;
        enqueue(std::move(made), now);
    }
}

// Of what needs nobody any more nothing more is sent. What is under way may still arrive.
void Dissemination::drop_waiting(const EventId& alarm) {
    std::erase_if(waiting_, [&](const auto& each) {
        const auto& waiting = each.second;
        return waiting.message.event.alarm == alarm && !waiting.under_way &&
               waiting.message.kind == AlarmMessage::Kind::told;
    });
}

void Dissemination::enqueue(AlarmMessage message, Timestamp now) {
    if (waiting_.size() >= waiting_max) {
        record(message, monitor::Dissemination::undeliverable, "too many messages wait to be sent");
        return;
    }
    const auto give_up = now + tried_for(*message.event.priority);
    const auto number = ++last_number_;
    waiting_.emplace(number, Waiting{.message = std::move(message), .give_up = give_up});
    attempt(number, now);
}

void Dissemination::attempt(std::uint64_t number, Timestamp now) {
    auto& waiting = waiting_.at(number);
    waiting.under_way = true;
    ++waiting.tries;
    parts_.send(waiting.message, [this, number, now](const Result<std::string>& outcome) {
        answered(number, outcome, now);
    });
}

void Dissemination::answered(std::uint64_t number, const Result<std::string>& outcome,
                             Timestamp sent) {
    const auto found = waiting_.find(number);
    if (found == waiting_.end()) return;
    auto& waiting = found->second;
    waiting.under_way = false;
    if (outcome) {
        record(waiting.message, monitor::Dissemination::delivered, *outcome);
        waiting_.erase(found);
        return;
    }
    waiting.next = std::max(now_, sent) + pause_after(waiting.tries);
    if (outcome.error().kind != Error::Kind::forbidden && waiting.next < waiting.give_up) return;
    record(waiting.message, monitor::Dissemination::undeliverable, outcome.error().message);
    waiting_.erase(found);
}

void Dissemination::every_second(Timestamp now) {
    now_ = now;
    std::vector<std::uint64_t> due;
    for (const auto& [number, waiting] : waiting_)
        if (!waiting.under_way && waiting.next <= now) due.push_back(number);
    for (const auto number : due)
        if (waiting_.contains(number)) attempt(number, now);
    std::erase_if(receipts_, [&](const auto& each) { return each.second.until <= now; });
}

void Dissemination::record(const AlarmMessage& message, monitor::Dissemination status,
                           std::string said) {
    if (message.kind != AlarmMessage::Kind::told) return;
    const auto to = told_text(message.to);
    if (said.empty()) said = to_string(status);
    if (said.size() > said_bytes_max) said.resize(said_bytes_max);
    if (status == monitor::Dissemination::delivered && receipts_.size() < receipts_max)
        receipts_.insert_or_assign(message.id, Receipt{.alarm = message.event.alarm,
                                                       .episode = message.event.episode,
                                                       .level = message.event.level,
                                                       .to = to,
                                                       .until = message.made + receipt_within});
    parts_.give({.recorded = now_,
                 .by = std::string(monitor::by_system),
                 .reason = std::move(said),
                 .body = monitor::AlarmDisseminated{.alarm = message.event.alarm,
                                                    .episode = message.event.episode,
                                                    .level = message.event.level,
                                                    .status = status,
                                                    .to = to}});
}

Result<void> Dissemination::received(const std::string& id, const std::string& by, Timestamp now) {
    const auto found = receipts_.find(id);
    if (found == receipts_.end())
        return fail(Error::Kind::not_found, "no such message, or it was received before", "id");
    const auto receipt = std::move(found->second);
    receipts_.erase(found);
    parts_.give({.recorded = now,
                 .by = std::string(monitor::by_system),
                 .reason = by.empty() ? "it says so itself" : by,
                 .body = monitor::AlarmDisseminated{.alarm = receipt.alarm,
                                                    .episode = receipt.episode,
                                                    .level = receipt.level,
                                                    .status = monitor::Dissemination::received,
                                                    .to = receipt.to}});
    return {};
}

void Dissemination::emergency(std::string by, std::string reason, Timestamp now) {
    now_ = now;
    for (const auto& [id, contact] : parts_.roster.contacts()) {
        if (!contact.emergencies) continue;
        AlarmMessage made{.kind = AlarmMessage::Kind::emergency,
                          .id = identity::new_secret(parts_.random),
                          .to = {.contact = contact, .as = contact.as},
                          .words = "Emergency access",
                          .by = by,
                          .reason = reason,
                          .made = now};
        made.event.priority = AlarmPriority::low;
        enqueue(std::move(made), now);
    }
}

void Dissemination::test(const AlarmContact& contact, Timestamp now, AlarmSent done) {
    AlarmMessage made{.kind = AlarmMessage::Kind::test,
                      .id = identity::new_secret(parts_.random),
                      .to = {.contact = contact, .as = contact.as},
                      .words = "Test: no alarm",
                      .place = "nobody's bed",
                      .made = now};
    made.event.priority = AlarmPriority::low;
    parts_.send(made, std::move(done));
}

}  // namespace vigil::share

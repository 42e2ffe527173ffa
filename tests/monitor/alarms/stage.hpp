#pragma once
// An alarm system with one table and policy, and a clock that a test sets: each call is a cause of
// its own. What happened is read as a list of words.

#include <string>
#include <string_view>
#include <vector>

#include "monitor/alarms/alarm_system.hpp"

namespace vigil::monitor {

inline Timestamp second(std::int64_t s) {
    return Timestamp() + std::chrono::seconds(s);
}

class AlarmStage {
public:
    explicit AlarmStage(AlarmPolicy with = {}) : policy(std::move(with)), system(table, policy) {
        at(0);
    }
    AlarmStage(const AlarmStage&) = delete;
    AlarmStage& operator=(const AlarmStage&) = delete;

    AlarmStage& at(std::int64_t seconds) {
        now = seconds;
        events.begin({{0, ++position}, second(seconds)});
        return *this;
    }
    // The clock goes on, second by second, as the log's tick does.
    AlarmStage& run_to(std::int64_t seconds) {
        while (now < seconds) {
            at(now + 1);
            system.on_time(events);
        }
        return *this;
    }
    ConditionKey key(std::string_view condition, std::uint32_t device = 1) const {
        return {.condition = table.id_of(condition), .device = DeviceId{device}};
    }
    void onset(std::string_view condition, std::uint32_t device = 1) {
        at(now);
        auto onset = onset_of(*table.find(condition), key(condition, device));
        onset.violated_since = second(now);
        system.onset(onset, events);
    }
    void end(std::string_view condition, std::uint32_t device = 1) {
        at(now);
        system.end(key(condition, device), second(now), {by_system, "the condition ended"}, events);
    }
    const Alarm& alarm(std::string_view condition, std::uint32_t device = 1) const {
        return *system.find(key(condition, device));
    }
    bool stands(std::string_view condition) const { return system.find(key(condition)) != nullptr; }
    Result<void> acknowledge(std::string_view condition, std::string_view by = "nia") {
        const auto& a = alarm(condition);
        return acknowledge(a.id, a.episode, a.priority, by);
    }
    Result<void> acknowledge(EventId id, std::uint32_t episode, AlarmPriority seen,
                             std::string_view by = "nia") {
        at(now);
        return system.acknowledge(id, episode, seen, {by, "seen"}, events);
    }
    Result<void> inactivate(InactivationKind kind, std::int64_t seconds,
                            std::string_view condition = {}, EventId alarm_id = {}) {
        at(now);
        return system.inactivate(
            {.kind = kind,
             .alarm = alarm_id,
             .condition = condition.empty() ? ConditionId{} : table.id_of(condition)},
            std::chrono::seconds(seconds), {"nia", "suction"}, events);
    }
    Result<void> respond(std::string_view condition, Response response,
                         std::string_view by = "nia") {
        at(now);
        return system.respond(alarm(condition).id, response, {by, "on my way"}, events);
    }
    Result<void> disseminated(std::string_view condition, Dissemination status,
                              std::uint32_t level) {
        at(now);
        const auto& told = alarm(condition);
        return system.disseminated(told.id, {told.episode, level, status, "ada by e-mail"},
                                   {"vigil", "550 no such mailbox"}, events);
    }
    Signals signals(std::string_view condition) const { return system.signals(alarm(condition)); }

    // "30 told asystole" since the last call.
    std::vector<std::string> said() {
        std::vector<std::string> lines;
        for (const auto& event : events.take()) {
            auto line = std::to_string(unix_ns(event.time) / 1'000'000'000) + " " +
                        std::string(to_string(event.type));
            if (const auto* condition = table.find(event.condition.condition))
                line += " " + condition->key;
            lines.push_back(line);
        }
        return lines;
    }

    ConditionTable table;
    AlarmPolicy policy;
    EventRecorder events{Subject{PatientId{7}, {}}};
    AlarmSystem system;
    std::int64_t now = 0;
    std::uint64_t position = 0;
};

}  // namespace vigil::monitor

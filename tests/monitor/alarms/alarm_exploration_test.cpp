// Every state that the alarms of two conditions can come to, whatever happens in whatever order:
// breadth first over all inputs, with times as short as they can be. In each of them the invariants
// of the alarm system hold; above all: no high-priority condition that is present is unsignalled
// without an act of a person that is on record.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "monitor/alarms/alarm_system.hpp"

namespace vigil::monitor {
namespace {

using namespace std::chrono_literals;

AlarmPolicy short_times() {
    AlarmPolicy policy;
    policy.acknowledged_for = {{2s, 2s, 2s}};
    policy.repeat_after = {{1s, 1s, 1s}};
    for (auto& steps : policy.escalation.values)
        steps = {{0s, recipients::bed}, {1s, recipients::physician}};
    policy.accepted_for = 1s;
    policy.audio_paused_max = 2s;
    policy.alarm_paused_max = 1s;
    policy.off_max = 1s;
    policy.reminder_every = 1s;
    return policy;
}

// How far off, in whole seconds; further back than any time of the policy is all the same.
char from_now(Timestamp t, Timestamp now) {
    return t == never ? '~' : static_cast<char>('m' + std::max<std::int64_t>(-4, (t - now) / 1s));
}

struct Node {
    AlarmSystem system;
    std::vector<bool> present;  // as the world is, whatever the system makes of it
    std::int64_t now = 10;

    // The state without what has no bearing on what follows: times count from now, order of ids
    // only where it decides whether an alarm breaks through a pause.
    std::string signature(std::span<const ConditionKey> keys) const {
        const auto clock = Timestamp() + std::chrono::seconds(now);
        std::string out;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            out += present[i] ? '+' : '-';
            const auto* a = system.find(keys[i]);
            if (a == nullptr) continue;
            for (const auto part : {static_cast<int>(a->state), static_cast<int>(a->suppression),
                                    static_cast<int>(a->priority), int{a->present},
                                    int{a->announced}, int{!a->owner.empty()}, int{a->level}})
                out += static_cast<char>('0' + part);
            for (const auto t : {a->acknowledged_until, a->owner_until, a->escalate_at})
                out += from_now(t, clock);
            if (a->level < 2) out += from_now(a->escalation_began, clock);
        }
        std::vector<std::string> pauses;
        for (const auto& p : system.inactivations()) {
            auto& text = pauses.emplace_back();
            text = {static_cast<char>('0' + static_cast<int>(p.kind)), from_now(p.until, clock),
                    from_now(p.remind_at, clock)};
            const bool audio = p.kind <= InactivationKind::audio_off;
            for (const auto& key : keys) {
                const auto* a = system.find(key);
                text += p.condition == key.condition ? 'c' : '.';
                if (a == nullptr) continue;
                text += p.alarm == a->id ? 'a' : '.';
                text += audio && a->signalled > p.id ? '>' : '.';
            }
        }
        std::ranges::sort(pauses);
        for (const auto& pause : pauses) out += '/' + pause;
        return out;
    }
};

class Exploration {
public:
    explicit Exploration(std::vector<std::string_view> conditions)
        : conditions_(std::move(conditions)) {
        for (std::size_t i = 0; i < conditions_.size(); ++i) keys_.push_back(key(i));
        Node start{AlarmSystem(table_, policy_), std::vector<bool>(conditions_.size())};
        see(start);
        while (!open_.empty() && !testing::Test::HasFatalFailure()) {
            const auto node = std::move(open_.front());
            open_.pop_front();
            expand(node);
        }
    }
    std::size_t states() const { return seen_.size(); }
    std::size_t steps = 0;

private:
    ConditionKey key(std::size_t i) const { return {.condition = table_.id_of(conditions_[i])}; }

    void see(const Node& node) {
        if (!seen_.insert(node.signature(keys_)).second) return;
        open_.push_back(node);
        sounds_in_the_end(node);
    }

    // One input to a copy; then all that must hold does.
    template <class Input>
    void step(const Node& node, const char* name, Input input, const EventId* only = nullptr) {
        auto next = node;
        EventRecorder events{Subject{PatientId{1}, {}}};
        events.begin({{0, ++position_}, Timestamp() + std::chrono::seconds(next.now)});
        input(next, events);
        ++steps;
        check_state(next, name);
        check_events(node, next, events.events(), name, only);
        if (!testing::Test::HasFatalFailure()) see(next);
    }

    void expand(const Node& node) {
        const Person nia{"nia", "a reason"};
        for (std::size_t i = 0; i < conditions_.size(); ++i) {
            if (node.present[i])
                step(node, "end", [&](Node& n, EventRecorder& e) {
                    n.present[i] = false;
                    n.system.end(key(i), e.now(), {by_system, "ended"}, e);
                });
            else
                step(node, "onset", [&](Node& n, EventRecorder& e) {
                    n.present[i] = true;
                    n.system.onset(onset_of(*table_.find(conditions_[i]), key(i)), e);
                });
            step(node, "off", [&](Node& n, EventRecorder& e) {
                (void)n.system.inactivate({.kind = InactivationKind::alarm_off,
                                           .condition = table_.id_of(conditions_[i])},
                                          1s, nia, e);
            });
        }
        for (const auto& alarm : node.system.alarms()) {
            const auto id = alarm.id;
            step(
                node, "acknowledge",
                [&](Node& n, EventRecorder& e) {
                    (void)n.system.acknowledge(id, alarm.episode, alarm.priority, nia, e);
                },
                &id);
            step(node, "accept", [&](Node& n, EventRecorder& e) {
                (void)n.system.respond(id, Response::accepted, nia, e);
            });
            step(node, "reject", [&](Node& n, EventRecorder& e) {
                (void)n.system.respond(id, Response::rejected, nia, e);
            });
            step(node, "undeliverable", [&](Node& n, EventRecorder& e) {
                (void)n.system.disseminated(
                    id, {alarm.episode, alarm.level, Dissemination::undeliverable, "ada"}, nia, e);
            });
            if (conditions_.size() == 1)
                step(node, "pause one", [&](Node& n, EventRecorder& e) {
                    (void)n.system.inactivate({.kind = InactivationKind::audio_paused, .alarm = id},
                                              1s, nia, e);
                });
        }
        step(node, "audio pause", [&](Node& n, EventRecorder& e) {
            (void)n.system.inactivate({.kind = InactivationKind::audio_paused}, 2s, nia, e);
        });
        step(node, "alarm pause", [&](Node& n, EventRecorder& e) {
            (void)n.system.inactivate({.kind = InactivationKind::alarm_paused}, 1s, nia, e);
        });
        step(node, "tick", [&](Node& n, EventRecorder& e) {
            ++n.now;
            e.begin({{0, ++position_}, e.now() + 1s});
            n.system.on_time(e);
        });
    }

    static bool by_person(const AlarmSystem& system, const Alarm& alarm, bool audio) {
        return std::ranges::any_of(system.inactivations(), [&](const Inactivation& i) {
            const bool of_audio =
                i.kind == InactivationKind::audio_paused || i.kind == InactivationKind::audio_off;
            return of_audio == audio && !i.by.empty() && !i.reason.empty() &&
                   (!i.alarm || i.alarm == alarm.id) &&
                   (!i.condition || i.condition == alarm.condition.condition);
        });
    }
    bool more_is_signalled(const AlarmSystem& system, const Alarm& alarm) const {
        const auto& by = table_.find(alarm.condition.condition)->suppressed_by;
        return std::ranges::any_of(system.alarms(), [&](const Alarm& other) {
            return other.present && other.priority >= alarm.priority &&
                   system.signals(other).visual &&
                   std::ranges::find(by, other.condition.condition) != by.end();
        });
    }

    void check_state(const Node& node, const char* input) {
        const auto& system = node.system;
        for (std::size_t i = 0; i < conditions_.size(); ++i) {
            const auto* alarm = system.find(key(i));
            ASSERT_EQ(alarm != nullptr && alarm->present, node.present[i]) << input;
            if (alarm == nullptr) continue;
            const auto signals = system.signals(*alarm);
            if (node.present[i] && !signals.visual)
                ASSERT_TRUE(by_person(system, *alarm, false) || more_is_signalled(system, *alarm))
                    << input << ": " << conditions_[i] << " is not seen";
            if (node.present[i] && !signals.audible)
                ASSERT_TRUE(
                    (alarm->state == AlarmState::acknowledged && !alarm->acknowledged_by.empty()) ||
                    by_person(system, *alarm, true) || by_person(system, *alarm, false) ||
                    more_is_signalled(system, *alarm))
                    << input << ": " << conditions_[i] << " is not heard";
            if (!alarm->can_switch_off && node.present[i])
                ASSERT_TRUE(signals.visual || more_is_signalled(system, *alarm)) << input;
            if (alarm->state == AlarmState::active && signals.visual) {
                ASSERT_NE(alarm->told, 0) << input << ": nobody is told";
                ASSERT_TRUE(alarm->escalate_at != never || alarm->owner_until != never) << input;
            }
            if (alarm->state == AlarmState::latched) ASSERT_TRUE(alarm->latching) << input;
        }
        for (const auto& i : system.inactivations())
            ASSERT_LE(i.until - i.since, policy_.longest(i.kind)) << input;
    }

    void check_events(const Node& before, const Node& after, const std::vector<AlarmEvent>& events,
                      const char* input, const EventId* only) {
        for (const auto& event : events) {
            ASSERT_FALSE(event.actor.empty()) << input << ' ' << to_string(event.type);
            ASSERT_FALSE(event.reason.empty()) << input << ' ' << to_string(event.type);
            ASSERT_EQ(event.time, Timestamp() + std::chrono::seconds(after.now));
            // What begins to sound, and is high, sounds whatever pause of the audio there was.
            const auto* alarm = after.system.find(event.alarm);
            const bool begins =
                event.type == EventType::onset || event.type == EventType::onset_again ||
                event.type == EventType::resumed || event.type == EventType::re_alarmed;
            if (begins && alarm != nullptr && alarm->state == AlarmState::active &&
                alarm->priority == AlarmPriority::high)
                ASSERT_TRUE(after.system.signals(*alarm).audible) << input;
        }
        for (std::size_t i = 0; i < conditions_.size(); ++i) {
            const auto *was = before.system.find(key(i)), *is = after.system.find(key(i));
            const auto heard = was == nullptr ? Signals{} : before.system.signals(*was);
            const auto hears = is == nullptr ? Signals{} : after.system.signals(*is);
            ASSERT_TRUE(heard == hears || !events.empty())
                << input << ": a signal changed without an event";
            // Acknowledging one alarm touches that one; of what it hid, more may become visible.
            if (only != nullptr && was != nullptr && was->id != *only)
                ASSERT_TRUE(is != nullptr && (!heard.visual || hears.visual) &&
                            (!heard.audible || hears.audible))
                    << input;
        }
    }

    // Nobody does anything any more: within the longest time there is, what is present is heard and
    // all have been told.
    void sounds_in_the_end(Node node) {
        EventRecorder events{Subject{PatientId{1}, {}}};
        for (int i = 0; i < 5; ++i) {
            ++node.now;
            events.begin({{0, ++position_}, Timestamp() + std::chrono::seconds(node.now)});
            node.system.on_time(events);
        }
        for (const auto& alarm : node.system.alarms())
            if (alarm.present && !more_is_signalled(node.system, alarm)) {
                ASSERT_TRUE(node.system.signals(alarm).audible);
                ASSERT_EQ(alarm.level, 2);
            }
    }

    std::vector<std::string_view> conditions_;
    std::vector<ConditionKey> keys_;
    ConditionTable table_;
    AlarmPolicy policy_ = short_times();
    std::unordered_set<std::string> seen_;
    std::deque<Node> open_;
    std::uint64_t position_ = 0;
};

TEST(AlarmExploration, no_high_condition_is_unsignalled_without_a_recorded_act) {
    for (const auto& conditions : std::vector<std::vector<std::string_view>>{
             {"extreme_tachycardia"},  // with a pause of this alarm alone
             {"sustained_ventricular_tachycardia", "extreme_tachycardia"},  // both high, a chain
             {"extreme_tachycardia", "heart_rate_high"},  // a chain of what can be switched off
             {"extreme_tachycardia", "spo2_low"}}) {      // latching and not, no chain
        const Exploration exploration(conditions);
        if (HasFatalFailure()) return;
        EXPECT_GT(exploration.states(), conditions.size() == 1 ? 100U : 1'000U);
        RecordProperty(std::string(conditions.back()), static_cast<int>(exploration.states()));
        if (std::getenv("VERBOSE") != nullptr)
            std::printf("%zu states, %zu steps\n", exploration.states(), exploration.steps);
    }
}

}  // namespace
}  // namespace vigil::monitor

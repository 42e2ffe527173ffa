#include "monitor/what_if/what_if.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace vigil::monitor {
namespace {

struct Span {
    ConditionKey key{};
    AlarmPriority priority = AlarmPriority::medium;
    Timestamp from{}, to{};
};

// One configuration on its way through the readings, and the alarms it had.
class Side {
public:
    Side(const MonitorTables& tables, const Configuration& with, Timestamp start)
        : monitor_(tables, Subject{PatientId{1}, {}}, AgeClass::adult, true, with.settings,
                   {{0, ++position_}, start}) {}

    Result<void> set_rules(const std::vector<AlarmRuleSet>& rules, Timestamp now) {
        for (auto rule : rules) {
            rule.subject = monitor_.subject();
            VIGIL_CHECK(
                monitor_.on_act({now, "what-if", "what-if", rule}, {{0, ++position_}, now}));
        }
        (void)monitor_.take_events();
        return {};
    }
    void tick(Timestamp now) {
        monitor_.on_tick({{0, ++position_}, now});
        collect();
    }
    void read(const PastReading& reading, Timestamp now) {
        monitor_.on_reading(reading.device, reading.filed, {{0, ++position_}, now});
        collect();
    }
    void close(Timestamp now) {
        for (const auto& alarm : monitor_.alarms().alarms())
            if (alarm.present) end(alarm.condition, now);
    }

    std::vector<Span> spans;
    bool cut = false;

private:
    // What an alarm of a condition is here: from its being signalled to its condition's end. What a
    // higher one hides goes on behind it.
    void collect() {
        for (const auto& event : monitor_.take_events()) {
            if (event.type == EventType::onset || event.type == EventType::onset_again)
                open_.try_emplace(event.condition,
                                  Span{event.condition, *event.priority, event.time, {}});
            else if (event.type == EventType::ended || event.type == EventType::latched)
                end(event.condition, event.time);
        }
    }
    void end(const ConditionKey& key, Timestamp now) {
        const auto found = open_.find(key);
        if (found == open_.end()) return;
        found->second.to = now;
        cut = cut || spans.size() >= what_if_alarms_max;
        if (!cut) spans.push_back(found->second);
        open_.erase(found);
    }

    std::uint64_t position_ = 0;
    PatientMonitor monitor_;
    std::map<ConditionKey, Span> open_;
};

bool overlap(const Span& a, const Span& b) {
    return a.from <= b.to && b.from <= a.to;
}

Nanoseconds total(const std::vector<const Span*>& spans) {
    Nanoseconds sum{};
    for (const auto* span : spans) sum += span->to - span->from;
    return sum;
}

using ByCondition = std::map<ConditionId, std::vector<const Span*>>;

ByCondition by_condition(const std::vector<Span>& spans) {
    ByCondition out;
    for (const auto& span : spans) out[span.key.condition].push_back(&span);
    for (auto& [condition, list] : out) std::ranges::sort(list, {}, &Span::from);
    return out;
}

// The first that overlaps, of a list in order of its beginnings.
const Span* partner(const Span& span, const std::vector<const Span*>& others) {
    for (const auto* other : others) {
        if (other->from > span.to) break;
        if (other->key == span.key && overlap(span, *other)) return other;
    }
    return nullptr;
}

ConditionComparison compare(ConditionId condition, const std::vector<const Span*>& before,
                            const std::vector<const Span*>& after) {
    ConditionComparison out{.condition = condition, .priority = AlarmPriority::low};
    out.alarms_before = static_cast<std::uint32_t>(before.size());
    out.alarms_after = static_cast<std::uint32_t>(after.size());
    out.sounding_before = total(before);
    out.sounding_after = total(after);
    std::vector<Nanoseconds> later;
    for (const auto* span : before) {
        out.priority = std::max(out.priority, span->priority);
        if (const auto* found = partner(*span, after))
            later.push_back(found->from - span->from);
        else
            ++out.missed;
    }
    for (const auto* span : after) out.priority = std::max(out.priority, span->priority);
    if (later.empty()) return out;
    std::ranges::sort(later);
    out.later_median = later[(later.size() - 1) / 2];
    out.later_max = later.back();
    return out;
}

std::optional<Nanoseconds> detection(const ReferenceEvent& event, const std::vector<Span>& spans,
                                     const ConditionTable& table) {
    std::optional<Nanoseconds> soonest;
    for (const auto& span : spans) {
        const auto id = span.key.condition;
        const auto* condition = table.find(id);
        const bool tells = event.conditions.empty()
                               ? condition == nullptr ||
                                     condition->condition_class == ConditionClass::physiological
                               : std::ranges::find(event.conditions, id) != event.conditions.end();
        if (!tells || span.from > event.to || span.to < event.from) continue;
        const auto after = std::max(span.from - event.from, Nanoseconds::zero());
        soonest = std::min(soonest.value_or(after), after);
    }
    return soonest;
}

// No alarm changes by time alone for longer than this after the last reading.
constexpr Nanoseconds settled_after = std::chrono::hours(2);

}  // namespace

Result<WhatIf> what_if(const MonitorTables& tables, const Configuration& before,
                       const Configuration& after, const NextReading& next,
                       std::vector<ReferenceEvent> events) {
    constexpr Nanoseconds second = std::chrono::seconds(1);
    const auto rows = tables.limits.rows().size();
    if (before.settings.size() != rows || after.settings.size() != rows)
        return fail(Error::Kind::malformed, "settings of another table", "settings");
    WhatIf out;
    std::optional<Side> a, b;
    Timestamp first{}, clock{};
    while (const auto reading = next()) {
        const auto time = reading->filed.filed_time;
        if (!a) {
            first = clock = time;
            a.emplace(tables, before, first);
            b.emplace(tables, after, first);
            VIGIL_CHECK(a->set_rules(before.rules, first));
            VIGIL_CHECK(b->set_rules(after.rules, first));
        }
        if (time < clock) continue;
        const auto stop = time - clock > settled_after ? clock + settled_after : time;
        for (auto now = clock + second; now <= stop; now += second) {
            a->tick(now);
            b->tick(now);
        }
        clock = time;
        a->read(*reading, clock);
        b->read(*reading, clock);
        ++out.readings;
    }
    if (!a) return out;
    a->close(clock);
    b->close(clock);
    out.looked_at = clock - first;
    out.cut = a->cut || b->cut;
    auto of_a = by_condition(a->spans), of_b = by_condition(b->spans);
    for (const auto& [condition, spans] : of_a) of_b.try_emplace(condition);
    for (const auto& [condition, spans] : of_b)
        out.conditions.push_back(compare(condition, of_a[condition], spans));
    for (auto& event : events) {
        const auto soonest_a = detection(event, a->spans, tables.conditions);
        const auto soonest_b = detection(event, b->spans, tables.conditions);
        out.events.push_back({std::move(event), soonest_a, soonest_b});
    }
    return out;
}

std::uint32_t WhatIf::alarms_before() const {
    std::uint32_t sum = 0;
    for (const auto& c : conditions) sum += c.alarms_before;
    return sum;
}
std::uint32_t WhatIf::alarms_after() const {
    std::uint32_t sum = 0;
    for (const auto& c : conditions) sum += c.alarms_after;
    return sum;
}
std::uint32_t WhatIf::missed() const {
    std::uint32_t sum = 0;
    for (const auto& c : conditions) sum += c.missed;
    return sum;
}

}  // namespace vigil::monitor

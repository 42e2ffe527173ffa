#include "monitor/bed.hpp"

#include <algorithm>

namespace vigil::monitor {
namespace {

BedAlarm shown(const Alarm& alarm, const Signals& signals, const BedView& view,
               const MonitorTables& tables) {
    BedAlarm out{.alarm = alarm, .signals = signals, .key = {}, .words = {}};
    if (const auto* condition = tables.conditions.find(alarm.condition.condition)) {
        out.key = condition->key;
        out.words = condition->display;
        return out;
    }
    out.key = "rule_" + std::to_string(alarm.condition.condition.value);
    const auto rule = std::ranges::find(view.rules, alarm.condition.condition,
                                        [](const auto& each) { return each.definition.condition; });
    out.words = rule != view.rules.end() ? rule->definition.name : out.key;
    return out;
}

}  // namespace

bool BedState::shows_the_same(const BedState& other) const {
    return is_watched == other.is_watched && unmonitored_since == other.unmonitored_since &&
           age_class == other.age_class && is_age_confirmed == other.is_age_confirmed &&
           alarms == other.alarms && inactivations == other.inactivations &&
           display == other.display;
}

std::optional<AlarmPriority> BedState::seen() const {
    if (alarms.empty() || !alarms.front().signals.visual) return std::nullopt;
    return alarms.front().alarm.priority;
}

BedState bed_of(const PatientMonitor& monitor, const MonitorTables& tables, Timestamp as_of) {
    const auto view = monitor.view();
    BedState bed{.subject = monitor.subject(),
                 .as_of = as_of,
                 .inactivations = {view.inactivations.begin(), view.inactivations.end()},
                 .unmonitored_since = view.unmonitored_since,
                 .age_class = view.age_class,
                 .is_age_confirmed = view.age_confirmed};
    if (view.display != nullptr) bed.display = *view.display;
    bed.alarms.reserve(view.alarms.size() + view.recorded.size());
    for (const auto& each : view.alarms)
        bed.alarms.push_back(shown(*each.alarm, each.signals, view, tables));
    for (const auto* each : view.recorded) bed.alarms.push_back(shown(*each, {}, view, tables));
    return bed;
}

BedState left_bed(const Subject& subject, Timestamp as_of) {
    return {.subject = subject, .as_of = as_of, .is_watched = false};
}

}  // namespace vigil::monitor

// The part of the patient's monitor that smart conditions are.

#include <algorithm>

#include "monitor/alarms/patient_monitor.hpp"

namespace vigil::monitor {

Result<void> PatientMonitor::act(const AlarmRuleSet& act, const Person& who) {
    if (who.by.empty() || who.reason.empty())
        return fail(Error::Kind::malformed, "who does it and why is not told", "reason");
    if (act.condition.value < site_conditions_from)
        return fail(Error::Kind::forbidden, "rules are conditions from 32768 on", "condition");
    const auto before = std::ranges::find(
        rules_, act.condition, [](const ActiveRule& r) { return r.definition.condition; });
    std::optional<ActiveRule> after;
    if (!act.text.empty()) {
        VIGIL_TRY(rule, active({.definition = act,
                                .by = std::string(who.by),
                                .reason = std::string(who.reason),
                                .since = events_.now(),
                                .state = {}}));
        after = std::move(rule);
    } else if (before == rules_.end()) {
        return fail(Error::Kind::not_found, "no such rule", "condition");
    }
    if (before == rules_.end() && rules_.size() >= rules_max)
        return fail(Error::Kind::too_large, "a patient has at most 32 rules", "condition");
    auto& event = events_.record(EventType::rule_changed);
    event.actor = who.by;
    event.reason = who.reason;
    event.condition.condition = act.condition;
    event.detail = before == rules_.end() ? "" : before->definition.text;
    event.detail += " → " + act.text;
    // A changed rule is another one: what the old one said ends.
    alarms_.end({.condition = act.condition}, events_.now(), who, events_);
    if (before != rules_.end()) rules_.erase(before);
    if (after) rules_.push_back(std::move(*after));
    return {};
}

void PatientMonitor::tell_rules(const SeriesWatch& series, const Reading& reading,
                                Timestamp measured) {
    constexpr auto not_good = status::signal_poor | status::questionable;
    const RuleValue value{.device = series.device,
                          .metric = series.metric,
                          .channel = series.channel,
                          .value = series.last,
                          .signal_good = (reading.status & not_good) == 0,
                          .measured = measured};
    for (auto& rule : rules_) {
        if (!rule.evaluator->uses(series.metric)) continue;
        rule.evaluator->on_value(value, events_.now());
        follow_rule(rule, {by_system, "the rule holds no more"});
    }
}

void PatientMonitor::follow_rule(ActiveRule& rule, const Person& who) {
    const ConditionKey key{.condition = rule.definition.condition};
    const auto truth = rule.evaluator->truth();
    const auto* alarm = alarms_.find(key);
    const bool present = alarm != nullptr && alarm->present;
    if (truth == Truth::yes && !present) {
        alarms_.onset({.condition = key,
                       .priority = rule.definition.priority,
                       .latching = rule.definition.latching,
                       .violated_since = events_.now(),
                       .detail = rule.definition.name + ": " + rule.definition.text},
                      events_);
    } else if (present) {
        alarms_.set_stale(key, truth == Truth::unknown, events_);
        if (truth == Truth::no) alarms_.end(key, events_.now(), who, events_);
    }
}

// A rule that hung on the device starts anew: what it said can no longer be known.
void PatientMonitor::forget_in_rules(DeviceId device, const Person& who) {
    for (auto& rule : rules_) {
        if (!rule.evaluator->hears(device)) continue;
        rule.evaluator.emplace(*rule.rule, tables_->catalogue);
        alarms_.end({.condition = rule.definition.condition}, events_.now(), who, events_);
    }
}

}  // namespace vigil::monitor

#include "share/alarms/what_if_shape.hpp"

#include <fmt/format.h>

#include <chrono>

#include "share/alarms/limits.hpp"
#include "share/alarms/rules.hpp"

namespace vigil::share {

using monitor::MonitorTables;

namespace {

void seconds_or_null(JsonWriter& json, std::string_view name, std::optional<Nanoseconds> time) {
    json.key(name);
    if (time)
        json.number(seconds_of(*time));
    else
        json.null();
}

void write_condition(JsonWriter& json, const MonitorTables& tables,
                     const monitor::ConditionComparison& one) {
    const auto* condition = tables.conditions.find(one.condition);
    json.begin_object().member("condition",
                               condition != nullptr ? condition->key : rule_key(one.condition));
    json.member("words", condition != nullptr ? condition->display : std::string("Rule"));
    json.member("priority", to_string(one.priority));
    json.member("alarms_before", one.alarms_before).member("alarms_after", one.alarms_after);
    json.member("missed", one.missed);
    seconds_or_null(json, "later_median_s", one.later_median);
    seconds_or_null(json, "later_max_s", one.later_max);
    json.member("present_before_s", seconds_of(one.sounding_before));
    json.member("present_after_s", seconds_of(one.sounding_after)).end_object();
}

Result<std::vector<monitor::LimitEdit>> read_limits(JsonValue list, const MonitorTables& tables) {
    std::vector<monitor::LimitEdit> edits;
    if (!list || list.is(JsonKind::null)) return edits;
    if (!list.is(JsonKind::array) || list.size() > what_if_changes_max)
        return fail(Error::Kind::malformed,
                    fmt::format("a list of at most {} changes", what_if_changes_max), "limits");
    for (const auto each : list) {
        const auto* condition = tables.conditions.find(each["condition"].string());
        if (condition == nullptr)
            return fail(Error::Kind::malformed, "no such alarm condition", each.pointer());
        VIGIL_TRY(edit, read_edit(*condition, each));
        edits.push_back(edit);
    }
    return edits;
}

}  // namespace

Result<WhatIfChange> read_change(JsonValue body, const MonitorTables& tables) {
    WhatIfChange change;
    VIGIL_TRY(limits, read_limits(body["limits"], tables));
    change.limits = std::move(limits);
    const auto rules = body["rules"];
    if (rules && !rules.is(JsonKind::null)) {
        if (!rules.is(JsonKind::array) || rules.size() > monitor::PatientMonitor::rules_max)
            return fail(
                Error::Kind::malformed,
                fmt::format("a list of at most {} rules", monitor::PatientMonitor::rules_max),
                "rules");
        auto& read = change.rules.emplace();
        for (const auto each : rules) {
            VIGIL_TRY(rule, read_rule(each, tables.catalogue));
            rule.condition = monitor::ConditionId{
                static_cast<std::uint16_t>(monitor::site_conditions_from + read.size())};
            read.push_back(std::move(rule));
        }
    }
    if (change.limits.empty() && !change.rules)
        return fail(Error::Kind::malformed, "say what would be different: limits, rules", "limits");
    return change;
}

Result<monitor::Configuration> changed(monitor::Configuration now, const WhatIfChange& change,
                                       const MonitorTables& tables) {
    for (const auto& edit : change.limits) {
        const auto row = tables.limits.row_of(edit.condition);
        if (!row) return fail(Error::Kind::malformed, "this condition has no limit", "limits");
        VIGIL_TRY(after, monitor::edited(edit, now.settings, tables.limits, tables.conditions,
                                         tables.catalogue));
        now.settings[*row] = after;
    }
    if (change.rules) now.rules = *change.rules;
    return now;
}

void write_what_if(JsonWriter& json, const MonitorTables& tables, const monitor::WhatIf& result) {
    json.member("readings", result.readings).member("looked_at_s", seconds_of(result.looked_at));
    json.member("alarms_before", result.alarms_before());
    json.member("alarms_after", result.alarms_after());
    json.member("missed", result.missed()).member("cut", result.cut);
    json.key("conditions").begin_array();
    for (const auto& each : result.conditions) write_condition(json, tables, each);
    json.end_array().key("events").begin_array();
    for (const auto& each : result.events) {
        json.begin_object().member("kind", each.event.kind).member("from", each.event.from);
        json.member("to", each.event.to);
        seconds_or_null(json, "detected_before_s", each.detected_before);
        seconds_or_null(json, "detected_after_s", each.detected_after);
        json.end_object();
    }
    json.end_array();
}

void WhatIfTotal::add(const monitor::WhatIf& result) {
    ++patients;
    alarms_before += result.alarms_before();
    alarms_after += result.alarms_after();
    missed += result.missed();
    looked_at += result.looked_at;
}

void write_total(JsonWriter& json, const WhatIfTotal& total) {
    json.member("patients", total.patients).member("looked_at_s", seconds_of(total.looked_at));
    json.member("alarms_before", total.alarms_before).member("alarms_after", total.alarms_after);
    json.member("missed", total.missed);
    const double days = seconds_of(total.looked_at) / 86'400;
    const auto a_day = [&](std::uint64_t alarms) {
        return days > 0 ? static_cast<double>(alarms) / days : 0;
    };
    json.member("a_bed_a_day_before", a_day(total.alarms_before));
    json.member("a_bed_a_day_after", a_day(total.alarms_after));
}

}  // namespace vigil::share

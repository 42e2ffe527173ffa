#include "monitor/alarms/limit_edit.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vigil::monitor {
namespace {

tl::unexpected<Error> refuse(std::string why, const char* place) {
    return fail(Error::Kind::forbidden, std::move(why), place);
}

Result<void> check_limit(const LimitRow& row, const Decimal& limit, const Catalogue& catalogue) {
    if (row.choices) {
        const auto& [min, max, step] = *row.choices;
        auto choice = min;  // a handful of whole numbers
        while (choice < limit && choice < max) choice.mantissa += step.mantissa;
        if (choice != limit || limit < min || limit > max)
            return refuse(fmt::format("{} to {} in steps of {}", to_string(min), to_string(max),
                                      to_string(step)),
                          "limit");
    }
    for (const auto id : row.metrics) {
        const auto& metric = catalogue.at(id);
        if ((metric.plausible_min && limit < *metric.plausible_min) ||
            (metric.plausible_max && limit > *metric.plausible_max))
            return refuse(metric.display + " cannot be so", "limit");
    }
    return {};
}

Result<void> check_delays(const LimitRow& row, const LimitSetting& setting) {
    const auto longest = row.metrics.empty() ? Nanoseconds::zero() : limit_delay_max;
    const auto& [side, limit, hysteresis, on_delay, off_delay] = setting.limit;
    if (on_delay < Nanoseconds::zero() || on_delay > longest)
        return refuse(
            row.metrics.empty() ? "its delay is its definition" : "a delay has at most 15 s",
            "on_delay_ns");
    if (off_delay < Nanoseconds::zero() || off_delay > longest)
        return refuse("a delay has at most 15 s", "off_delay_ns");
    return {};
}

bool suppresses(const Condition& severe, const Condition& other) {
    return std::ranges::find(other.suppressed_by, severe.id) != other.suppressed_by.end();
}

// Against every other limit of the same metric.
Result<void> check_beside(const LimitRow& row, const LimitSetting& setting, const LimitRow& other,
                          const LimitSetting& beside, const ConditionTable& conditions) {
    const auto& mine = *conditions.find(row.condition);
    const auto& its = *conditions.find(other.condition);
    const auto& a = setting.limit.limit;
    const auto& b = beside.limit.limit;
    if (row.side != other.side) {
        const auto& low = row.side == LimitSide::low ? a : b;
        const auto& high = row.side == LimitSide::low ? b : a;
        if (low >= high) return refuse("not on the other side of " + its.display, "limit");
        const double band = high.to_double() - low.to_double();
        if (setting.limit.hysteresis.to_double() >= band)
            return refuse("wider than what lies between the limits", "hysteresis");
        return {};
    }
    const bool outer = suppresses(mine, its), inner = suppresses(its, mine);
    const bool beyond = row.side == LimitSide::high ? a >= b : a <= b;
    const bool within = row.side == LimitSide::high ? a <= b : a >= b;
    if ((outer && !beyond) || (inner && !within))
        return refuse(fmt::format("{} lies beyond {}", outer ? mine.display : its.display,
                                  outer ? its.display : mine.display),
                      "limit");
    return {};
}

}  // namespace

Result<LimitSetting> edited(const LimitEdit& edit, std::span<const LimitSetting> settings,
                            const LimitTable& table, const ConditionTable& conditions,
                            const Catalogue& catalogue) {
    const auto at = table.row_of(edit.condition);
    if (!at) return fail(Error::Kind::not_found, "no such limit", "condition");
    const auto& row = table.rows()[*at];
    const auto& condition = *conditions.find(edit.condition);
    auto after = settings[*at];
    after.limit.limit = edit.limit.value_or(after.limit.limit);
    after.limit.hysteresis = edit.hysteresis.value_or(after.limit.hysteresis);
    after.limit.on_delay = edit.on_delay.value_or(after.limit.on_delay);
    after.limit.off_delay = edit.off_delay.value_or(after.limit.off_delay);
    after.priority = edit.priority.value_or(after.priority);
    after.enabled = edit.enabled.value_or(after.enabled);

    if (!condition.can_switch_off && !after.enabled)
        return refuse(condition.display + " cannot be switched off", "enabled");
    if (!condition.can_switch_off && after.priority < condition.priority)
        return refuse(condition.display + " keeps its priority", "priority");
    if (after.limit.hysteresis < Decimal{}) return refuse("less than none", "hysteresis");
    VIGIL_CHECK(check_limit(row, after.limit.limit, catalogue));
    VIGIL_CHECK(check_delays(row, after));
    for (std::size_t i = 0; i < table.rows().size(); ++i) {
        const auto& other = table.rows()[i];
        if (i == *at || row.metrics.empty() || other.metrics != row.metrics) continue;
        VIGIL_CHECK(check_beside(row, after, other, settings[i], conditions));
    }
    return after;
}

LimitEdit merged(LimitEdit earlier, const LimitEdit& later) {
    if (later.limit) earlier.limit = later.limit;
    if (later.hysteresis) earlier.hysteresis = later.hysteresis;
    if (later.on_delay) earlier.on_delay = later.on_delay;
    if (later.off_delay) earlier.off_delay = later.off_delay;
    if (later.priority) earlier.priority = later.priority;
    if (later.enabled) earlier.enabled = later.enabled;
    return earlier;
}

std::string difference(const LimitSetting& before, const LimitSetting& after) {
    std::string text;
    const auto add = [&](std::string_view what, const std::string& old, const std::string& now) {
        if (old == now) return;
        text += fmt::format("{}{} {} → {}", text.empty() ? "" : ", ", what, old, now);
    };
    const auto seconds = [](Nanoseconds d) {
        return fmt::format("{} s", static_cast<double>(d.count()) / 1e9);
    };
    const auto& a = before.limit;
    const auto& b = after.limit;
    add("limit", to_string(a.limit), to_string(b.limit));
    add("hysteresis", to_string(a.hysteresis), to_string(b.hysteresis));
    add("on delay", seconds(a.on_delay), seconds(b.on_delay));
    add("off delay", seconds(a.off_delay), seconds(b.off_delay));
    add("priority", std::string(to_string(before.priority)),
        std::string(to_string(after.priority)));
    add("enabled", before.enabled ? "yes" : "no", after.enabled ? "yes" : "no");
    return text;
}

}  // namespace vigil::monitor

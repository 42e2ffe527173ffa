#include "monitor/alarms/alarm_policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string>

#include "metric/table.hpp"

namespace vigil::data {
extern const std::string_view alarm_escalation_tsv;
}

namespace vigil::monitor {

namespace {

Result<ByPriority<std::vector<EscalationStep>>> read_escalation(std::string_view table) {
    ByPriority<std::vector<EscalationStep>> all;
    int number = 0;
    for (TableReader row(table); row.next();) {
        ++number;
        const auto priority = from_word<AlarmPriority>(row[0]);
        const auto told = parse_recipients(row[2]);
        std::uint32_t seconds = 0;
        const auto* end = row[1].data() + row[1].size();
        const auto read = std::from_chars(row[1].data(), end, seconds);
        const bool is_time = read.ec == std::errc() && read.ptr == end && seconds <= 86'400;
        if (!priority || !told || !is_time)
            return fail(Error::Kind::malformed,
                        "not a priority, seconds (a day at most) and who is told, between tabs",
                        fmt::format("row {}", number));
        all[*priority].push_back({std::chrono::seconds(seconds), *told});
    }
    return all;
}

}  // namespace

AlarmPolicy::AlarmPolicy() {
    auto read = read_escalation(data::alarm_escalation_tsv);
    if (!read) throw std::logic_error("alarm-escalation.tsv: cannot be read");
    escalation = std::move(*read);
}

Result<void> set_escalation(AlarmPolicy& policy, std::string_view table) {
    VIGIL_TRY(read, read_escalation(table));
    auto changed = policy;
    changed.escalation = std::move(read);
    VIGIL_CHECK(check(changed));
    policy = std::move(changed);
    return {};
}

Nanoseconds AlarmPolicy::longest(InactivationKind kind) const {
    switch (kind) {
        case InactivationKind::audio_paused:
            return audio_paused_max;
        case InactivationKind::alarm_paused:
            return alarm_paused_max;
        case InactivationKind::audio_off:
        case InactivationKind::alarm_off:
            return off_max;
    }
    return {};
}

Result<void> check(const AlarmPolicy& policy) {
    const auto refuse = [](const char* why, const char* place) {
        return fail(Error::Kind::malformed, why, place);
    };
    constexpr auto zero = Nanoseconds::zero();
    for (std::size_t i = 0; i < 3; ++i) {
        const auto& steps = policy.escalation.values[i];
        if (steps.empty() || steps.size() > 16 || steps.front().after != zero)
            return refuse("the first step of an escalation is at 0", "escalation");
        for (const auto& step : steps)
            if (step.told == 0) return refuse("a step tells somebody", "escalation");
        if (!std::ranges::is_sorted(steps, {}, &EscalationStep::after))
            return refuse("steps stand in order of time", "escalation");
        if (policy.acknowledged_for.values[i] <= zero || policy.repeat_after.values[i] <= zero)
            return refuse("times are positive", "acknowledged_for");
    }
    if (policy.accepted_for <= zero || policy.alarm_paused_max <= zero || policy.off_max <= zero ||
        policy.reminder_every <= zero || policy.audio_paused_max <= zero)
        return refuse("times are positive", "accepted_for");
    if (policy.audio_paused_max > std::chrono::minutes(10))
        return refuse("an audio pause has at most 10 minutes", "audio_paused_max");
    if (policy.alarm_paused_max > std::chrono::minutes(10))
        return refuse("an alarm pause has at most 10 minutes", "alarm_paused_max");
    return {};
}

}  // namespace vigil::monitor

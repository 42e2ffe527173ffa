#include "app/monitor_settings.hpp"

#include <fmt/format.h>

#include "app/read_file.hpp"
#include "app/setting_values.hpp"

namespace vigil::app {
namespace {

// What is wrong with a file that a setting names.
Error in_file(Error error, const std::string& file, const char* setting) {
    error.message = error.place.empty()
                        ? fmt::format("{}: {}", file, error.message)
                        : fmt::format("{}, {}: {}", file, error.place, error.message);
    error.place = setting;
    return error;
}

void set_times(monitor::AlarmPolicy& policy, const Config& config) {
    using enum monitor::AlarmPriority;
    policy.acknowledged_for[high] = config.alarms_acknowledged_for_high;
    policy.acknowledged_for[medium] = config.alarms_acknowledged_for_medium;
    policy.acknowledged_for[low] = config.alarms_acknowledged_for_low;
    policy.accepted_for = config.alarms_accepted_for;
    policy.audio_paused_max = config.alarms_audio_paused_max;
    policy.alarm_paused_max = config.alarms_alarm_paused_max;
    policy.off_max = config.alarms_off_max;
    policy.reminder_every = config.alarms_reminder_every;
}

}  // namespace

Result<std::unique_ptr<monitor::MonitorTables>> monitor_tables(const Config& config,
                                                               const Catalogue& catalogue) {
    auto tables = std::make_unique<monitor::MonitorTables>(catalogue);
    set_times(tables->policy, config);
    if (const auto fits = check(tables->policy); !fits)
        return fail(fits.error().kind, fits.error().message, "alarms." + fits.error().place);
    if (const auto& file = config.alarms_escalation; !file.empty()) {
        VIGIL_TRY(text, read_file(file));
        if (auto done = set_escalation(tables->policy, text); !done)
            return tl::unexpected(in_file(done.error(), file, "alarms.escalation"));
    }
    for (const auto& file : words_of(config.scores_charts)) {
        VIGIL_TRY(text, read_file(file));
        if (auto done = tables->add_score(text); !done)
            return tl::unexpected(in_file(done.error(), file, "scores.charts"));
    }
    return tables;
}

}  // namespace vigil::app

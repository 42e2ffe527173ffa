#pragma once
// What all patients of a server are watched by: the tables, and the site's times.

#include <array>
#include <string_view>
#include <vector>

#include "metric/catalogue.hpp"
#include "monitor/alarms/alarm_policy.hpp"
#include "monitor/alarms/condition_table.hpp"
#include "monitor/alarms/limit_table.hpp"
#include "monitor/scores/score_set.hpp"
#include "monitor/signals/signal_tables.hpp"

namespace vigil::monitor {

struct MonitorTables {
    // The catalogue outlives it.
    explicit MonitorTables(const Catalogue& with);
    MonitorTables(const MonitorTables&) = delete;
    MonitorTables& operator=(const MonitorTables&) = delete;

    // A site's own chart (ScoreSet::add). It is shown, and raises no alarm.
    Result<void> add_score(std::string_view text);

    const Catalogue& catalogue;
    ConditionTable conditions;
    LimitTable limits;
    SignalTables signals;
    ScoreSet scores;
    // By table of the scores; null: it is shown, and raises no alarm.
    std::vector<const Condition*> score_conditions;
    AlarmPolicy policy;
    // A reading that was measured longer ago than this when it was committed is late.
    Nanoseconds late_after = std::chrono::seconds(30);
    // A display that alarms are told on confirms at least this often (a remote screen notices the
    // loss of its server within 10 s; so does the server).
    Nanoseconds display_gap = std::chrono::seconds(10);
    // The log ticks each second; a longer gap means that nobody watched.
    Nanoseconds clock_gap = std::chrono::seconds(5);

    ConditionId no_data, device_no_data, display_lost;
    std::vector<MetricId> rates;  // any of them tells how fast the heart beats
    bool is_rate(MetricId metric) const;

private:
    void find_score_conditions();
};

}  // namespace vigil::monitor

#include "monitor/alarms/monitor_tables.hpp"

#include <algorithm>

namespace vigil::monitor {

MonitorTables::MonitorTables(const Catalogue& with)
    : catalogue(with),
      limits(with, conditions),
      signals(with, conditions, limits),
      scores(with),
      no_data(conditions.id_of("no_data")),
      device_no_data(conditions.id_of("device_no_data")),
      display_lost(conditions.id_of("display_lost")) {
    find_score_conditions();
    for (const auto* condition : {"heart_rate_high", "pulse_rate_high"}) {
        const auto& row = limits.rows()[*limits.row_of(conditions.id_of(condition))];
        rates.insert(rates.end(), row.metrics.begin(), row.metrics.end());
    }
}

void MonitorTables::find_score_conditions() {
    score_conditions.clear();
    for (const auto& table : scores.tables())
        score_conditions.push_back(conditions.find(table.key + "_raised"));
}

Result<void> MonitorTables::add_score(std::string_view text) {
    VIGIL_CHECK(scores.add(text));
    find_score_conditions();
    return {};
}

bool MonitorTables::is_rate(MetricId metric) const {
    return std::ranges::find(rates, metric) != rates.end();
}

}  // namespace vigil::monitor

#pragma once
// What a site sets of the watch: its times, who is told, its own early-warning charts.

#include <memory>

#include "app/config.hpp"
#include "base/result.hpp"
#include "metric/catalogue.hpp"
#include "monitor/alarms/monitor_tables.hpp"

namespace vigil::app {

// Errors name the setting, and the file with what is wrong in it. The catalogue has its site
// metrics, and outlives the tables.
Result<std::unique_ptr<monitor::MonitorTables>> monitor_tables(const Config& config,
                                                               const Catalogue& catalogue);

}  // namespace vigil::app

#pragma once
// Alarms as they were raised, each from its onset to its end, out of what is kept of events: what
// fhir/ shows as Communications.

#include "fhir/view/alarm_views.hpp"
#include "metric/catalogue.hpp"
#include "monitor/alarms/monitor_tables.hpp"
#include "store/events.hpp"

namespace vigil::share {

// From any thread. What one look reads and returns is bounded.
Result<fhir::AlarmPart> read_occurrences(store::EventStore& events,
                                         const monitor::MonitorTables& tables,
                                         const Catalogue& catalogue, const store::Access& access,
                                         const fhir::AlarmQuery& query);

}  // namespace vigil::share

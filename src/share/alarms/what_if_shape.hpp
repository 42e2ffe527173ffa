#pragma once
// A what-if as docs/reference/alarms-api.md asks for it and shows it.

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/result.hpp"
#include "monitor/what_if/what_if.hpp"
#include "share/alarms/shapes.hpp"

namespace vigil::share {

// What is to be different, whoever it is for.
struct WhatIfChange {
    std::vector<monitor::LimitEdit> limits{};
    std::optional<std::vector<monitor::AlarmRuleSet>> rules{};  // none: as they stand
};

constexpr std::size_t what_if_changes_max = 64;
constexpr std::size_t what_if_events_max = 1'000;

Result<WhatIfChange> read_change(JsonValue body, const monitor::MonitorTables& tables);
// Over what is: a change that does not fit is refused with the reason.
Result<monitor::Configuration> changed(monitor::Configuration now, const WhatIfChange& change,
                                       const monitor::MonitorTables& tables);

// Members of an object.
void write_what_if(JsonWriter& json, const monitor::MonitorTables& tables,
                   const monitor::WhatIf& result);

struct WhatIfTotal {
    std::uint64_t patients = 0, alarms_before = 0, alarms_after = 0, missed = 0;
    Nanoseconds looked_at{};
    void add(const monitor::WhatIf& result);
};
void write_total(JsonWriter& json, const WhatIfTotal& total);

}  // namespace vigil::share

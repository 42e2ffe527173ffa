#pragma once
// A rule on what has been: when it would have held.

#include <functional>
#include <optional>
#include <vector>

#include "metric/batch.hpp"
#include "monitor/rules/rule.hpp"

namespace vigil::monitor {

struct PastReading {
    DeviceId device{};
    FiledReading filed{};
};
// The next reading in order of filed time; none: the end. One that is older than the one before is
// passed over, as a late one is live.
using NextReading = std::function<std::optional<PastReading>()>;

struct RuleSpan {
    Timestamp from{}, to{};
    bool open = false;  // it held until the end of what was looked at
    bool operator==(const RuleSpan&) const = default;
};

struct DryRun {
    std::vector<RuleSpan> spans;
    std::uint64_t readings = 0;
    Nanoseconds held{}, looked_at{};
    bool cut = false;  // more spans than are listed
};

constexpr std::size_t dry_run_spans_max = 10'000;

// With the clock of the log as it was live: a tick each second between readings.
DryRun dry_run(const Rule& rule, const Catalogue& catalogue, const NextReading& next);

}  // namespace vigil::monitor

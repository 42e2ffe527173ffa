#pragma once
// The limits this server watches, with the defaults for each class of age: data/alarm-limits.tsv,
// compiled in. Each row is a condition of data/alarm-conditions.tsv and names its source.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "metric/catalogue.hpp"
#include "monitor/alarms/condition_table.hpp"
#include "monitor/alarms/limit_condition.hpp"

namespace vigil::monitor {

// What the setting of a detector may be: "10..40/5".
struct LimitChoices {
    Decimal min, max, step;
};

struct LimitRow {
    ConditionId condition{};
    std::vector<MetricId> metrics{};  // none: the setting of a detector of signal/ (apnoea time)
    LimitSide side = LimitSide::high;
    std::array<Decimal, 3> defaults{};  // by AgeClass, adult first
    Decimal hysteresis{};
    Nanoseconds on_delay{}, off_delay{};
    std::optional<LimitChoices> choices{};
    std::string source{};
};

// How one limit is set now.
struct LimitSetting {
    Limit limit{};
    AlarmPriority priority = AlarmPriority::medium;
    bool enabled = true;
    bool operator==(const LimitSetting&) const = default;
};

class LimitTable {
public:
    LimitTable(const Catalogue& catalogue, const ConditionTable& conditions);

    std::span<const LimitRow> rows() const& { return rows_; }
    std::span<const LimitRow> rows() && = delete;
    // Which rows watch a metric, as indices into rows().
    std::span<const std::uint16_t> watching(MetricId metric) const;
    std::optional<std::uint16_t> row_of(ConditionId condition) const;

    // One setting for each row.
    std::vector<LimitSetting> defaults(AgeClass age_class) const;

private:
    const ConditionTable* conditions_;
    std::vector<LimitRow> rows_;
    std::vector<std::vector<std::uint16_t>> by_metric_;  // by MetricId
};

}  // namespace vigil::monitor

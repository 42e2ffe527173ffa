#include "monitor/alarms/limit_table.hpp"

#include <algorithm>
#include <stdexcept>

#include "metric/table.hpp"

namespace vigil::data {
extern const std::string_view alarm_limits_tsv;
}

namespace vigil::monitor {
namespace {

enum Column : std::size_t {
    condition,
    metrics,
    side,
    adult,
    paediatric,
    neonate,
    hysteresis,
    on_delay_s,
    off_delay_s,
    choices,
    source
};

// The table is compiled in and tested row by row: what cannot be read is a bug.
Decimal number(std::string_view text) {
    const auto value = parse_decimal(text);
    if (!value) throw std::logic_error("alarm-limits.tsv: not a number: " + std::string(text));
    return *value;
}

Nanoseconds seconds(std::string_view text) {
    const auto whole = rescaled(number(text), 0);
    if (!whole) throw std::logic_error("alarm-limits.tsv: not whole seconds");
    return std::chrono::seconds(whole->mantissa);
}

LimitChoices choices_of(std::string_view text) {
    const auto dots = text.find(".."), slash = text.find('/');
    if (dots == std::string_view::npos || slash == std::string_view::npos)
        throw std::logic_error("alarm-limits.tsv: choices are min..max/step");
    return {number(text.substr(0, dots)), number(text.substr(dots + 2, slash - dots - 2)),
            number(text.substr(slash + 1))};
}

}  // namespace

LimitTable::LimitTable(const Catalogue& catalogue, const ConditionTable& conditions)
    : conditions_(&conditions) {
    for (TableReader cells(data::alarm_limits_tsv); cells.next();) {
        LimitRow row{.condition = conditions.id_of(cells[Column::condition]),
                     .side = cells[Column::side] == "low" ? LimitSide::low : LimitSide::high,
                     .defaults = {number(cells[Column::adult]), number(cells[Column::paediatric]),
                                  number(cells[Column::neonate])},
                     .hysteresis = number(cells[Column::hysteresis]),
                     .on_delay = seconds(cells[Column::on_delay_s]),
                     .off_delay = seconds(cells[Column::off_delay_s]),
                     .source = std::string(cells[Column::source])};
        if (!cells[Column::choices].empty()) row.choices = choices_of(cells[Column::choices]);
        const auto index = static_cast<std::uint16_t>(rows_.size());
        if (!cells[Column::metrics].empty()) {
            for (const auto key : split(cells[Column::metrics], ',')) {
                const auto* metric = catalogue.find(key);
                if (metric == nullptr)
                    throw std::logic_error("alarm-limits.tsv: no metric " + std::string(key));
                row.metrics.push_back(metric->id);
                if (by_metric_.size() <= metric->id.value)
                    by_metric_.resize(metric->id.value + std::size_t{1});
                by_metric_[metric->id.value].push_back(index);
            }
        }
        rows_.push_back(std::move(row));
    }
}

std::span<const std::uint16_t> LimitTable::watching(MetricId metric) const {
    if (metric.value >= by_metric_.size()) return {};
    return by_metric_[metric.value];
}

std::optional<std::uint16_t> LimitTable::row_of(ConditionId condition) const {
    const auto found = std::ranges::find(rows_, condition, &LimitRow::condition);
    if (found == rows_.end()) return std::nullopt;
    return static_cast<std::uint16_t>(found - rows_.begin());
}

std::vector<LimitSetting> LimitTable::defaults(AgeClass age_class) const {
    std::vector<LimitSetting> settings;
    settings.reserve(rows_.size());
    for (const auto& row : rows_)
        settings.push_back(
            {.limit = {row.side, row.defaults[static_cast<std::size_t>(age_class) - 1],
                       row.hysteresis, row.on_delay, row.off_delay},
             .priority = conditions_->find(row.condition)->priority});
    return settings;
}

}  // namespace vigil::monitor

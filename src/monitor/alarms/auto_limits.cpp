#include "monitor/alarms/auto_limits.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace vigil::monitor {
namespace {

// limit = value × factor + offset, no lower than `at_least` and no higher than `at_most`.
struct Formula {
    const char* condition = nullptr;
    double factor = 1, offset = 0, at_least = -HUGE_VAL, at_most = HUGE_VAL;
    std::int8_t exponent = 0;                // of the limit
    double from = -HUGE_VAL, to = HUGE_VAL;  // values that it is for
};

constexpr double any = HUGE_VAL;

constexpr std::array adult_and_paediatric{
    Formula{"heart_rate_low", 0.8, 0, 40, any, 0},
    Formula{"heart_rate_high", 1.25, 0, -any, 240, 0},
    Formula{"pulse_rate_low", 0.8, 0, 40, any, 0},
    Formula{"pulse_rate_high", 1.25, 0, -any, 240, 0},
    Formula{"resp_rate_low", 0.5, 0, 6, any, 0},
    Formula{"resp_rate_high", 1.5, 0, -any, 30, 0},
    Formula{"nibp_sys_low", 0.68, 10, -any, any, -1},
    Formula{"nibp_sys_high", 0.86, 38, -any, any, -1},
    Formula{"nibp_dia_low", 0.68, 6, -any, any, -1},
    Formula{"nibp_dia_high", 0.86, 32, -any, any, -1},
    Formula{"nibp_mean_low", 0.68, 8, -any, any, -1},
    Formula{"nibp_mean_high", 0.86, 35, -any, any, -1},
    Formula{"temperature_low", 1, -0.5, -any, any, -1},
    Formula{"temperature_high", 1, 0.5, -any, any, -1},
    Formula{"etco2_low", 1, -6, -any, any, 0, 36, 45},
    Formula{"etco2_high", 1, 6, -any, any, 0, 36, 45},
};

constexpr std::array neonatal{
    Formula{"heart_rate_low", 1, -30, 90, any, 0},
    Formula{"heart_rate_high", 1, 40, -any, 200, 0},
};

LimitProposal proposal(const Formula& formula, const LimitRow& row, const Decimal& value) {
    LimitProposal out{.condition = row.condition, .value = value};
    const double number = value.to_double();
    if (number < formula.from || number > formula.to) {
        out.refused = "there is no formula for such a value";
        return out;
    }
    const auto limit = decimal_from_double(
        std::clamp(number * formula.factor + formula.offset, formula.at_least, formula.at_most),
        formula.exponent);
    const bool holds = limit && (row.side == LimitSide::low ? *limit <= value : *limit >= value);
    if (holds)
        out.limit = *limit;
    else
        out.refused = "the band would not hold the present value";
    return out;
}

}  // namespace

std::vector<LimitProposal> propose_limits(std::span<const PresentValue> values, AgeClass age_class,
                                          const LimitTable& table,
                                          const ConditionTable& conditions) {
    const auto formulas = age_class == AgeClass::neonate
                              ? std::span<const Formula>(neonatal)
                              : std::span<const Formula>(adult_and_paediatric);
    std::vector<LimitProposal> proposals;
    for (const auto& formula : formulas) {
        const auto& row = table.rows()[*table.row_of(conditions.id_of(formula.condition))];
        const auto value = std::ranges::find_if(values, [&](const PresentValue& v) {
            return std::ranges::find(row.metrics, v.metric) != row.metrics.end();
        });
        if (value != values.end()) proposals.push_back(proposal(formula, row, value->value));
    }
    return proposals;
}

}  // namespace vigil::monitor

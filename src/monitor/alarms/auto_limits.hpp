#pragma once
// Limits worked out from the patient's own values, always as a proposal that a person confirms.
// Formulas: Mindray N series manual, auto alarm limits.

#include <span>
#include <string>
#include <vector>

#include "base/decimal.hpp"
#include "monitor/alarms/limit_table.hpp"

namespace vigil::monitor {

struct PresentValue {
    MetricId metric{};
    Decimal value;  // in the metric's normal unit
};

// Exactly one of the two.
struct LimitProposal {
    ConditionId condition{};
    Decimal value;  // that it comes from
    std::optional<Decimal> limit{};
    std::string refused{};  // why there is none: the band would not hold the value
};

// For heart and respiratory rate, NIBP, temperature and EtCO2 of adults and children, for the heart
// rate of neonates; SpO2 limits are no matter of habit and stay. Read to the letter, the formulas
// give an RR high limit of 30 to somebody who breathes 36 times: such a band is refused.
std::vector<LimitProposal> propose_limits(std::span<const PresentValue> values, AgeClass age_class,
                                          const LimitTable& table,
                                          const ConditionTable& conditions);

}  // namespace vigil::monitor

#include "monitor/alarms/limit_condition.hpp"

#include <algorithm>

namespace vigil::monitor {
namespace {

using Phase = LimitCondition::Phase;
using Range = MeasuredValue::Range;

// limit ± hysteresis, at the finer of both precisions. Where no digit of a 64-bit mantissa is left
// for that, the limit alone: a hysteresis that small is none.
Decimal moved(const Decimal& limit, const Decimal& hysteresis, int sign) {
    const auto exponent = std::min(limit.exponent, hysteresis.exponent);
    const auto a = rescaled(limit, exponent);
    const auto b = rescaled(hysteresis, exponent);
    std::int64_t sum = 0;
    if (!a || !b || __builtin_mul_overflow(b->mantissa, sign, &sum) ||
        __builtin_add_overflow(a->mantissa, sum, &sum))
        return limit;
    return {sum, exponent};
}

}  // namespace

bool violates(const Limit& limit, const MeasuredValue& value) {
    const bool high = limit.side == LimitSide::high;
    if (value.range != Range::within) return (value.range == Range::above) == high;
    return high ? value.value > limit.limit : value.value < limit.limit;
}

bool inside_by_hysteresis(const Limit& limit, const MeasuredValue& value) {
    const bool high = limit.side == LimitSide::high;
    if (value.range != Range::within) return (value.range == Range::above) != high;
    if (limit.hysteresis.mantissa == 0) return !violates(limit, value);
    const auto bound = moved(limit.limit, limit.hysteresis, high ? -1 : 1);
    return high ? value.value <= bound : value.value >= bound;
}

LimitChange LimitCondition::on_value(const Limit& limit, const MeasuredValue& value,
                                     Timestamp measured) {
    if (silent) {
        silent = false;
        if (under == Phase::pending) under = Phase::absent;    // older than the gap: anew
        if (under == Phase::clearing) under = Phase::present;  // and so is the way out
    }
    if (violates(limit, value)) {
        if (under == Phase::absent) violated_since = measured;
        if (under == Phase::clearing) under = Phase::present;
        if (under == Phase::present) return LimitChange::none;
        under = measured - violated_since >= limit.on_delay ? Phase::present : Phase::pending;
        return under == Phase::present ? LimitChange::onset : LimitChange::none;
    }
    if (under == Phase::pending) under = Phase::absent;
    if (under == Phase::absent) return LimitChange::none;
    // Between limit and hysteresis a run that began to clear goes on clearing, as no violation
    // interrupts it; one that is present stays so.
    if (under == Phase::present) {
        if (!inside_by_hysteresis(limit, value)) return LimitChange::none;
        inside_since = measured;
        under = Phase::clearing;
    }
    if (!inside_by_hysteresis(limit, value) || measured - inside_since < limit.off_delay)
        return LimitChange::none;
    under = Phase::absent;
    return LimitChange::ended;
}

}  // namespace vigil::monitor

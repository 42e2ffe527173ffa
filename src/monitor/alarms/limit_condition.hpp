#pragma once
// Whether a limit is crossed, as the alarm system sees it: hysteresis, delays and silence of one
// limit on one series. A plain function of state and input; all times are the measurements'.
//
//     state     input                              next                       output
//     ABSENT    violating at t                     PENDING (t0 = t)           -, onset if no delay
//     PENDING   violating, t - t0 >= on_delay      PRESENT                    onset
//     PENDING   not violating                      ABSENT                     -
//     PENDING   no valid value                     PENDING, time runs on      -
//     PRESENT   inside by the hysteresis           CLEARING (t1 = t)          -, ended if no delay
//     CLEARING  violating                          PRESENT                    -
//     CLEARING  inside, t - t1 >= off_delay        ABSENT                     ended
//     any       silent for longer than the gap     UNKNOWN over it            the alarm stays,
//     stale UNKNOWN   a value: PRESENT or CLEARING goes on as above (CLEARING from anew), else as
//     ABSENT

#include <cstdint>
#include <optional>

#include "base/decimal.hpp"
#include "base/time.hpp"

namespace vigil::monitor {

enum class LimitSide : std::uint8_t { low = 1, high = 2 };
constexpr bool valid(LimitSide side) {
    return side == LimitSide::low || side == LimitSide::high;
}

// In the metric's normal unit. A value equal to the limit is no violation.
struct Limit {
    LimitSide side = LimitSide::high;
    Decimal limit;
    Decimal hysteresis;      // how far inside ends the condition; not negative
    Nanoseconds on_delay{};  // violating for so long before the condition is present
    Nanoseconds off_delay{};

    bool operator==(const Limit&) const = default;
};

// What a device measured: a number, or only that it was beyond its range (11073-20601 ±INFINITY,
// a glucose meter's HI and LO), which is beyond every limit on that side.
struct MeasuredValue {
    enum class Range : std::uint8_t { within, above, below };
    Decimal value;
    Range range = Range::within;
};

enum class LimitChange : std::uint8_t { none, onset, ended };

struct LimitCondition {
    enum class Phase : std::uint8_t { absent, pending, present, clearing, unknown };

    // `measured` is newer than that of every call before (DataWatch::counts).
    LimitChange on_value(const Limit& limit, const MeasuredValue& value, Timestamp measured);
    // No valid value for longer than the gap.
    void on_silence() { silent = true; }

    Phase phase() const { return silent ? Phase::unknown : under; }
    // Whether an alarm stands for it, stale or not.
    bool stands() const { return under == Phase::present || under == Phase::clearing; }

    Timestamp violated_since{};   // t0: the first violation of the pending or present run
    Timestamp inside_since{};     // t1
    Phase under = Phase::absent;  // never unknown: what UNKNOWN came over
    bool silent = false;

    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("violated_since", self.violated_since);
        visit("inside_since", self.inside_since);
        visit("under", self.under);
        visit("silent", self.silent);
    }
    bool operator==(const LimitCondition&) const = default;
};

constexpr bool valid(LimitCondition::Phase phase) {
    return phase < LimitCondition::Phase::unknown;  // unknown is told by `silent`
}

bool violates(const Limit& limit, const MeasuredValue& value);
bool inside_by_hysteresis(const Limit& limit, const MeasuredValue& value);

}  // namespace vigil::monitor

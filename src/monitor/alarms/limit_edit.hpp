#pragma once
// Changing a limit: what may be set, and what it was before.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/decimal.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "metric/catalogue.hpp"
#include "monitor/alarms/condition_table.hpp"
#include "monitor/alarms/limit_table.hpp"

namespace vigil::monitor {

// What is not said stays as it is.
struct LimitEdit {
    ConditionId condition{};
    std::optional<Decimal> limit{}, hysteresis{};
    std::optional<Nanoseconds> on_delay{}, off_delay{};
    std::optional<AlarmPriority> priority{};
    std::optional<bool> enabled{};

    template <class V, class Self>
    static void members(V& visit, Self& self) {
        visit("condition", self.condition);
        visit("limit", self.limit);
        visit("hysteresis", self.hysteresis);
        visit("on_delay_ns", self.on_delay);
        visit("off_delay_ns", self.off_delay);
        visit("priority", self.priority);
        visit("enabled", self.enabled);
    }
    bool operator==(const LimitEdit&) const = default;
};

// Longer delays are refused: Mindray ePM caps them so. Apnoea has its delay in its definition.
constexpr Nanoseconds limit_delay_max = std::chrono::seconds(15);

// What the settings would be, or why not. Refused: a limit outside what the metric can plausibly
// be, a low limit not below the high one, a limit that hides what is more severe (the desaturation
// limit is at most the SpO2 low limit, an extreme rate lies beyond the ordinary limit), a delay
// over the cap, a hysteresis wider than the band; of what cannot be switched off also a lower
// priority and "not enabled".
Result<LimitSetting> edited(const LimitEdit& edit, std::span<const LimitSetting> settings,
                            const LimitTable& table, const ConditionTable& conditions,
                            const Catalogue& catalogue);

// All of the later edit, and of the earlier one what the later does not say.
LimitEdit merged(LimitEdit earlier, const LimitEdit& later);

// "limit 120 → 130, on delay 5 s → 10 s"; empty: nothing differs.
std::string difference(const LimitSetting& before, const LimitSetting& after);

}  // namespace vigil::monitor

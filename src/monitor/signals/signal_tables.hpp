#pragma once
// What of the tables the reading of waveforms needs: which metrics are leads and pulse waves, and
// what each finding is called.

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "metric/catalogue.hpp"
#include "monitor/alarms/condition_table.hpp"
#include "monitor/alarms/limit_table.hpp"
#include "signal/rhythm/arrhythmia_settings.hpp"
#include "signal/rhythm/condition.hpp"

namespace vigil::monitor {

struct SignalTables {
    SignalTables(const Catalogue& catalogue, const ConditionTable& conditions,
                 const LimitTable& limits);

    // By rhythm::Condition.
    std::array<ConditionId, rhythm::condition_count> rhythms{};
    ConditionId leads_off, noise, cannot_analyse;

    // A lead's place in the order of preference; none: no ECG lead.
    std::optional<std::size_t> ecg_place(MetricId metric) const;
    bool is_pulse_wave(MetricId metric) const;
    bool is_heart_rate(MetricId metric) const;

    // Where a patient's limits say what is fast and slow, these hold; else what makers have.
    rhythm::ArrhythmiaSettings settings(std::span<const LimitSetting> limits) const;

private:
    std::vector<MetricId> ecg_leads_, pulse_waves_, heart_rates_;
    std::size_t rate_high_, rate_low_, extreme_high_, extreme_low_;  // rows of the limits
};

}  // namespace vigil::monitor

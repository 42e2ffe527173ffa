#include "monitor/signals/signal_tables.hpp"

#include <algorithm>

namespace vigil::monitor {
namespace {

constexpr std::array<const char*, rhythm::condition_count> keys{
    "asystole",
    "ventricular_fibrillation",
    "sustained_ventricular_tachycardia",
    "extreme_tachycardia",
    "extreme_bradycardia",
    "ventricular_run",
    "pause",
    "ventricular_rhythm",
    "couplet",
    "bigeminy",
    "trigeminy",
    "multiform_ventricular_beats",
    "ventricular_beats_per_minute",
    "r_on_t",
    "missed_beat",
    "atrial_fibrillation",
    "supraventricular_tachycardia",
    "heart_rate_high",
    "heart_rate_low",
};

// Lead II shows P waves and large complexes, V1 tells ventricular beats best beside it: what the
// beat classes were learnt on (docs/decisions/0041-ecg-beats.md). Limb leads before the others.
constexpr auto leads = {"ecg_ii", "ecg_v1", "ecg_v",   "ecg_v5",  "ecg_i",   "ecg_v2", "ecg_v3",
                        "ecg_v4", "ecg_v6", "ecg_iii", "ecg_avf", "ecg_avl", "ecg_avr"};
constexpr auto pulses = {"pleth", "abp_wave", "art_wave"};

}  // namespace

SignalTables::SignalTables(const Catalogue& catalogue, const ConditionTable& conditions,
                           const LimitTable& limits)
    : leads_off(conditions.id_of("ecg_leads_off")),
      noise(conditions.id_of("ecg_noise")),
      cannot_analyse(conditions.id_of("ecg_cannot_analyse")),
      rate_high_(*limits.row_of(conditions.id_of("heart_rate_high"))),
      rate_low_(*limits.row_of(conditions.id_of("heart_rate_low"))),
      extreme_high_(*limits.row_of(conditions.id_of("extreme_tachycardia"))),
      extreme_low_(*limits.row_of(conditions.id_of("extreme_bradycardia"))) {
    for (std::size_t i = 0; i < keys.size(); ++i) rhythms[i] = conditions.id_of(keys[i]);
    for (const auto* key : leads) ecg_leads_.push_back(catalogue.find(key)->id);
    for (const auto* key : pulses) pulse_waves_.push_back(catalogue.find(key)->id);
    heart_rates_ = limits.rows()[rate_high_].metrics;
}

std::optional<std::size_t> SignalTables::ecg_place(MetricId metric) const {
    const auto found = std::ranges::find(ecg_leads_, metric);
    if (found == ecg_leads_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - ecg_leads_.begin());
}

bool SignalTables::is_pulse_wave(MetricId metric) const {
    return std::ranges::find(pulse_waves_, metric) != pulse_waves_.end();
}

bool SignalTables::is_heart_rate(MetricId metric) const {
    return std::ranges::find(heart_rates_, metric) != heart_rates_.end();
}

rhythm::ArrhythmiaSettings SignalTables::settings(std::span<const LimitSetting> limits) const {
    const auto of = [&](std::size_t row) { return limits[row].limit.limit.to_double(); };
    rhythm::ArrhythmiaSettings out;
    out.tachycardia = of(rate_high_);
    out.bradycardia = of(rate_low_);
    out.extreme_tachycardia = of(extreme_high_);
    out.extreme_bradycardia = of(extreme_low_);
    // What sinus rhythm reaches in bed is higher in a child.
    out.supraventricular_rate_min = std::max(out.supraventricular_rate_min, of(extreme_high_));
    return out;
}

}  // namespace vigil::monitor

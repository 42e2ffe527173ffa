#include "simulate/heart.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <ranges>

namespace vigil::simulate {
namespace {

constexpr double interval_min_s = 0.25;  // refractory: no rate above 240 /min
constexpr double forget_after_s = 10;
constexpr double no_beat_after_s = 4;     // asystole: what monitors call it
constexpr double pulse_felt_from = 0.35;  // of the ordinary stroke volume

}  // namespace

Heart::Heart(std::uint64_t seed)
    : random_(seed, 2), mayer_phase_(random_.uniform(0, 2 * std::numbers::pi)) {}

// Heart rate variability as McSharry et al. model it (IEEE TBME 50(3):289-294, 2003): a Mayer wave
// near 0.1 Hz and respiratory sinus arrhythmia, here locked to the simulated breathing itself, on a
// slow drift.
double Heart::sinus_interval(const Orders& orders, const Respiration& breathing) {
    const double mean = 60 / std::max(15.0, orders.rate_per_min);
    mayer_phase_ += 2 * std::numbers::pi * mayer_rate_hz_ * mean;
    mayer_rate_hz_ = std::clamp(mayer_rate_hz_ + 0.003 * random_.normal(), 0.08, 0.12);
    slow_ = 0.97 * slow_ + 0.004 * random_.normal();
    const double low_frequency = 0.025 * std::sin(mayer_phase_);
    const double respiratory = 0.05 * (0.45 - breathing.volume(last_ + 0.3 * mean));
    return mean * (1 + orders.variability *
                           (low_frequency + respiratory + slow_ + 0.004 * random_.normal()));
}

// Conduction of fibrillating atria: intervals independent of each other, skewed to the right,
// coefficient of variation about 0.22 (Zeng and Glass, Phys. Rev. E 54:1779, 1996, and the
// intervals of the MIT-BIH AF database).
double Heart::fibrillation_interval(const Orders& orders) {
    const double mean = 60 / std::max(30.0, orders.rate_per_min);
    return mean * 0.976 * std::exp(0.22 * random_.normal());
}

void Heart::beat(double interval, Beat::Origin origin, double efficiency, double nominal_s) {
    interval = std::max(interval, interval_min_s);
    last_ += interval;
    // A short interval leaves little time to fill, a long one lets the ventricle fill a bit more.
    const double filling = std::clamp((interval - 0.2) / (nominal_s - 0.2), 0.15, 1.25);
    beats_.push_back({last_, interval, origin, efficiency * std::pow(filling, 0.6)});
}

// Early, and followed by a pause that brings the sinus node back in step.
void Heart::premature_beat(double interval, double nominal_s) {
    const double coupling = interval * random_.uniform(0.52, 0.66);
    beat(coupling, Beat::Origin::ventricle, 0.35, nominal_s);
    beat(2 * interval - coupling, Beat::Origin::sinus, 1, nominal_s);
}

void Heart::advance(double from, double until, const Orders& orders, const Respiration& breathing) {
    while (!beats_.empty() && beats_.front().time < from - forget_after_s) beats_.pop_front();
    if (orders.rhythm != rhythm_) {
        rhythm_ = orders.rhythm;
        tachycardia_rate_ = random_.uniform(150, 190);
    }
    const bool silent = rhythm_ == Rhythm::asystole || rhythm_ == Rhythm::ventricular_fibrillation;
    if (silent) {
        last_ = std::max(last_, until - 0.5);  // a rhythm that returns starts half a second later
        return;
    }
    const double nominal_s = 60 / std::clamp(orders.rate_per_min, 30.0, 150.0);
    while (last_ < until) {
        if (rhythm_ == Rhythm::ventricular_tachycardia) {
            const double interval = 60 / tachycardia_rate_ * (1 + 0.01 * random_.normal());
            beat(interval, Beat::Origin::ventricle, 0.55, nominal_s);
            continue;
        }
        const bool fibrillating = rhythm_ == Rhythm::atrial_fibrillation;
        const double interval =
            fibrillating ? fibrillation_interval(orders) : sinus_interval(orders, breathing);
        if (random_.chance(orders.ectopy))
            premature_beat(interval, nominal_s);
        else if (fibrillating)  // without the atrial kick a fifth less
            beat(interval, Beat::Origin::fibrillating_atria, 0.85, nominal_s);
        else
            beat(interval, Beat::Origin::sinus, 1, nominal_s);
    }
}

double Heart::rate_per_min(double now, bool effective) const {
    constexpr int intervals_averaged = 8;
    int intervals = 0;
    double newest = -1;
    double oldest = -1;
    for (const auto& beat : beats_ | std::views::reverse) {
        if (beat.time > now || (effective && beat.stroke < pulse_felt_from)) continue;
        if (newest < 0) newest = beat.time;
        if (oldest >= 0) ++intervals;
        oldest = beat.time;
        if (intervals == intervals_averaged) break;
    }
    if (intervals == 0 || now - newest > no_beat_after_s) return 0;
    return 60 * intervals / (newest - oldest);
}

}  // namespace vigil::simulate

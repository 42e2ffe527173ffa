#include "simulate/body.hpp"

#include <algorithm>
#include <cmath>

namespace vigil::simulate {
namespace {

constexpr double breath_stops_after_s = 20;  // the brain stem without blood
constexpr double drawn_ahead_s = 0.5;        // a P wave begins before its beat

// Moves `value` towards `target` as a first-order lag does in `duration`.
void follow(double& value, double target, double time_constant_s, double duration) {
    value += (target - value) * (1 - std::exp(-duration / time_constant_s));
}

}  // namespace

Body::Body(const BodySettings& settings, std::uint64_t seed)
    : settings_(settings),
      random_(seed, 5),
      respiration_(seed),
      heart_(seed),
      ecg_(seed, settings.ecg_hz),
      circulation_(seed, settings.pulse_hz),
      now_(settings.baseline),
      heart_rate_(now_[Quantity::heart_rate]),
      respiratory_rate_(now_[Quantity::respiratory_rate]),
      saturation_(now_[Quantity::saturation]),
      temperature_(now_[Quantity::temperature]),
      end_tidal_co2_(now_[Quantity::end_tidal_co2]) {}

void Body::advance(double from, double duration, const Quantities& offsets, Rhythm rhythm) {
    feel(duration, offsets, rhythm);
    const double until = from + duration;
    respiration_.advance(from, until + drawn_ahead_s + 2, respiratory_rate_);
    heart_.advance(from, until + drawn_ahead_s,
                   {.rhythm = rhythm,
                    .rate_per_min = heart_rate_,
                    .ectopy = std::clamp(now_[Quantity::ectopy], 0.0, 0.5),
                    .variability = settings_.variability},
                   respiration_);
    const double noise = now_[Quantity::noise];
    ecg_.draw(from, static_cast<std::size_t>(std::lround(duration * settings_.ecg_hz)),
              heart_.beats(), respiration_,
              {.rhythm = rhythm, .noise = noise, .mains_hz = settings_.mains_hz});
    const Circulation::Orders orders{.systolic = now_[Quantity::systolic],
                                     .diastolic = now_[Quantity::diastolic],
                                     .rate_per_min = heart_rate_,
                                     .perfusion = now_[Quantity::perfusion],
                                     .noise = noise};
    circulation_.draw(from, static_cast<std::size_t>(std::lround(duration * settings_.pulse_hz)),
                      heart_.beats(), respiration_, orders);
    output_ = circulation_.output(until, heart_.beats(), orders);
}

// The reflexes, as rules of thumb of physiology: fever quickens the heart by about 8 /min and the
// breath by about 2 /min a degree; lack of oxygen and low pressure drive both; without output the
// blood keeps its oxygen for a while and then loses it, and no CO2 reaches the lungs.
void Body::feel(double duration, const Quantities& offsets, Rhythm rhythm) {
    for (std::size_t i = 0; i < quantity_count; ++i)
        now_.values[i] = settings_.baseline.values[i] + offsets.values[i];
    now_[Quantity::perfusion] = std::max(0.0, now_[Quantity::perfusion]);

    const double fever = std::max(0.0, temperature_ - 37.5);
    const double hypoxia = std::max(0.0, 93 - saturation_);
    const double mean_fall = -(offsets[Quantity::systolic] + 2 * offsets[Quantity::diastolic]) / 3;
    const double baroreflex = std::clamp(mean_fall - 8, 0.0, 40.0) * 0.6;
    const double wanted_rate =
        now_[Quantity::heart_rate] + 8 * fever + std::min(40.0, 1.4 * hypoxia) + baroreflex;
    follow(heart_rate_, std::clamp(wanted_rate, 20.0, 200.0), 8, duration);
    const bool arrest = rhythm == Rhythm::asystole || rhythm == Rhythm::ventricular_fibrillation;
    arrest_s_ = arrest ? arrest_s_ + duration : 0;
    double wanted_breaths = now_[Quantity::respiratory_rate];
    const bool breathing = wanted_breaths >= 4 && arrest_s_ < breath_stops_after_s;
    if (breathing) wanted_breaths += 2 * fever + std::min(14.0, 0.7 * hypoxia);
    if (breathing)
        follow(respiratory_rate_, std::min(wanted_breaths, 60.0), 5, duration);
    else
        respiratory_rate_ = 0;

    const bool starved = arrest || !breathing;
    const double saturation = std::clamp(now_[Quantity::saturation], 35.0, 100.0);
    if (starved)
        follow(saturation_, 45, 150, duration);
    else
        follow(saturation_, saturation, 12, duration);
    saturation_ = std::min(100.0, saturation_ + 0.02 * random_.normal());
    follow(temperature_, now_[Quantity::temperature], 120, duration);
    const double reaching_lungs = 0.12 + 0.88 * std::min(1.0, output_);
    follow(end_tidal_co2_, now_[Quantity::end_tidal_co2] * reaching_lungs, 15, duration);
    const auto pressures = circulation_.measured();
    const double pulse = (pressures.systolic - pressures.diastolic) / 40;
    follow(pulse_strength_, std::clamp(pulse, 0.0, 1.2), 3, duration);
}

}  // namespace vigil::simulate

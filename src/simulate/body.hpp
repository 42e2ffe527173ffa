#pragma once
// One simulated body: heart, lungs, vessels and the reflexes between them, so that what a scenario
// changes in one place shows in the others.

#include "simulate/circulation.hpp"
#include "simulate/electrocardiogram.hpp"
#include "simulate/heart.hpp"
#include "simulate/physiology.hpp"
#include "simulate/respiration.hpp"

namespace vigil::simulate {

struct BodySettings {
    Quantities baseline = resting_adult();
    double variability = 1;  // of the heart's interval: less with age and illness
    double ecg_hz = 250, pulse_hz = 125;
    double mains_hz = 50;
};

class Body {
public:
    Body(const BodySettings& settings, std::uint64_t seed);

    // Lives through [from, from + duration) seconds, with what scenarios add to the baseline.
    void advance(double from, double duration, const Quantities& offsets, Rhythm rhythm);

    const Electrocardiogram& ecg() const { return ecg_; }
    const Circulation& circulation() const { return circulation_; }
    const Heart& heart() const { return heart_; }
    const Respiration& respiration() const { return respiration_; }

    // At the end of what was lived through.
    double saturation() const { return saturation_; }  // arterial, %
    double temperature() const { return temperature_; }
    double end_tidal_co2() const { return end_tidal_co2_; }
    double perfusion() const { return now_[Quantity::perfusion] * pulse_strength_; }
    double output() const { return output_; }  // of the heart, relative to its ordinary
    const Quantities& quantities() const { return now_; }

private:
    void feel(double duration, const Quantities& offsets, Rhythm rhythm);

    BodySettings settings_;
    Random random_;
    Respiration respiration_;
    Heart heart_;
    Electrocardiogram ecg_;
    Circulation circulation_;

    Quantities now_;
    double heart_rate_, respiratory_rate_;  // after the reflexes, slowed
    double saturation_, temperature_, end_tidal_co2_;
    double output_ = 1, pulse_strength_ = 1, arrest_s_ = 0;
};

}  // namespace vigil::simulate

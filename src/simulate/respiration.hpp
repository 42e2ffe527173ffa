#pragma once
// Breathing: what moves the chest, the heart rate (respiratory sinus arrhythmia), the ECG's
// amplitude and the pulse wave's baseline.

#include <deque>

#include "simulate/random.hpp"

namespace vigil::simulate {

class Respiration {
public:
    explicit Respiration(std::uint64_t seed) : random_(seed, 1) {}

    // Draws breaths until `until` (seconds) and forgets those over before `from`.
    void advance(double from, double until, double rate_per_min);

    // Lung volume above rest at a time advance() has covered: 0..about 1.
    double volume(double time) const;
    // Seconds since the current breath turned from in to out; 0 while breathing in or not at all.
    double expired_s(double time) const;
    // Breaths a minute over the last 30 s before `now`; 0 in apnoea.
    double rate_per_min(double now) const;

private:
    struct Breath {
        double start, period, depth;
    };
    Random random_;
    std::deque<Breath> breaths_;
    double next_ = 0;
};

}  // namespace vigil::simulate

#pragma once
// The pulse rate that a monitor shows, of pulses that can be believed.

#include <bit>
#include <cstdint>
#include <optional>

#include "signal/pleth/pulse_detector.hpp"
#include "signal/rhythm/heart_rate.hpp"

namespace vigil::pleth {

class PulseRate {
public:
    static constexpr float quality_min = 0.6F;

    void add(const Pulse& pulse) {
        good_ = static_cast<std::uint8_t>(good_ << 1);
        if (pulse.quality < quality_min) return;
        good_ |= 1;
        last_s_ = pulse.peak_s + pulse.length_s;
        rate_.add(pulse.length_s);
    }
    // Per minute, as heart_rate.hpp averages. None if fewer than half of the last eight pulses were
    // good, or none for ten seconds.
    std::optional<double> per_min(double now_s) const {
        constexpr double age_s_max = 10;
        constexpr int enough = 4;
        if (std::popcount(good_) < enough || !(now_s - last_s_ < age_s_max)) return std::nullopt;
        return rate_.per_min();
    }

private:
    rhythm::HeartRate rate_;
    std::uint8_t good_ = 0;  // of the last eight, one bit each
    double last_s_ = 0;
};

}  // namespace vigil::pleth

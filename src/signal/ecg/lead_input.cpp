#include "signal/ecg/lead_input.hpp"

#include <algorithm>
#include <numbers>

namespace vigil::ecg {
namespace {

constexpr double cutoff_hz = 40;
constexpr float value_max_mv = 10'000;  // beyond: no voltage of a body, whatever the offset

}  // namespace

LeadInput::LeadInput(double sample_hz)
    : step_(sample_hz / analysis_hz),
      // Group delay at low frequencies: sqrt(2) / (2 pi f).
      delay_(std::numbers::sqrt2 / (2 * std::numbers::pi * cutoff_hz) * sample_hz),
      next_position_(delay_) {
    const double w = std::tan(std::numbers::pi * cutoff_hz / sample_hz);
    const double scale = 1 / (1 + std::numbers::sqrt2 * w + w * w);
    b0_ = static_cast<float>(w * w * scale);
    b1_ = 2 * b0_;
    a1_ = static_cast<float>(2 * (w * w - 1) * scale);
    a2_ = static_cast<float>((1 - std::numbers::sqrt2 * w + w * w) * scale);
}

void LeadInput::advance(float value) {
    valid_ = std::abs(value) <= value_max_mv;  // false of NaN
    float input = last_;
    if (valid_) {
        if (gap_)
            offset_ = value - last_;  // go on where the lead was lost: a step looks like a beat
        input = value - offset_;
    }
    gap_ = !valid_;
    last_ = input;
    const float out = b0_ * input + z1_;
    z1_ = b1_ * input - a1_ * out + z2_;
    z2_ = b0_ * input - a2_ * out;
    recent_ = {recent_[1], recent_[2], recent_[3], out};
}

float LeadInput::interpolate(float t) const {
    const float m1 = (recent_[2] - recent_[0]) / 2, m2 = (recent_[3] - recent_[1]) / 2;
    const float difference = recent_[1] - recent_[2];
    return ((2 * difference + m1 + m2) * t - (3 * difference + 2 * m1 + m2)) * t * t + m1 * t +
           recent_[1];
}

}  // namespace vigil::ecg

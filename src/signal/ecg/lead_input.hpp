#pragma once
// One lead on its way to the detector: whatever its rate, made into 250 samples a second of the
// monitoring band's upper part, without gaps and steps.

#include <array>
#include <cmath>
#include <cstdint>

namespace vigil::ecg {

constexpr double analysis_hz = 250;  // what detector and classifier work at
constexpr double sample_hz_min = 100, sample_hz_max = 2000;

// Low-pass of second order (Butterworth, 40 Hz: the upper edge of the monitoring band of IEC
// 60601-2-27), then cubic interpolation (Catmull-Rom). Its delay is taken out: the sample of number
// k stands for the time k / 250 s.
class LeadInput {
public:
    explicit LeadInput(double sample_hz);

    // `value` in mV; NaN or infinite: there is none. Calls out(float value_mv, bool valid) for each
    // sample at 250 Hz that is known now, zero to ten.
    template <class Out>
    void feed(float value, Out&& out) {
        advance(value);
        while (next_position_ < static_cast<double>(fed_ - 1)) {
            out(interpolate(static_cast<float>(next_position_ - static_cast<double>(fed_ - 2))),
                valid_);
            ++made_;
            next_position_ = static_cast<double>(made_) * step_ + delay_;
        }
        ++fed_;
    }

private:
    void advance(float value);
    float interpolate(float t) const;

    double step_;   // samples of the lead per sample at 250 Hz
    double delay_;  // of the low-pass, in samples of the lead
    float b0_, b1_, a1_, a2_;
    float z1_ = 0, z2_ = 0;
    std::array<float, 4> recent_{};
    std::int64_t fed_ = 0, made_ = 0;
    double next_position_;
    float offset_ = 0, last_ = 0;  // what keeps the signal together over gaps
    bool valid_ = false, gap_ = true;
};

}  // namespace vigil::ecg

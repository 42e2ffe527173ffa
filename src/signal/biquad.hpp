#pragma once
// Filters of second order, sample by sample.

#include <cmath>
#include <numbers>

namespace vigil {

// Butterworth, by the bilinear transform (Oppenheim and Schafer, Discrete-Time Signal Processing,
// 7.1.2). Transposed direct form II. What is fed must be finite.
class Biquad {
public:
    // 0 < cutoff_hz < sample_hz / 2; higher cut-offs are taken for 0.45 of the rate.
    static Biquad low_pass(double cutoff_hz, double sample_hz) {
        const double w = warped(cutoff_hz, sample_hz),
                     scale = 1 / (1 + std::numbers::sqrt2 * w + w * w);
        return {w * w * scale, 2 * w * w * scale, w * w * scale, w, scale};
    }
    static Biquad high_pass(double cutoff_hz, double sample_hz) {
        const double w = warped(cutoff_hz, sample_hz),
                     scale = 1 / (1 + std::numbers::sqrt2 * w + w * w);
        return {scale, -2 * scale, scale, w, scale};
    }

    double feed(double x) {
        const double y = b0_ * x + z1_;
        z1_ = b1_ * x - a1_ * y + z2_;
        z2_ = b2_ * x - a2_ * y;
        return y;
    }
    void clear() { z1_ = z2_ = 0; }
    // As if `x` had been fed for ever: no step at the start.
    void settle(double x) {
        const double y = x * (b0_ + b1_ + b2_) / (1 + a1_ + a2_);
        z2_ = b2_ * x - a2_ * y;
        z1_ = b1_ * x - a1_ * y + z2_;
    }

private:
    Biquad(double b0, double b1, double b2, double w, double scale)
        : b0_(b0),
          b1_(b1),
          b2_(b2),
          a1_(2 * (w * w - 1) * scale),
          a2_((1 - std::numbers::sqrt2 * w + w * w) * scale) {}
    static double warped(double cutoff_hz, double sample_hz) {
        constexpr double share_max = 0.45;
        return std::tan(std::numbers::pi * std::fmin(cutoff_hz / sample_hz, share_max));
    }

    double b0_, b1_, b2_, a1_, a2_;
    double z1_ = 0, z2_ = 0;
};

}  // namespace vigil

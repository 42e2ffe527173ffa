#pragma once
// An ECG whose beats are known: P, QRS and T as bells.

#include <cmath>
#include <span>
#include <vector>

namespace vigil::made {

struct Beat {
    double at_s;
    bool ventricular = false;
};

inline double bell(double t, double at, double width) {
    return std::exp(-0.5 * (t - at) * (t - at) / (width * width));
}

// In mV, at a time after the R wave.
inline double complex_mv(const Beat& beat, double t, std::size_t lead) {
    const double size = lead == 0 ? 1 : 0.6;
    if (beat.ventricular)
        return size *
               (1.4 * bell(t, 0, 0.035) - 0.8 * bell(t, 0.09, 0.035) - 0.5 * bell(t, 0.30, 0.05));
    return size *
           (1.1 * bell(t, 0, 0.011) - 0.15 * bell(t, -0.025, 0.008) - 0.25 * bell(t, 0.028, 0.010) +
            0.12 * bell(t, -0.16, 0.022) + 0.3 * bell(t, 0.27, 0.05));
}

inline std::vector<float> ecg(std::span<const Beat> beats, double hz, double length_s,
                              std::size_t lead = 0) {
    std::vector<float> samples(static_cast<std::size_t>(length_s * hz));
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double t = static_cast<double>(i) / hz;
        double value = 0.05 * std::sin(2 * M_PI * 0.25 * t);  // breathing
        for (const auto& beat : beats)
            if (std::abs(t - beat.at_s) < 0.6) value += complex_mv(beat, t - beat.at_s, lead);
        samples[i] = static_cast<float>(value);
    }
    return samples;
}

inline std::vector<Beat> steady(double length_s, double interval_s = 0.8) {
    std::vector<Beat> beats;
    for (int i = 0; 0.9 + i * interval_s < length_s - 0.6; ++i)
        beats.push_back({.at_s = 0.9 + i * interval_s + 0.02 * std::sin(i * 0.7)});
    return beats;
}

}  // namespace vigil::made

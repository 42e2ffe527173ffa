#include "signal/pleth/pulse_evidence.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace vigil::pleth {

PulseEvidence pulse_evidence(std::span<const Pulse> pulses, double from_s, double to_s) {
    constexpr double quality_min = 0.7, spread = 0.25, edge = 1.5;
    constexpr double rate_min = 40, rate_max = 180;
    PulseEvidence evidence;
    std::vector<double> peaks, lengths;
    for (const auto& pulse : pulses) {
        if (pulse.peak_s < from_s || pulse.peak_s > to_s) continue;
        peaks.push_back(pulse.peak_s);
        lengths.push_back(pulse.length_s);
        evidence.quality += static_cast<double>(pulse.quality);
    }
    if (peaks.size() < 2) return {};
    evidence.quality /= static_cast<double>(peaks.size());
    auto sorted = lengths;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::ranges::nth_element(sorted, middle);
    const double median = *middle;
    if (!(median > 0)) return {};
    evidence.rate_per_min = 60 / median;
    // A pulse that ends beyond the span says so by its length: only the last may.
    bool even = peaks.front() - from_s <= edge * median && to_s - peaks.back() <= edge * median;
    for (std::size_t i = 0; i < peaks.size(); ++i) {
        even = even && std::abs(lengths[i] - median) <= spread * median;
        if (i > 0) even = even && std::abs(peaks[i] - peaks[i - 1] - median) <= spread * median;
    }
    evidence.regular = even && peaks.size() >= 3 && evidence.quality >= quality_min &&
                       evidence.rate_per_min >= rate_min && evidence.rate_per_min <= rate_max;
    return evidence;
}

bool contradicts_asystole(const PulseEvidence& evidence) {
    return evidence.regular;
}

bool contradicts_tachycardia(const PulseEvidence& evidence, double beats_per_min) {
    constexpr double slower = 0.8, half = 0.5, near_half = 0.08;
    const double share = evidence.rate_per_min / beats_per_min;
    return evidence.regular && share < slower && std::abs(share - half) > near_half;
}

bool contradicts_bradycardia(const PulseEvidence& evidence, double beats_per_min) {
    constexpr double faster = 1.25;
    return evidence.regular && evidence.rate_per_min > faster * beats_per_min;
}

std::optional<double> conducted_share(std::span<const ecg::Beat> beats, double sample_hz,
                                      std::span<const Pulse> pulses, double from_s, double to_s) {
    constexpr double transit_s_min = 0.1, transit_s_max = 0.6;  // to the peak
    std::size_t count = 0, followed = 0;
    auto pulse = pulses.begin();
    for (const auto& beat : beats) {
        const double at = seconds(beat, sample_hz);
        if (at < from_s || at > to_s) continue;
        ++count;
        while (pulse != pulses.end() && pulse->peak_s < at + transit_s_min) ++pulse;
        if (pulse == pulses.end() || pulse->peak_s > at + transit_s_max) continue;
        ++followed;
        ++pulse;
    }
    if (count == 0) return std::nullopt;
    return static_cast<double>(followed) / static_cast<double>(count);
}

}  // namespace vigil::pleth

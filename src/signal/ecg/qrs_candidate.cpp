#include "signal/ecg/qrs_candidate.hpp"

#include <algorithm>
#include <cmath>

#include "signal/ecg/qrs_detector.hpp"

namespace vigil::ecg {
namespace {

float logarithm(float ratio) {
    return std::log(std::clamp(ratio, 0.01F, 20.0F));
}

}  // namespace

float probability(float log_odds) {
    return 1 / (1 + std::exp(-log_odds));
}

// Largest difference of voltage within 50 ms to either side.
float QrsDetector::deflection(std::size_t lead, std::int64_t middle) const {
    float least = traces_[lead].value[middle], most = least;
    constexpr std::int64_t reach = 12;
    for (auto i = middle - reach; i <= middle + reach; ++i) {
        least = std::min(least, traces_[lead].value[i]);
        most = std::max(most, traces_[lead].value[i]);
    }
    return most - least;
}

// Mean second difference of the voltage from sample `from` to `to`, of the peak's energy: muscle
// and mains are rough, complexes are not, the baseline least.
float QrsDetector::roughness(std::int64_t from, std::int64_t to, const Candidate& candidate) const {
    constexpr float least_mv = 1e-6F, usual = 5;
    float all = 0;
    for (std::size_t i = 0; i < leads_; ++i) {
        const auto& value = traces_[i].value;
        float sum = 0;
        for (auto n = from; n < to; ++n)
            sum += std::abs(value[n] - 2 * value[n - 1] + value[n - 2]);
        all += weights_[i] * sum / (candidate.lead_energy[i] + least_mv);
    }
    return logarithm(usual * all / static_cast<float>(to - from));
}

void QrsDetector::gather(Candidate& candidate) const {
    const auto peak = candidate.peak;
    const auto middle = peak - QrsFilter::energy_delay;
    auto& values = candidate.evidence;
    const auto set = [&values](Evidence evidence, float value) {
        values[static_cast<std::size_t>(evidence)] = value;
    };
    const auto of_peak = [&](float energy) { return logarithm(energy / candidate.energy); };
    const auto mean = [&](std::int64_t from, std::int64_t to) {
        float sum = 0;
        for (auto n = from; n < to; ++n) sum += energy_[n];
        return sum / static_cast<float>(to - from);
    };
    const auto highest = [&](std::int64_t from, std::int64_t to) {
        float most = 0;
        for (auto n = from; n <= to; ++n) most = std::max(most, energy_[n]);
        return most;
    };

    std::size_t on = 0;
    float least = 100, most = 0, background = 0, deflections = 0;
    for (std::size_t i = 0; i < leads_; ++i) {
        if (!counts(weights_[i])) continue;
        const auto& level = levels_[i];
        ++on;
        least = std::min(least, candidate.lead_energy[i] / level.qrs);
        most = std::max(most, candidate.lead_energy[i] / level.qrs);
        background += weights_[i] * level.background / level.qrs;
        const float now = deflection(i, middle);
        deflections += weights_[i] * now / (level.deflections.median_or(now) + 1e-6F);
    }
    set(Evidence::energy, logarithm(candidate.energy));
    set(Evidence::energy_least, logarithm(least));
    set(Evidence::energy_most, logarithm(most));
    set(Evidence::background, logarithm(background));
    set(Evidence::deflection, logarithm(deflections));
    set(Evidence::noise_peaks, noise());

    set(Evidence::energy_before, of_peak(mean(peak - 75, peak - 28)));
    set(Evidence::energy_after, of_peak(mean(peak + 28, peak + lookahead)));
    set(Evidence::peak_before, of_peak(highest(std::max(peak - 60, last_ + 21), peak - 26)));
    set(Evidence::peak_after, of_peak(highest(peak + 26, peak + lookahead)));
    auto rise = peak, fall = peak;
    while (rise > peak - 40 && energy_[rise] > candidate.energy / 2) --rise;
    while (fall < peak + lookahead && energy_[fall] > candidate.energy / 2) ++fall;
    set(Evidence::peak_width, static_cast<float>(fall - rise) / 25);

    const auto since = static_cast<float>(peak - last_);
    set(Evidence::interval, std::min(since / usual_interval(), 3.0F));
    set(Evidence::interval_s, std::min(since / 250, 3.0F));
    set(Evidence::irregularity, irregularity());
    set(Evidence::energy_of_last, logarithm(candidate.energy / last_energy_));

    set(Evidence::roughness, roughness(middle - 15, middle + 16, candidate));
    set(Evidence::roughness_before, roughness(middle - 90, middle - 30, candidate));
    set(Evidence::roughness_after, roughness(middle + 16, middle + 33, candidate));

    const auto match = shapes_.compare(leads(), middle, weights_);
    set(Evidence::likeness, match.known.all);
    set(Evidence::likeness_least, match.known.least);
    set(Evidence::likeness_most, match.known.most);
    set(Evidence::likeness_of_last, match.last);
    set(Evidence::leads, static_cast<float>(on));
    set(Evidence::weight, *std::ranges::max_element(weights_));
}

}  // namespace vigil::ecg

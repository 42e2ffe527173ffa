#include "signal/quality/beats_quality.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace vigil::quality {
namespace {

std::vector<double> times(std::span<const ecg::Beat> beats, double hz, double from_s, double to_s) {
    std::vector<double> list;
    for (const auto& beat : beats)
        if (const double at = seconds(beat, hz); at >= from_s && at <= to_s) list.push_back(at);
    return list;
}

double correlation(std::span<const double> a, std::span<const double> b) {
    double product = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        product += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    return aa > 0 && bb > 0 ? product / std::sqrt(aa * bb) : 0;
}

// The samples round a beat, their mean taken out; empty if they are not all there.
std::vector<double> excerpt(std::span<const float> mv, std::int64_t centre, std::int64_t half) {
    if (centre - half < 0 || centre + half >= static_cast<std::int64_t>(mv.size())) return {};
    std::vector<double> list;
    double sum = 0;
    for (auto i = centre - half; i <= centre + half; ++i) {
        list.push_back(static_cast<double>(mv[static_cast<std::size_t>(i)]));
        sum += list.back();
    }
    if (!std::isfinite(sum)) return {};
    for (auto& value : list) value -= sum / static_cast<double>(list.size());
    return list;
}

}  // namespace

std::optional<double> detectors_agree(std::span<const ecg::Beat> one,
                                      std::span<const ecg::Beat> other, double sample_hz,
                                      double from_s, double to_s) {
    constexpr double window_s = 0.15;
    const auto a = times(one, sample_hz, from_s, to_s), b = times(other, sample_hz, from_s, to_s);
    if (a.empty() && b.empty()) return std::nullopt;
    std::size_t both = 0;
    for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
        if (std::abs(a[i] - b[j]) <= window_s) {
            ++both;
            ++i;
            ++j;
        } else if (a[i] < b[j]) {
            ++i;
        } else {
            ++j;
        }
    }
    return static_cast<double>(both) / static_cast<double>(a.size() + b.size() - both);
}

BeatsPlausible beats_plausible(std::span<const float> mv, std::int64_t first_sample,
                               double sample_hz, std::span<const ecg::Beat> beats) {
    constexpr double rate_min = 40, rate_max = 180, gap_s_max = 3, unevenness_max = 2.2;
    const double from = static_cast<double>(first_sample) / sample_hz;
    const double to = from + static_cast<double>(mv.size()) / sample_hz;
    const auto at = times(beats, sample_hz, from, to);
    BeatsPlausible result;
    if (at.size() < 2) return result;
    std::vector<double> rr;
    for (std::size_t i = 1; i < at.size(); ++i) rr.push_back(at[i] - at[i - 1]);
    std::ranges::sort(rr);
    if (!(rr.front() > 0)) return result;
    const double rate = 60 * static_cast<double>(rr.size()) / (at.back() - at.front());
    result.rate = rate >= rate_min && rate <= rate_max;
    result.gaps =
        rr.back() <= gap_s_max && at.front() - from <= gap_s_max && to - at.back() <= gap_s_max;
    result.even = rr.back() < unevenness_max * rr.front();

    const auto half = static_cast<std::int64_t>(rr[rr.size() / 2] * sample_hz / 2);
    std::vector<std::vector<double>> shapes;
    for (const double time : at) {
        auto shape = excerpt(mv, std::llround(time * sample_hz) - first_sample, half);
        if (!shape.empty()) shapes.push_back(std::move(shape));
    }
    if (shapes.empty()) return result;
    std::vector<double> mean(shapes.front().size());
    for (const auto& shape : shapes)
        for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += shape[i];
    for (const auto& shape : shapes)
        result.likeness += correlation(shape, mean) / static_cast<double>(shapes.size());
    return result;
}

Grade grade(const LeadIndices& indices, const BeatsPlausible& beats,
            std::optional<double> agreement) {
    const auto by_indices = grade(indices);
    const bool confirmed = beats.all() && agreement.value_or(1) >= agreement_min;
    return by_indices == Grade::good && !confirmed ? Grade::rate_only : by_indices;
}

}  // namespace vigil::quality

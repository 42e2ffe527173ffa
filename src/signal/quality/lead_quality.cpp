#include "signal/quality/lead_quality.hpp"

#include <algorithm>
#include <cmath>

namespace vigil::quality {
namespace {

constexpr float value_max_mv = 1000;
constexpr double slow_hz =
    0.8;  // twice: a fifth of the power at 1 Hz, little of a slow heart's beats
constexpr double step_mv = 2;  // more than the baseline wanders in a second

double share(double part, double whole) {
    return whole > 0 ? part / whole : 0;
}

double variance(double sum, double square, double count) {
    return count > 0 ? std::max(0.0, square / count - sum / count * (sum / count)) : 0;
}

}  // namespace

// The papers' limits for good (kurtosis 5, QRS power 0.5, baseline 0.95) fail most of the MIT-BIH
// Arrhythmia Database, which cardiologists read without trouble; these are wider
// (docs/decisions/0042).
Grade grade(const LeadIndices& indices) {
    constexpr double missing_max = 0.2, flat_max = 0.3, clipped_max = 0.05;
    constexpr int steps_max = 2;
    if (indices.seconds < 1 || indices.missing > missing_max || indices.flat > flat_max ||
        indices.clipped > clipped_max || indices.steps > steps_max)
        return Grade::unusable;
    constexpr double kurtosis_min = 4, qrs_power_min = 0.4, baseline_min = 0.8;
    constexpr double qrs_power_lost = 0.3, noise_lost_mv = 0.4;
    if (indices.qrs_power < qrs_power_lost && indices.kurtosis < kurtosis_min)
        return Grade::unusable;
    if (indices.noise_mv > noise_lost_mv) return Grade::unusable;
    constexpr double noise_good_mv = 0.05, noise_good_share = 0.03;  // of peak to peak
    const double noise_max = std::max(noise_good_mv, noise_good_share * indices.peak_to_peak_mv);
    const bool good = indices.missing == 0 && indices.steps == 0 && indices.clipped == 0 &&
                      indices.flat == 0 && indices.kurtosis > kurtosis_min &&
                      indices.qrs_power >= qrs_power_min && indices.baseline >= baseline_min &&
                      indices.noise_mv <= noise_max;
    return good ? Grade::good : Grade::rate_only;
}

LeadQuality::LeadQuality(double sample_hz)
    : samples_a_second_(static_cast<std::uint32_t>(std::lround(sample_hz))),
      monitoring_high_(Biquad::high_pass(0.5, sample_hz)),
      monitoring_low_(Biquad::low_pass(40, sample_hz)),
      qrs_high_(Biquad::high_pass(5, sample_hz)),
      qrs_low_(Biquad::low_pass(15, sample_hz)),
      noise_high_(Biquad::high_pass(20, sample_hz)),
      slow_low_(Biquad::low_pass(slow_hz, sample_hz)),
      slower_low_(Biquad::low_pass(slow_hz, sample_hz)) {}

void LeadQuality::add(float value_mv) {
    if (std::abs(value_mv) <= value_max_mv)
        count_in(value_mv);
    else
        ++now_.missing;
    ++now_.count;
    if (now_.count < samples_a_second_) return;
    seconds_[whole_ % window_s] = now_;
    ++whole_;
    now_ = {};
}

void LeadQuality::count_in(float value_mv) {
    if (!started_) {
        monitoring_low_.settle(value_mv);
        slow_low_.settle(value_mv);
        slower_low_.settle(value_mv);
        monitoring_high_.settle(value_mv);
        qrs_high_.settle(value_mv);
        started_ = true;
    }
    equal_ = value_mv == last_ ? equal_ + 1 : 1;
    last_ = value_mv;
    const bool first = now_.count == now_.missing;
    if (first || value_mv > now_.top) now_.top = value_mv, now_.at_top = 0;
    if (first || value_mv < now_.bottom) now_.bottom = value_mv, now_.at_bottom = 0;
    constexpr std::uint32_t run = 3;  // a peak may have two equal samples
    if (equal_ >= run && value_mv == now_.top) ++now_.at_top;
    if (equal_ >= run && value_mv == now_.bottom) ++now_.at_bottom;

    const double all = monitoring_low_.feed(value_mv);
    const double x = monitoring_high_.feed(all), above = qrs_high_.feed(all);
    const double qrs = qrs_low_.feed(above), noise = noise_high_.feed(above);
    const double slow = slower_low_.feed(slow_low_.feed(value_mv));
    now_.sum += x;
    now_.square += x * x;
    now_.cube += x * x * x;
    now_.fourth += x * x * x * x;
    now_.qrs_square += qrs * qrs;
    now_.above_square += above * above;
    now_.noise += std::abs(noise);
    now_.slow += slow;
    now_.slow_square += slow * slow;
    now_.all += all;
    now_.all_square += all * all;
}

bool LeadQuality::is_off() const {
    if (whole_ == 0) return false;
    const auto& last = seconds_[(whole_ - 1) % window_s];
    return last.missing == last.count || last.top == last.bottom;
}

LeadIndices LeadQuality::indices() const {
    const auto held = std::min<std::uint64_t>(whole_, window_s);
    if (held == 0) return {};
    LeadIndices indices{.seconds = static_cast<double>(held)};
    const auto ago = [this](std::uint64_t i) -> const Second& {
        return seconds_[(whole_ - 1 - i) % window_s];
    };
    Second sum;
    float top = -value_max_mv, bottom = value_max_mv;
    double flat = 0;
    for (std::uint64_t i = 0; i < held; ++i) {
        const auto& second = ago(i);
        sum.count += second.count;
        sum.missing += second.missing;
        if (second.missing == second.count) continue;
        flat += second.top == second.bottom ? 1 : 0;
        top = std::max(top, second.top);
        bottom = std::min(bottom, second.bottom);
        for (auto field : {&Second::sum, &Second::square, &Second::cube, &Second::fourth,
                           &Second::qrs_square, &Second::above_square, &Second::noise,
                           &Second::slow, &Second::slow_square, &Second::all, &Second::all_square})
            sum.*field += second.*field;
    }
    const double count = sum.count - sum.missing;
    indices.missing = share(sum.missing, sum.count);
    indices.flat = flat / static_cast<double>(held);
    if (!(count > 0)) return indices;
    double at_ends = 0;
    for (std::uint64_t i = 0; i < held; ++i) {
        const auto& second = ago(i);
        if (second.missing == second.count || second.top == second.bottom) continue;
        at_ends += second.top == top ? second.at_top : 0;
        at_ends += second.bottom == bottom ? second.at_bottom : 0;
        // Over two seconds: a step in the midst of one is half in each of its neighbours.
        if (i + 2 >= held || ago(i + 2).missing == ago(i + 2).count) continue;
        const auto level = [](const Second& s) { return s.all / (s.count - s.missing); };
        indices.steps += std::abs(level(second) - level(ago(i + 2))) >= step_mv ? 1 : 0;
    }
    indices.clipped = at_ends / count;
    indices.peak_to_peak_mv = static_cast<double>(top) - static_cast<double>(bottom);
    const double mean = sum.sum / count, second = sum.square / count, third = sum.cube / count,
                 fourth = sum.fourth / count;
    const double spread = second - mean * mean;
    if (spread > 0) {
        indices.skewness =
            (third - 3 * mean * second + 2 * mean * mean * mean) / std::pow(spread, 1.5);
        indices.kurtosis =
            (fourth - 4 * mean * third + 6 * mean * mean * second - 3 * mean * mean * mean * mean) /
            (spread * spread);
    }
    indices.qrs_power = share(sum.qrs_square, sum.above_square);
    indices.noise_mv = sum.noise / count;
    const double slow = variance(sum.slow, sum.slow_square, count);
    const double all = variance(sum.all, sum.all_square, count);
    indices.baseline = all > 0 ? std::clamp(1 - slow / all, 0.0, 1.0) : 0;
    return indices;
}

}  // namespace vigil::quality

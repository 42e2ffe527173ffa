#include "signal/respiration/ecg_respiration.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>
#include <utility>
#include <vector>

namespace vigil::respiration {
namespace {

constexpr double history_s = 3;
constexpr double agreement_per_min = 4;

struct Value {
    double at_s, value;
};

// At 4 Hz over the window, straight from value to value, without its straight line and tapered
// (Hann).
std::vector<double> resampled(std::span<const Value> values, double from_s) {
    constexpr double hz = 4;
    constexpr auto count = static_cast<std::size_t>(EcgRespiration::window_s * hz);
    std::vector<double> x(count);
    std::size_t next = 1;
    for (std::size_t i = 0; i < count; ++i) {
        const double at = from_s + static_cast<double>(i) / hz;
        while (next + 1 < values.size() && values[next].at_s < at) ++next;
        const auto& a = values[next - 1];
        const auto& b = values[next];
        const double part = std::clamp((at - a.at_s) / (b.at_s - a.at_s), 0.0, 1.0);
        x[i] = a.value + part * (b.value - a.value);
    }
    double mean = 0, slope = 0, norm = 0;
    const double middle = (static_cast<double>(count) - 1) / 2;
    for (std::size_t i = 0; i < count; ++i) {
        const double t = static_cast<double>(i) - middle;
        mean += x[i] / static_cast<double>(count);
        slope += x[i] * t;
        norm += t * t;
    }
    for (std::size_t i = 0; i < count; ++i) {
        const double t = static_cast<double>(i);
        x[i] -= mean + slope / norm * (t - middle);
        x[i] *= 0.5 - 0.5 * std::cos(2 * std::numbers::pi * t / (static_cast<double>(count) - 1));
    }
    return x;
}

// Power at a rate (Goertzel's recurrence; Am. Math. Monthly 65:34, 1958).
double power(std::span<const double> x, double per_min) {
    constexpr double hz = 4;
    const double turn = 2 * std::cos(2 * std::numbers::pi * per_min / 60 / hz);
    double a = 0, b = 0;
    for (const double value : x) {
        const double c = value + turn * a - b;
        b = a;
        a = c;
    }
    return a * a + b * b - turn * a * b;
}

// Root of the mean square deviation.
double deviation(std::span<const Value> values) {
    double sum = 0, square = 0;
    for (const auto& each : values) {
        sum += each.value;
        square += each.value * each.value;
    }
    const auto count = static_cast<double>(values.size());
    return std::sqrt(std::max(0.0, square / count - sum / count * (sum / count)));
}

double mean(std::span<const Value> values) {
    double sum = 0;
    for (const auto& each : values) sum += each.value;
    return sum / static_cast<double>(values.size());
}

// The rate of the spectrum's largest peak, if a quarter of the band's power is in it.
std::optional<double> clear_peak(std::span<const double> x) {
    constexpr double step = 0.5, width = 2.5;  // a minute; the window's resolution is 60 / 32
    constexpr double share_min = 0.25;
    std::vector<double> powers;
    for (double rate = EcgRespiration::rate_min - step; rate <= EcgRespiration::rate_max + step;
         rate += step)
        powers.push_back(power(x, rate));
    std::size_t best = 1;
    double all = 0, near = 0;
    for (std::size_t i = 1; i + 1 < powers.size(); ++i) {
        all += powers[i];
        if (powers[i] > powers[best]) best = i;
    }
    const bool is_peak = powers[best] >= powers[best - 1] && powers[best] >= powers[best + 1];
    for (std::size_t i = 1; i + 1 < powers.size(); ++i)
        if (std::abs(static_cast<double>(i) - static_cast<double>(best)) * step <= width)
            near += powers[i];
    if (!(all > 0) || !is_peak || near < share_min * all) return std::nullopt;
    const double a = powers[best - 1], b = powers[best], c = powers[best + 1];
    const double bend = a - 2 * b + c;
    const double shift = bend < 0 ? 0.5 * (a - c) / bend : 0;
    return EcgRespiration::rate_min + step * (static_cast<double>(best) - 1 + shift);
}

std::optional<double> fuse(const DerivedRate& rates) {
    double lowest = EcgRespiration::rate_max, highest = 0, sum = 0;
    int count = 0;
    for (const auto& rate : {rates.amplitude, rates.frequency, rates.baseline}) {
        if (!rate) continue;
        lowest = std::min(lowest, *rate);
        highest = std::max(highest, *rate);
        sum += *rate;
        ++count;
    }
    if (count < 2 || highest - lowest > agreement_per_min) return std::nullopt;
    return sum / count;
}

}  // namespace

EcgRespiration::EcgRespiration(double sample_hz)
    : hz_(sample_hz), samples_(static_cast<std::size_t>(history_s * sample_hz)) {}

void EcgRespiration::beat(const ecg::Beat& beat) {
    const auto last = std::exchange(last_, beat);
    if (!last || beat.sample <= last->sample) return;
    const auto samples = [this](double ms) { return std::llround(ms / 1000 * hz_); };
    const auto from = beat.sample - samples(50), to = beat.sample + samples(50);
    const auto baseline = samples_.mean(beat.sample - samples(100), beat.sample - samples(60));
    if (!baseline || !samples_.mean(from, to)) return;
    float highest = samples_[from], lowest = highest;
    for (auto at = from; at <= to; ++at) {
        highest = std::max(highest, samples_[at]);
        lowest = std::min(lowest, samples_[at]);
    }
    points_[count_ % kept] = {.at_s = seconds(beat, hz_),
                              .rr_s = seconds(beat, hz_) - seconds(*last, hz_),
                              .amplitude_mv = static_cast<double>(highest - lowest),
                              .baseline_mv = *baseline,
                              .normal = beat.beat_class == ecg::BeatClass::normal &&
                                        last->beat_class == ecg::BeatClass::normal};
    ++count_;
}

DerivedRate EcgRespiration::rate(double now_s) const {
    constexpr double covered_min = 0.8, normal_min = 0.8;
    const double from = now_s - window_s;
    std::vector<Value> amplitude, frequency, baseline;
    std::size_t all = 0;
    double covered = 0;
    const auto held = std::min(count_, kept);
    for (std::size_t i = held; i-- > 0;) {
        const auto& point = points_[(count_ - 1 - i) % kept];
        if (point.at_s < from || point.at_s > now_s) continue;
        ++all;
        if (!point.normal) continue;
        covered += point.rr_s;
        amplitude.push_back({point.at_s, point.amplitude_mv});
        frequency.push_back({point.at_s, point.rr_s});
        baseline.push_back({point.at_s, point.baseline_mv});
    }
    constexpr std::size_t beats_min = 16;  // half a beat a second
    if (amplitude.size() < beats_min || covered < covered_min * window_s ||
        static_cast<double>(amplitude.size()) < normal_min * static_cast<double>(all))
        return {};
    // Below these it is the sampling that is seen, not a breath.
    constexpr double amplitude_share_min = 0.01, rr_s_min = 0.005, baseline_mv_min = 0.01;
    DerivedRate rates;
    if (deviation(amplitude) > amplitude_share_min * std::abs(mean(amplitude)))
        rates.amplitude = clear_peak(resampled(amplitude, from));
    if (deviation(frequency) > rr_s_min) rates.frequency = clear_peak(resampled(frequency, from));
    if (deviation(baseline) > baseline_mv_min)
        rates.baseline = clear_peak(resampled(baseline, from));
    // A rhythm is seen by its beats only up to half of theirs (Nyquist).
    const double seen_max = 30 * static_cast<double>(amplitude.size()) / covered;
    for (auto* rate : {&rates.amplitude, &rates.frequency, &rates.baseline})
        if (*rate && **rate > seen_max) rate->reset();
    rates.fused = fuse(rates);
    return rates;
}

}  // namespace vigil::respiration

#include "signal/pleth/pulse_detector.hpp"

#include <algorithm>
#include <cmath>

namespace vigil::pleth {
namespace {

constexpr double band_from_hz = 0.5, band_to_hz = 8;
constexpr double peak_width_s = 0.111, beat_width_s = 0.667;
constexpr double offset = 0.02;          // of the mean energy
constexpr double mean_energy_s = 10;     // the paper's mean is of a whole recording
constexpr double interval_s_min = 0.27;  // 220/min
constexpr double interval_s_max = 3;
constexpr float value_max = 1e9F;

}  // namespace

double perfusion_index_percent(const Pulse& pulse) {
    const double constant =
        static_cast<double>(pulse.foot) + static_cast<double>(pulse.amplitude) / 2;
    return constant > 0 ? 100 * static_cast<double>(pulse.amplitude) / constant : 0;
}

PulseDetector::PulseDetector(double sample_hz)
    : hz_(sample_hz),
      peak_width_(std::max<std::int64_t>(1, std::llround(peak_width_s * sample_hz) | 1)),
      beat_width_(std::llround(beat_width_s * sample_hz) | 1),
      high_(Biquad::high_pass(band_from_hz, sample_hz)),
      low_(Biquad::low_pass(band_to_hz, sample_hz)),
      smooth_(Biquad::low_pass(band_to_hz, sample_hz)),
      raw_(static_cast<std::size_t>(history_s * sample_hz)),
      energy_sum_(raw_.size()) {}

void PulseDetector::reset() {
    begun_ = count_;
    in_block_ = has_last_ = false;
    mean_energy_ = 0;
}

void PulseDetector::add(float value, std::vector<Pulse>& out) {
    if (!(std::abs(value) <= value_max)) {
        ++count_;
        reset();
        return;
    }
    if (count_ == begun_) {
        smooth_.settle(value);
        high_.settle(value);
        low_.clear();
    }
    const double wave = std::max(0.0, low_.feed(high_.feed(value)));
    double before = count_ == begun_ ? 0 : energy_sum_[place(count_ - 1)];
    if (place(count_) ==
        0) {  // sums start anew, so that none grows until small squares are lost in it
        for (auto& sum : energy_sum_) sum -= before;
        before = 0;
    }
    raw_[place(count_)] = static_cast<float>(smooth_.feed(value));
    energy_sum_[place(count_)] = before + wave * wave;
    const double share =
        1 / std::min(mean_energy_s * hz_, static_cast<double>(count_ - begun_ + 1));
    mean_energy_ += share * (wave * wave - mean_energy_);
    ++count_;
    const auto centre = count_ - 1 - beat_width_ / 2;
    if (centre - beat_width_ / 2 > begun_) look_at(centre, out);
}

double PulseDetector::mean_energy(std::int64_t from, std::int64_t to) const {
    return (energy_sum_[place(to)] - energy_sum_[place(from - 1)]) /
           static_cast<double>(to - from + 1);
}

// A block of interest lies where the average over a peak is above that over a beat.
void PulseDetector::look_at(std::int64_t centre, std::vector<Pulse>& out) {
    const double beat = mean_energy(centre - beat_width_ / 2, centre + beat_width_ / 2);
    const double peak = mean_energy(centre - peak_width_ / 2, centre + peak_width_ / 2);
    const bool above = peak > beat + offset * mean_energy_;
    if (above && !in_block_) block_from_ = centre;
    const bool ended = in_block_ && !above;
    in_block_ = above;
    if (!ended || centre - block_from_ < peak_width_) return;
    constexpr double block_s_max = 2;  // of a signal that is none it may never end
    const auto from = std::max({begun_, block_from_ - peak_width_ / 2,
                                centre - static_cast<std::int64_t>(block_s_max * hz_)});
    Peak best{.at = from};
    for (auto at = from; at <= centre; ++at)
        if (raw_[place(at)] > raw_[place(best.at)]) best.at = at;
    best.value = raw_[place(best.at)];
    found(best, out);
}

// The foot: back from the steepest rise to where the slope has died down. The lowest point would
// lie anywhere on a flat end of diastole.
std::int64_t PulseDetector::foot_of(const Peak& peak) const {
    constexpr double steepest_s_max = 0.35, rise_s_max = 0.6;
    constexpr float flat_share = 0.1F;
    const auto slope = [this](std::int64_t at) { return raw_[place(at)] - raw_[place(at - 1)]; };
    const auto back = [this](double s) { return static_cast<std::int64_t>(s * hz_); };
    const auto first = std::max(begun_ + 1, has_last_ ? last_.at + 1 : 0);
    auto steepest = peak.at;
    for (auto at = peak.at; at >= std::max(first, peak.at - back(steepest_s_max)); --at)
        if (slope(at) > slope(steepest)) steepest = at;
    auto foot = steepest;
    while (foot > std::max(first, peak.at - back(rise_s_max)) &&
           slope(foot) > flat_share * slope(steepest))
        --foot;
    return foot;
}

void PulseDetector::found(Peak peak, std::vector<Pulse>& out) {
    if (peak.at <= begun_) return;
    peak.foot_at = foot_of(peak);
    peak.foot = raw_[place(peak.foot_at)];
    if (!(peak.value > peak.foot)) return;
    if (has_last_) {
        const double apart = static_cast<double>(peak.at - last_.at) / hz_;
        if (apart < interval_s_min) {  // the wave that the wall throws back, or noise
            if (peak.value > last_.value) last_ = {peak.at, last_.foot_at, peak.value, last_.foot};
            return;
        }
        if (apart <= interval_s_max) close(peak, out);
    }
    last_ = peak;
    has_last_ = true;
}

void PulseDetector::close(const Peak& next, std::vector<Pulse>& out) {
    const float amplitude = last_.value - last_.foot;
    const double length = static_cast<double>(next.at - last_.at) / hz_;
    const double usual = amplitudes_.value();
    float quality = likeness(last_.foot_at, next.foot_at);
    constexpr double size_range = 3;
    const bool usual_size = amplitude < size_range * usual && amplitude > usual / size_range;
    if (usual > 0 && !usual_size) quality = 0;
    amplitudes_.add(amplitude);
    out.push_back({.foot_s = static_cast<double>(last_.foot_at) / hz_,
                   .peak_s = static_cast<double>(last_.at) / hz_,
                   .length_s = length,
                   .foot = last_.foot,
                   .amplitude = amplitude,
                   .quality = quality});
}

// Correlation with the template, both stretched to the same length; the template follows slowly,
// and faster while it is young.
float PulseDetector::likeness(std::int64_t from, std::int64_t to) {
    constexpr int young = 10;
    const auto kept = static_cast<std::int64_t>(raw_.size());
    if (to - from < 2 || count_ - from > kept) return 0;
    std::array<float, template_points> shape{};
    float mean = 0;
    // Breath lifts one foot above the other: the line between them is taken out.
    const float first_foot = raw_[place(from)], rise = raw_[place(to)] - first_foot;
    for (std::size_t i = 0; i < template_points; ++i) {
        const double way = static_cast<double>(i) / template_points;
        const double at = static_cast<double>(from) + static_cast<double>(to - from) * way;
        const auto whole = static_cast<std::int64_t>(at);
        const auto part = static_cast<float>(at - static_cast<double>(whole));
        shape[i] = raw_[place(whole)] * (1 - part) + raw_[place(whole + 1)] * part -
                   rise * static_cast<float>(way);
        mean += shape[i] / template_points;
    }
    float product = 0, size = 0, template_size = 0;
    for (std::size_t i = 0; i < template_points; ++i) {
        shape[i] -= mean;
        product += shape[i] * template_[i];
        size += shape[i] * shape[i];
        template_size += template_[i] * template_[i];
    }
    if (!(size > 0)) return 0;
    const bool first = template_count_ == 0 || !(template_size > 0);
    const float likeness = first ? 0 : product / std::sqrt(size * template_size);
    template_count_ = std::min(template_count_ + 1, young);
    const float weight =
        (first ? 1 : std::max(0.1F, likeness)) / static_cast<float>(template_count_);
    for (std::size_t i = 0; i < template_points; ++i)
        template_[i] += weight * (shape[i] / std::sqrt(size) - template_[i]);
    return std::clamp(likeness, 0.0F, 1.0F);
}

}  // namespace vigil::pleth

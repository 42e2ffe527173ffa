#include "signal/ecg/qrs_detector.hpp"

#include <algorithm>
#include <cmath>

namespace vigil::ecg {
namespace {

// In samples at 250 Hz.
constexpr std::int64_t learning = 750;
constexpr std::int64_t settled = 30;            // from here on the filters are full
constexpr std::int64_t look_back = 150;         // what a candidate's evidence reaches back
constexpr std::int64_t refractory = 45;         // 180 ms: no heart beats again before
constexpr std::int64_t alone = 25;              // 100 ms: a peak is the highest within so much
constexpr std::int64_t interval_max = 600;      // longer ones are pauses, not rhythm
constexpr std::int64_t rejected_age_max = 800;  // the trace still holds what is around them
constexpr std::int64_t late_max = 750;  // 3 s after a beat: a pause, what follows stands for itself
constexpr int gap = 5;                  // 20 ms without values in any lead
constexpr std::int64_t around_gap = 40;  // 160 ms: what a gap cuts is no complex
constexpr float usual_interval_guess = 200;

constexpr float energy_min = 0.08F;   // of the level: less is no candidate
constexpr float lead_energy_max = 2;  // of the level: an artefact in one lead is not all
// What a QRS complex of about 0.15 mV has: IEC 60601-2-27 201.12.1.101.15 wants none found below.
constexpr float level_min_mv = 0.025F;
constexpr float shows = 0.3F;    // of its level: the lead sees the beat
constexpr float hidden = 0.02F;  // presence of a lead that sees no beats
constexpr float noise_max = 0.6F;
constexpr float noise_share = 0.35F;  // of the way from noise to beats: less is a peak of noise

constexpr float score_min = 0.25F;
constexpr float late_score_min = -0.75F;                // searching back
constexpr float late_after = 1.5F;                      // usual intervals
constexpr float lower_after_s = 3, lower_share = 0.8F;  // each second without a beat

}  // namespace

QrsDetector::QrsDetector(std::size_t leads)
    : leads_(std::clamp<std::size_t>(leads, 1, leads_max)), shapes_(leads_) {
    weights_.fill(0);
    std::fill_n(weights_.begin(), leads_, 1 / static_cast<float>(leads_));
    rejected_.reserve(rejected_max);
}

void QrsDetector::feed(std::span<const float> values_mv, std::span<const bool> valid,
                       std::vector<QrsComplex>& found) {
    const auto now = fed_++;
    for (std::size_t i = 0; i < leads_; ++i) {
        traces_[i].feed(now, values_mv[i]);
        auto& level = levels_[i];
        const bool was_off = level.is_off();
        level.missing = valid[i] ? 0 : std::min(level.missing + 1, lead_off);
        if (was_off == level.is_off()) continue;
        level.presence = level.is_off() ? 0 : leads_ > 1 ? hidden : 1;
        weigh_leads();
    }
    if (std::all_of(levels_.begin(), levels_.begin() + static_cast<std::ptrdiff_t>(leads_),
                    [](const Level& level) { return level.missing >= gap; }))
        last_gap_ = now;
    if (now < learning) return;
    if (now == learning) {
        learn();
        for (auto i = look_back; i < now; ++i) look_at(i, found);
    }
    combine(now);
    follow_background(now);
    look_at(now, found);
}

// Levels to begin with: the highest energies of four spans, without the highest of all.
void QrsDetector::learn() {
    constexpr std::int64_t spans = 4, span = (learning - settled) / spans;
    for (std::size_t i = 0; i < leads_; ++i) {
        std::array<float, spans> highest{};
        for (auto n = settled; n < learning; ++n) {
            auto& of_span =
                highest[static_cast<std::size_t>(std::min((n - settled) / span, spans - 1))];
            of_span = std::max(of_span, traces_[i].energy[n]);
        }
        std::ranges::sort(highest);
        auto& level = levels_[i];
        level.qrs = std::max(highest[2], level_min_mv);
        for (std::int64_t k = 0; k < spans; ++k) level.peaks.add(level.qrs);
        float sum = 0;
        for (auto n = settled; n < learning; ++n) sum += std::min(traces_[i].energy[n], level.qrs);
        constexpr float beats_share = 0.3F;  // of the mean
        level.background = (1 - beats_share) * sum / (learning - settled);
    }
    weigh_leads();
    for (auto n = settled; n < learning; ++n) combine(n);
}

void QrsDetector::combine(std::int64_t number) {
    float sum = 0;
    for (std::size_t i = 0; i < leads_; ++i)
        sum += weights_[i] * std::min(lead_energy_max, traces_[i].energy[number] / levels_[i].qrs);
    energy_.set(number, sum);
}

void QrsDetector::follow_background(std::int64_t number) {
    constexpr float quick = 0.002F, slow = 0.0005F;  // 2 s; beats count little
    for (std::size_t i = 0; i < leads_; ++i) {
        auto& level = levels_[i];
        const float energy = traces_[i].energy[number];
        const float rate = energy < shows * level.qrs ? quick : slow;
        level.background += rate * (std::min(energy, level.qrs) - level.background);
    }
}

// By how far the complexes stand out, squared as noise is when it is averaged.
void QrsDetector::weigh_leads() {
    constexpr float least = 1e-9F, background_min_mv = 1e-4F;
    float sum = 0;
    for (std::size_t i = 0; i < leads_; ++i) {
        const auto& level = levels_[i];
        const float ratio = level.qrs / (level.background + background_min_mv);
        const float over = std::max(0.0F, ratio - 1);
        weights_[i] = (over * over + least) * level.presence;
        sum += weights_[i];
    }
    // None is on: nothing is weighed until one is.
    for (std::size_t i = 0; i < leads_; ++i)
        weights_[i] = sum > 0 ? weights_[i] / sum : 1 / static_cast<float>(leads_);
}

bool QrsDetector::all_off() const {
    return std::all_of(levels_.begin(), levels_.begin() + static_cast<std::ptrdiff_t>(leads_),
                       [](const Level& level) { return level.is_off(); });
}

void QrsDetector::look_at(std::int64_t number, std::vector<QrsComplex>& found) {
    const auto peak = number - lookahead;
    if (peak < look_back) return;
    const bool is_whole = last_gap_ < peak - QrsFilter::energy_delay - around_gap;
    if (is_whole && is_peak(peak) && peak - last_ >= refractory) judge(peak, found);
    search_back(peak, found);
    lower_levels(peak);
}

bool QrsDetector::is_peak(std::int64_t number) const {
    const float energy = energy_[number];
    if (!(energy > energy_min) || energy_[number - 1] >= energy || energy_[number + 1] > energy)
        return false;
    for (auto i = number - alone; i <= number + alone; ++i)
        if (energy_[i] > energy || (energy_[i] == energy && i < number)) return false;
    return true;
}

float QrsDetector::noise() const {
    constexpr float guess = 0.1F;
    return std::min(noise_peaks_.median_or(guess), noise_max);
}

float QrsDetector::usual_interval() const {
    return intervals_.count() >= 2 ? intervals_.median_or(0) : usual_interval_guess;
}

float QrsDetector::irregularity() const {
    constexpr float guess = 0.3F;
    return intervals_.count() < 3 ? guess
                                  : std::min(1.0F, intervals_.deviation() / usual_interval());
}

void QrsDetector::judge(std::int64_t peak, std::vector<QrsComplex>& found) {
    Candidate candidate{.peak = peak, .energy = energy_[peak]};
    for (std::size_t i = 0; i < leads_; ++i) candidate.lead_energy[i] = traces_[i].energy[peak];
    gather(candidate);
    candidate.score = log_odds(candidate.evidence);
    if (watcher_) watcher_(candidate);
    if (candidate.score > score_min) return accept(candidate, false, found);
    if (candidate.energy < noise() + noise_share * (1 - noise()))
        noise_peaks_.add(candidate.energy);
    if (rejected_.size() < rejected_max) {
        rejected_.push_back(candidate);
        return;
    }
    const auto worst = std::ranges::min_element(rejected_, {}, &Candidate::score);
    if (worst->score < candidate.score) *worst = candidate;
}

void QrsDetector::search_back(std::int64_t now, std::vector<QrsComplex>& found) {
    if (rejected_.empty() || static_cast<float>(now - last_) <= late_after * usual_interval())
        return;
    std::erase_if(rejected_, [&](const Candidate& one) {
        return one.peak < now - rejected_age_max || one.peak > last_ + late_max;
    });
    const auto best = std::ranges::max_element(rejected_, {}, &Candidate::score);
    if (best == rejected_.end() || best->score <= late_score_min) return;
    const auto beat = *best;
    auto later = rejected_;
    std::erase_if(later, [&](const Candidate& one) { return one.peak < beat.peak + refractory; });
    accept(beat, true, found);
    rejected_ = std::move(later);
}

// An artefact, or a lead that was moved, must not leave the detector deaf.
void QrsDetector::lower_levels(std::int64_t now) {
    constexpr auto second = static_cast<std::int64_t>(250);
    if (now - last_ < static_cast<std::int64_t>(lower_after_s * 250) || now - lowered_ < second ||
        all_off())
        return;
    lowered_ = now;
    for (std::size_t i = 0; i < leads_; ++i)
        levels_[i].qrs = std::max(level_min_mv, lower_share * levels_[i].qrs);
}

void QrsDetector::accept(const Candidate& candidate, bool late, std::vector<QrsComplex>& found) {
    const auto interval = candidate.peak - last_;
    const bool follows = last_ != never && interval < interval_max;
    if (follows) intervals_.add(static_cast<float>(interval));
    last_ = candidate.peak;
    last_energy_ = candidate.energy;
    const auto middle = candidate.peak - QrsFilter::energy_delay;
    for (std::size_t i = 0; i < leads_; ++i) {
        auto& level = levels_[i];
        constexpr float gone = 0.3F, back = 4;
        if (level.is_off()) continue;
        if (leads_ > 1) {
            const bool seen = candidate.lead_energy[i] > shows * level.qrs;
            level.presence = seen ? std::min(1.0F, level.presence * back)
                                  : std::max(hidden, level.presence * gone);
        }
        level.deflections.add(deflection(i, middle));
        if (level.presence <= 0.5F) continue;
        constexpr float change_min = 0.3F, change_max = 2.5F;
        level.peaks.add(
            std::clamp(candidate.lead_energy[i], change_min * level.qrs, change_max * level.qrs));
        level.qrs = std::max(level_min_mv, level.peaks.median_or(level_min_mv));
    }
    weigh_leads();
    found.push_back({.middle = middle,
                     .energy = candidate.energy,
                     .score = candidate.score,
                     .late = late,
                     .weights = weights_,
                     .interval = follows ? static_cast<float>(interval) : 0,
                     .home = shapes_.take(leads(), middle, weights_),
                     .evidence = candidate.evidence});
    rejected_.clear();
}

}  // namespace vigil::ecg

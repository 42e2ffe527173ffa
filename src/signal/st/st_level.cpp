#include "signal/st/st_level.hpp"

#include <algorithm>
#include <cmath>

namespace vigil::st {
namespace {

constexpr double history_s = 5;
constexpr double high_pass_hz_max = 0.05;
constexpr double window_ms = 20;  // what levels are means of: a period of 50 Hz mains
constexpr double age_s_max = 60;

}  // namespace

Result<StLevel> StLevel::make(double sample_hz, double high_pass_hz) {
    const bool rate_fits = sample_hz >= 100 && sample_hz <= 2000;  // false of NaN
    if (!rate_fits)
        return fail(Error::Kind::unsupported, "ST levels need 100 to 2000 samples a second");
    const bool band_fits = high_pass_hz >= 0 && high_pass_hz <= high_pass_hz_max;
    if (!band_fits)
        return fail(Error::Kind::unsupported,
                    "the signal's high-pass filter is above 0.05 Hz: it shifts the ST segment. "
                    "Set the monitor to its ST or diagnostic band");
    return StLevel(sample_hz);
}

StLevel::StLevel(double sample_hz)
    : hz_(sample_hz), samples_(static_cast<std::size_t>(history_s * sample_hz)) {}

std::int64_t StLevel::samples(double ms) const {
    return std::llround(ms / 1000 * hz_);
}

// Change over 12 ms, round a sample.
float StLevel::slope(std::int64_t at) const {
    const auto half = std::max<std::int64_t>(1, samples(6));
    return std::abs(samples_[at + half] - samples_[at - half]);
}

// Where, going from the QRS complex by `step`, its slope has died down to a share of its steepest
// and stays so for 12 ms.
std::optional<std::int64_t> StLevel::first_quiet(std::int64_t r, double from_ms, double to_ms,
                                                 int step) const {
    constexpr float quiet_share = 0.04F;  // not even the bottom of a Q wave is so for 12 ms
    float steepest = 0;
    for (auto at = r - samples(60); at <= r + samples(60); ++at)
        steepest = std::max(steepest, slope(at));
    const auto run = std::max<std::int64_t>(2, samples(12));
    std::int64_t quiet_for = 0;
    for (auto away = samples(from_ms); away <= samples(to_ms); ++away) {
        quiet_for = slope(r + step * away) < quiet_share * steepest ? quiet_for + 1 : 0;
        if (quiet_for == run) return r + step * (away - run + 1);
    }
    return std::nullopt;
}

std::optional<StLevel::Complex> StLevel::baseline(const ecg::Beat& beat) const {
    const auto r = beat.sample;
    if (!samples_.holds(r - samples(140), r + samples(70))) return std::nullopt;
    constexpr double usual_onset_ms = 48;
    const auto onset = first_quiet(r, 24, 100, -1).value_or(r - samples(usual_onset_ms));
    const auto level = samples_.mean(onset - samples(window_ms), onset);
    if (!level) return std::nullopt;
    return Complex{
        .beat = beat, .isoelectric = onset - samples(window_ms / 2), .isoelectric_mv = *level};
}

// The isoelectric line: a parabola through where it was before the last complex, this and the next
// (of the straight line, half a millivolt of breath would leave 0.07). Straight without the first.
double StLevel::baseline_mv(const Complex& from, const Complex& to, std::int64_t sample) const {
    const auto at = [&](std::int64_t number) {
        return static_cast<double>(number - from.isoelectric) / hz_;
    };
    const double t = at(sample), next = at(to.isoelectric);
    const double slope = (to.isoelectric_mv - from.isoelectric_mv) / next;
    if (!earlier_) return from.isoelectric_mv + slope * t;
    const double last = at(earlier_->isoelectric);
    const double slope_before = (earlier_->isoelectric_mv - from.isoelectric_mv) / last;
    return from.isoelectric_mv + slope * t +
           (slope - slope_before) / (next - last) * t * (t - next);
}

std::optional<StBeat> StLevel::measure(const Complex& from, const Complex& to) const {
    const double rr_s = seconds(to.beat, hz_) - seconds(from.beat, hz_);
    constexpr double fast_rr_s = 0.5, rr_s_max = 3;  // 120/min
    const bool in_order = rr_s > 0 && rr_s < rr_s_max && to.isoelectric > from.isoelectric;
    if (!in_order) return std::nullopt;
    const double st_ms = rr_s > fast_rr_s ? 80 : 60;
    const auto r = from.beat.sample;
    if (!samples_.holds(r - samples(70), r + samples(260))) return std::nullopt;
    constexpr double usual_j_ms = 48;
    const auto j = first_quiet(r, 24, 120, 1).value_or(r + samples(usual_j_ms));
    const auto at = j + samples(st_ms), half = samples(window_ms / 2);
    const auto level = samples_.mean(at - half, at + half), j_level = samples_.mean(j, j);
    if (!level || !j_level) return std::nullopt;
    constexpr double drift_mv_max = 0.5;  // from beat to beat: an electrode that moves
    if (std::abs(to.isoelectric_mv - from.isoelectric_mv) > drift_mv_max) return std::nullopt;
    const auto line = [&](std::int64_t sample) { return baseline_mv(from, to, sample); };
    return StBeat{.at_s = seconds(from.beat, hz_),
                  .level_mv = *level - line(at),
                  .j_level_mv = *j_level - line(j),
                  .j_ms = 1000 * static_cast<double>(j - r) / hz_,
                  .st_ms = st_ms};
}

std::optional<StBeat> StLevel::beat(const ecg::Beat& beat) {
    std::optional<StBeat> result;
    const auto now = baseline(beat);
    if (before_ && now && before_->beat.beat_class == ecg::BeatClass::normal)
        result = measure(*before_, *now);
    constexpr double apart_s_max = 3;
    earlier_ = before_ && now && before_->isoelectric < now->isoelectric &&
                       seconds(beat, hz_) - seconds(before_->beat, hz_) < apart_s_max
                   ? before_
                   : std::nullopt;
    before_ = now;
    if (!result) return std::nullopt;
    levels_.add(result->level_mv);
    last_s_ = result->at_s;
    return result;
}

std::optional<double> StLevel::level_mv(double now_s) const {
    if (levels_.count() < beats_min || !(now_s - last_s_ < age_s_max)) return std::nullopt;
    return levels_.value();
}

}  // namespace vigil::st

#include "signal/rhythm/beat_rate.hpp"

#include <algorithm>

namespace vigil::rhythm {
namespace {

constexpr double hysteresis_per_min = 5;  // a rate at its limit does not come and go

}  // namespace

double BeatRate::sum_of(std::size_t intervals) const {
    double sum = 0;
    for (std::size_t i = 0; i < intervals; ++i) sum += ago(i);
    return sum;
}

double BeatRate::mean_rr_s() const {
    constexpr std::size_t wanted = 8;
    double sum = 0;
    std::size_t used = 0;
    for (std::size_t i = 0; i < std::min(count_, kept) && used < wanted; ++i) {
        if (ago(i) > settings_.pause_s) continue;
        sum += ago(i);
        ++used;
    }
    return used > 0 ? sum / static_cast<double>(used) : 0;
}

void BeatRate::add(const TimedBeat& beat, bool narrow, double known_s,
                   std::vector<RhythmEvent>& out) {
    const double before = last_s_;
    last_s_ = beat.at_s;
    log_.set(Condition::asystole, false, beat.at_s, known_s, out);
    if (beat.rr_s <= 0) return;
    if (log_.present(Condition::pause))
        log_.set(Condition::pause, false, beat.at_s, known_s, out);
    else if (beat.rr_s > settings_.pause_s)
        ConditionLog::happened(Condition::pause, before, beat.at_s, known_s, out);
    else if (const double mean = mean_rr_s(); mean > 0 && count_ >= 4 && !beat.ventricular() &&
                                              beat.rr_s > settings_.missed_beat_ratio * mean)
        ConditionLog::happened(Condition::missed_beat, before, beat.at_s, known_s, out);
    if (beat.rr_s >= settings_.asystole_s) return;  // the heart stood still: that is no rate
    rr_s_[count_ % kept] = beat.rr_s;
    ++count_;
    rate_.add(beat.rr_s);
    judge_extremes(beat.at_s, known_s, out);
    judge_supraventricular(beat, narrow, known_s, out);
    const auto rate = heart_rate();
    if (!rate) return;
    const double up = log_.present(Condition::tachycardia) ? hysteresis_per_min : 0;
    const double down = log_.present(Condition::bradycardia) ? hysteresis_per_min : 0;
    judge_limit(Condition::tachycardia, *rate > settings_.tachycardia - up, fast_since_, beat.at_s,
                known_s, out);
    judge_limit(Condition::bradycardia, *rate < settings_.bradycardia + down, slow_since_,
                beat.at_s, known_s, out);
}

void BeatRate::judge_extremes(double at_s, double known_s, std::vector<RhythmEvent>& out) {
    constexpr std::size_t fast_intervals = 16, slow_intervals = 4;  // of 17 and of 5 beats
    if (count_ >= fast_intervals) {
        const double up = log_.present(Condition::extreme_tachycardia) ? hysteresis_per_min : 0;
        const double sum = sum_of(fast_intervals);
        const bool fast = 60 * fast_intervals > (settings_.extreme_tachycardia - up) * sum;
        log_.set(Condition::extreme_tachycardia, fast, fast ? at_s - sum : at_s, known_s, out);
    }
    if (count_ >= slow_intervals) {
        const double down = log_.present(Condition::extreme_bradycardia) ? hysteresis_per_min : 0;
        const double sum = sum_of(slow_intervals);
        const bool slow = 60 * slow_intervals < (settings_.extreme_bradycardia + down) * sum;
        log_.set(Condition::extreme_bradycardia, slow, slow ? at_s - sum : at_s, known_s, out);
    }
}

void BeatRate::judge_limit(Condition condition, bool beyond, std::optional<double>& since,
                           double at_s, double known_s, std::vector<RhythmEvent>& out) {
    if (!beyond)
        since.reset();
    else if (!since)
        since = at_s;
    if (!beyond)
        log_.set(condition, false, at_s, known_s, out);
    else if (at_s - *since >= settings_.rate_delay_s)
        log_.set(condition, true, *since, known_s, out);
}

// Narrow beats, each interval of the last so many short enough.
void BeatRate::judge_supraventricular(const TimedBeat& beat, bool narrow, double known_s,
                                      std::vector<RhythmEvent>& out) {
    const bool fast = beat.rr_s * settings_.supraventricular_rate_min < 60;
    const bool fits = narrow && fast &&
                      (beat.beat_class == ecg::BeatClass::normal ||
                       beat.beat_class == ecg::BeatClass::supraventricular);
    narrow_run_ = fits ? narrow_run_ + 1 : 0;
    const std::size_t wanted =
        std::clamp<std::size_t>(settings_.supraventricular_beats, 2, kept + 1) - 1;
    const bool present = narrow_run_ >= wanted;
    log_.set(Condition::supraventricular_tachycardia, present,
             present ? beat.at_s - sum_of(std::min(wanted, count_)) : beat.at_s - beat.rr_s,
             known_s, out);
}

void BeatRate::advance(double watched_from_s, double now_s, std::vector<RhythmEvent>& out) {
    const double without = now_s - watched_from_s;
    if (count_ > 0 && without > settings_.pause_s && watched_from_s <= last_s_)
        log_.set(Condition::pause, true, last_s_, now_s, out);
    if (without < settings_.asystole_s || log_.present(Condition::asystole)) return;
    const bool paused = log_.present(Condition::pause);
    end_all(last_s_, now_s, paused, out);
    log_.set(Condition::asystole, true, watched_from_s, now_s, out);
}

void BeatRate::interrupt(double now_s, std::vector<RhythmEvent>& out) {
    end_all(now_s, now_s, false, out);
}

// A heart that stands still has no rate to show, one that is not seen neither.
void BeatRate::end_all(double at_s, double known_s, bool but_pause, std::vector<RhythmEvent>& out) {
    for (std::size_t i = 0; i < condition_count; ++i) {
        const auto condition = static_cast<Condition>(i);
        if (but_pause && condition == Condition::pause) continue;
        log_.set(condition, false, at_s, known_s, out);
    }
    rate_.clear();
    count_ = narrow_run_ = 0;
    fast_since_.reset();
    slow_since_.reset();
}

}  // namespace vigil::rhythm

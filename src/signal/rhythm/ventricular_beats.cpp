#include "signal/rhythm/ventricular_beats.hpp"

#include <algorithm>

namespace vigil::rhythm {

void VentricularBeats::add(const TimedBeat& beat, double known_s, std::vector<RhythmEvent>& out) {
    if (beat.rr_s <= 0) interrupt(known_s, out);  // first after a gap
    if (beat.ventricular())
        add_ventricular(beat, known_s, out);
    else
        add_other(beat, known_s, out);
    judge_shapes(beat, known_s, out);
    before_ = beat;
    ++beat_count_;
    advance(beat.at_s, out);
}

void VentricularBeats::add_ventricular(const TimedBeat& beat, double known_s,
                                       std::vector<RhythmEvent>& out) {
    if (run_ == 0) {
        for (auto& pattern : patterns_) ventricular_in(pattern, beat, known_s, out);
    } else {
        for (auto& pattern : patterns_) break_up(pattern, known_s, out);
        run_rr_s_[run_ % rr_kept] = beat.rr_s;
    }
    run_at_s_[run_ % run_at_s_.size()] = beat.at_s;
    ++run_;
    others_ = 0;
    last_ventricular_s_ = beat.at_s;
    minute_[ventricular_count_ % minute_kept] = beat.at_s;
    ++ventricular_count_;
    judge_run(known_s, out);
}

void VentricularBeats::add_other(const TimedBeat& beat, double known_s,
                                 std::vector<RhythmEvent>& out) {
    if (run_ == 1) {
        const bool early = before_.rr_s > 0 && before_.mean_rr_s > 0 &&
                           before_.rr_s < settings_.r_on_t_share_max * before_.mean_rr_s;
        if (early && beat.rr_s >= settings_.r_on_t_pause_ratio * before_.mean_rr_s &&
            60 / before_.mean_rr_s <= settings_.r_on_t_rate_max)
            ConditionLog::happened(Condition::r_on_t, before_.at_s, before_.at_s, known_s, out);
    }
    if (run_ == 2 && before_.rr_s > 0 && before_.rr_s < settings_.couplet_s_max)
        ConditionLog::happened(Condition::couplet, before_.at_s - before_.rr_s, before_.at_s,
                               known_s, out);
    end_run(known_s, out);
    ++others_;
    for (auto& pattern : patterns_)
        if (others_ > pattern.others) break_up(pattern, known_s, out);
}

// A run is fast or slow by the mean of its last four intervals, or of those that it has.
void VentricularBeats::judge_run(double known_s, std::vector<RhythmEvent>& out) {
    if (run_ < settings_.run_beats || run_ < 2) return;
    const std::size_t used = std::min(run_ - 1, rr_kept);
    double sum = 0;
    for (std::size_t i = 0; i < used; ++i) sum += run_rr_s_[(run_ - 1 - i) % rr_kept];
    constexpr double rounding = 1 + 1e-9;  // of times: at the limit is not above it
    const bool fast =
        60 * static_cast<double>(used) > settings_.ventricular_rate_min * sum * rounding;
    const bool sustained = fast && run_ >= settings_.tachycardia_beats;
    const double from = run_at_s_[(run_ - 1 - used) % run_at_s_.size()];
    const double before = before_.at_s;
    log_.set(Condition::ventricular_tachycardia, sustained, sustained ? from : before, known_s,
             out);
    log_.set(Condition::ventricular_run, fast && !sustained, fast && !sustained ? from : before,
             known_s, out);
    log_.set(Condition::ventricular_rhythm, !fast, fast ? before : from, known_s, out);
}

void VentricularBeats::end_run(double known_s, std::vector<RhythmEvent>& out) {
    run_ = 0;
    for (const auto condition : {Condition::ventricular_tachycardia, Condition::ventricular_run,
                                 Condition::ventricular_rhythm})
        log_.set(condition, false, last_ventricular_s_, known_s, out);
}

void VentricularBeats::ventricular_in(Pattern& pattern, const TimedBeat& beat, double known_s,
                                      std::vector<RhythmEvent>& out) {
    if (others_ != pattern.others || pattern.cycles == 0) {
        break_up(pattern, known_s, out);
        pattern.from_s = beat.at_s;
    }
    ++pattern.cycles;
    if (pattern.cycles >= settings_.cycles_min)
        log_.set(pattern.condition, true, pattern.from_s, known_s, out);
}

void VentricularBeats::break_up(Pattern& pattern, double known_s, std::vector<RhythmEvent>& out) {
    pattern.cycles = 0;
    log_.set(pattern.condition, false, last_ventricular_s_, known_s, out);
}

void VentricularBeats::judge_shapes(const TimedBeat& beat, double known_s,
                                    std::vector<RhythmEvent>& out) {
    shapes_[beat_count_ % shapes_kept] = beat.ventricular() ? beat.shape : -1;
    const auto kept = std::min(
        {settings_.multiform_beats, shapes_kept, static_cast<std::size_t>(beat_count_ + 1)});
    int first = -1;
    bool several = false;
    for (std::size_t i = 0; i < kept; ++i) {
        const int shape = shapes_[(beat_count_ - i) % shapes_kept];
        if (shape < 0) continue;
        several = several || (first >= 0 && shape != first);
        first = shape;
    }
    log_.set(Condition::multiform_ventricular_beats, several, beat.at_s, known_s, out);
}

void VentricularBeats::advance(double now_s, std::vector<RhythmEvent>& out) {
    constexpr double minute_s = 60;
    const auto held = std::min<std::uint64_t>(ventricular_count_, minute_kept);
    std::size_t count = 0;
    for (std::uint64_t i = 0; i < held; ++i)
        if (now_s - minute_[(ventricular_count_ - 1 - i) % minute_kept] <= minute_s) ++count;
    constexpr std::size_t hysteresis = 2;  // a minute that slides goes up and down by one
    const bool was = log_.present(Condition::frequent_ventricular_beats);
    const std::size_t limit = settings_.ventricular_per_min_max;
    log_.set(Condition::frequent_ventricular_beats,
             count > limit || (was && count + hysteresis > limit), now_s, now_s, out);
}

void VentricularBeats::interrupt(double known_s, std::vector<RhythmEvent>& out) {
    end_run(known_s, out);
    for (auto& pattern : patterns_) break_up(pattern, known_s, out);
    others_ = 0;
    before_ = {};
}

}  // namespace vigil::rhythm

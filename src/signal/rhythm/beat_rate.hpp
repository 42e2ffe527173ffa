#pragma once
// What the time between beats says, whatever their class: asystole, pause, missed beat; rates that
// are too high or too low, and supraventricular tachycardia.

#include <array>
#include <optional>
#include <vector>

#include "signal/rhythm/arrhythmia_settings.hpp"
#include "signal/rhythm/condition_log.hpp"
#include "signal/rhythm/heart_rate.hpp"
#include "signal/rhythm/ventricular_beats.hpp"

namespace vigil::rhythm {

class BeatRate {
public:
    explicit BeatRate(const ArrhythmiaSettings& settings) : settings_(settings) {}

    void change(const ArrhythmiaSettings& settings) { settings_ = settings; }

    // `narrow`: its QRS complex is not known to be 120 ms or wider.
    void add(const TimedBeat& beat, bool narrow, double known_s, std::vector<RhythmEvent>& out);
    // The signal has been there, and nothing in it was a beat, from `watched_from_s` to `now_s`.
    void advance(double watched_from_s, double now_s, std::vector<RhythmEvent>& out);
    // The signal is lost: nothing is known of what comes.
    void interrupt(double now_s, std::vector<RhythmEvent>& out);

    std::optional<double> heart_rate() const { return rate_.per_min(); }
    // Mean of the last eight intervals that are no pause; 0 of none.
    double mean_rr_s() const;

private:
    void end_all(double at_s, double known_s, bool but_pause, std::vector<RhythmEvent>& out);
    void judge_extremes(double at_s, double known_s, std::vector<RhythmEvent>& out);
    void judge_limit(Condition condition, bool beyond, std::optional<double>& since, double at_s,
                     double known_s, std::vector<RhythmEvent>& out);
    void judge_supraventricular(const TimedBeat& beat, bool narrow, double known_s,
                                std::vector<RhythmEvent>& out);
    double ago(std::size_t intervals) const { return rr_s_[(count_ - 1 - intervals) % kept]; }
    double sum_of(std::size_t intervals) const;

    static constexpr std::size_t kept = 16;

    ArrhythmiaSettings settings_;
    ConditionLog log_;
    HeartRate rate_;
    std::array<double, kept> rr_s_{};
    std::size_t count_ = 0;
    double last_s_ = 0;
    std::optional<double> fast_since_, slow_since_;
    std::size_t narrow_run_ = 0;
};

}  // namespace vigil::rhythm

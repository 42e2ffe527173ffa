#pragma once
// Atrial fibrillation by the intervals between beats, ectopic ones left out.
//
// A beat is fibrillation's if the intervals round it are irregular as nothing else makes them:
// symbolic entropy (rr_entropy.hpp) of the 127 words or of the 63 round it above its limit, and the
// coefficient of sample entropy of the 41 intervals round it not of an orderly rhythm. The first
// finds most and is as published; the second finds episodes of half a minute, which fill less than
// half of the first's window.
//
// Atrial premature beats break a regular rhythm into words as fibrillation does, and not every
// detector tells their class: one that comes early, with what follows it, is left out where the
// intervals around are all about the same. In fibrillation these are not.
//
// Episodes: 30 s are needed (the shortest that guidelines diagnose: Hindricks et al., Eur. Heart J.
// 42:373, 2020, "2020 ESC Guidelines", 3.2), told of with the onset dated back; it ends where 30 s
// without follow. Where less than half of the time is usable there is no decision, and an episode
// that is open then ends with what was last decided.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "signal/rhythm/condition.hpp"
#include "signal/rhythm/rr_entropy.hpp"
#include "signal/rhythm/rr_interval.hpp"

namespace vigil::rhythm {

struct AtrialFibrillationSettings {
    // Chosen together in docs/decisions/0042. Zhou et al. use the first alone, at 0.639.
    double entropy_min = 0.68;        // of 127 words
    double short_entropy_min = 0.74;  // of 63 words
    double coefficient_min = -1.8;    // of sample entropy
    double on_s = 30, off_s = 30;
    double merge_s = 15;            // a shorter stretch without does not start an onset anew
    double usable_share_min = 0.5;  // of the time that 127 intervals take
    // A beat classifier that goes by prematurity calls many beats of fibrillation supraventricular:
    // if more of the last 64 are, they are not left out as ectopic.
    double supraventricular_share_max = 0.35;
    // A premature beat: earlier than this share of the mean of the two intervals before it and the
    // one after its pause, which differ by no more than that share of it.
    double premature_share_max = 0.88, regular_share_max = 0.15;
};

class AtrialFibrillation {
public:
    using Settings = AtrialFibrillationSettings;
    explicit AtrialFibrillation(const Settings& settings = {});

    // Every interval in the order of time. Appends what became known.
    void add(const RrInterval& interval, std::vector<RhythmEvent>& out);
    // There are no more beats, or none for long: decides what is left by the last window.
    void finish(std::vector<RhythmEvent>& out);

    bool present() const { return present_; }
    // Of the usable time decided upon, the share in episodes, 0..1; none before any.
    std::optional<double> burden() const;

private:
    enum class Verdict : std::uint8_t { no, yes, undecided };
    struct Interval {
        double end_s = 0, length_s = 0;
        double short_entropy = 0, coefficient = 0;
    };
    static constexpr std::size_t kept = 128;
    // Held back until it is known what comes after.
    struct Held {
        RrInterval interval;
        bool left_out = false;
    };
    static constexpr std::uint64_t half_long = 63, half_short = 31, half_coefficient = 20;

    bool starts_premature_beat() const;
    void take(const RrInterval& interval, std::vector<RhythmEvent>& out);
    void take_held(std::vector<RhythmEvent>& out);
    void settle(std::vector<RhythmEvent>& out);
    bool usable(const RrInterval& interval);
    Interval& at(std::uint64_t number) { return intervals_[number % kept]; }
    void measure();
    bool surely(const Interval& interval) const;
    Verdict verdict(const Interval& interval) const;
    void decide_known(std::vector<RhythmEvent>& out);
    void decide(const Interval& interval, Verdict verdict, std::vector<RhythmEvent>& out);
    void said_yes(const Interval& interval, std::vector<RhythmEvent>& out);
    void said_no(const Interval& interval, std::vector<RhythmEvent>& out);
    void end(std::vector<RhythmEvent>& out);
    double usable_share() const;

    Settings settings_;
    SymbolicEntropy long_{2 * half_long + 1}, short_{2 * half_short + 1};
    std::array<Interval, kept> intervals_{};
    std::uint64_t count_ = 0;    // intervals taken; the last is count_ - 1
    std::uint64_t decided_ = 0;  // of them, in order

    std::array<double, 2> before_s_{};  // intervals before those held; 0: none
    std::array<Held, 3> held_{};
    std::size_t held_count_ = 0;
    double newest_s_ = 0;  // end of the last interval

    std::uint64_t supraventricular_ = 0;  // of the last 64 beats, one bit each

    bool present_ = false;
    std::optional<double> onset_s_;  // of the episode that is open or may become one
    double last_yes_s_ = 0;
    double pending_s_ = 0;  // usable time of an onset not yet told of
    double fibrillating_s_ = 0, decided_s_ = 0;
};

}  // namespace vigil::rhythm

#pragma once
// What ventricular beats do in a row and among others: runs and tachycardia, ventricular rhythm,
// couplets, bigeminy and trigeminy, R on T, more than one shape, more than so many a minute.

#include <array>
#include <cstdint>
#include <vector>

#include "signal/ecg/beat.hpp"
#include "signal/rhythm/arrhythmia_settings.hpp"
#include "signal/rhythm/condition_log.hpp"

namespace vigil::rhythm {

// A beat among beats: times in seconds since the start of the signal.
struct TimedBeat {
    double at_s = 0;
    double rr_s = 0;  // since the beat before; 0 for the first after a gap
    ecg::BeatClass beat_class = ecg::BeatClass::unclassifiable;
    int shape = -1;        // number of its shape among the patient's; below 0: not told
    double mean_rr_s = 0;  // of the normal rhythm before it; 0: not known
    bool ventricular() const { return beat_class == ecg::BeatClass::ventricular; }
};

class VentricularBeats {
public:
    explicit VentricularBeats(const ArrhythmiaSettings& settings) : settings_(settings) {}

    void change(const ArrhythmiaSettings& settings) { settings_ = settings; }

    void add(const TimedBeat& beat, double known_s, std::vector<RhythmEvent>& out);
    // No beats can be seen from here on, or there are none: what goes on ends with the last beat.
    void interrupt(double known_s, std::vector<RhythmEvent>& out);
    // Time goes on without beats: the count of a minute falls.
    void advance(double now_s, std::vector<RhythmEvent>& out);

private:
    void add_ventricular(const TimedBeat& beat, double known_s, std::vector<RhythmEvent>& out);
    void add_other(const TimedBeat& beat, double known_s, std::vector<RhythmEvent>& out);
    void judge_run(double known_s, std::vector<RhythmEvent>& out);
    void end_run(double known_s, std::vector<RhythmEvent>& out);
    // Every `others` other beats one ventricular: 1 bigeminy, 2 trigeminy.
    struct Pattern {
        Condition condition{};
        std::size_t others = 0;
        std::size_t cycles = 0;
        double from_s = 0;
    };
    void ventricular_in(Pattern& pattern, const TimedBeat& beat, double known_s,
                        std::vector<RhythmEvent>& out);
    void break_up(Pattern& pattern, double known_s, std::vector<RhythmEvent>& out);
    void judge_shapes(const TimedBeat& beat, double known_s, std::vector<RhythmEvent>& out);

    static constexpr std::size_t rr_kept = 4;       // the intervals that a run's rate is of
    static constexpr std::size_t minute_kept = 64;  // ventricular beats; more count as so many
    static constexpr std::size_t shapes_kept = 32;

    ArrhythmiaSettings settings_;
    ConditionLog log_;
    std::size_t run_ = 0;  // ventricular beats in a row
    std::array<double, rr_kept> run_rr_s_{};
    std::array<double, rr_kept + 1> run_at_s_{};
    std::size_t others_ = 0;  // beats in a row that are not
    std::array<Pattern, 2> patterns_{{{.condition = Condition::bigeminy, .others = 1},
                                      {.condition = Condition::trigeminy, .others = 2}}};
    double last_ventricular_s_ = 0;
    TimedBeat before_;  // the beat before the newest
    std::array<double, minute_kept> minute_{};
    std::uint64_t ventricular_count_ = 0;
    std::array<int, shapes_kept> shapes_{};
    std::uint64_t beat_count_ = 0;
};

}  // namespace vigil::rhythm

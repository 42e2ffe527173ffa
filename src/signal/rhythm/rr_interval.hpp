#pragma once
// The intervals between the beats of an ECG: what heart rate variability and atrial fibrillation
// are read from.

#include <optional>

#include "signal/ecg/beat.hpp"
#include "signal/rhythm/running_median.hpp"

namespace vigil::rhythm {

struct RrInterval {
    double end_s = 0;     // the beat that ends it, seconds since the start of the signal
    double length_s = 0;  // above 0
    ecg::BeatClass from = ecg::BeatClass::unclassifiable;  // the beat that it starts with
    ecg::BeatClass to = ecg::BeatClass::unclassifiable;
    bool follows = false;   // it starts where the interval before ended: no gap between them
    double expected_s = 0;  // the median of the nine before it; 0: not enough of them

    // NN: between two beats from the sinus node (Task Force of the European Society of Cardiology
    // and the North American Society of Pacing and Electrophysiology, Circulation 93:1043, 1996,
    // there "the Task Force"), of a length that a heart has, and not so far from those before it
    // that a beat was missed or found too much.
    bool normal_to_normal() const;
};

constexpr double rr_s_min = 0.2;  // 300/min
constexpr double rr_s_max = 3.0;  // 20/min: longer is a pause or beats that were not seen

// Of what is expected. A beat missed makes 2, one found too much two of 0.5 or less; sinus
// arrhythmia stays below 0.4 (of 48 h of two healthy people's annotated beats 0.4 % are beyond).
constexpr double rr_deviation_max = 0.4;

// Turns beats into intervals.
class RrSeries {
public:
    explicit RrSeries(double sample_hz) : sample_hz_(sample_hz) {}  // above 0

    // None for the first beat, the first after a gap, and one that is not later than the last.
    std::optional<RrInterval> add(const ecg::Beat& beat);

    // The signal was missing or unusable: no interval spans it.
    void gap() { last_.reset(); }

private:
    double sample_hz_;
    std::optional<ecg::Beat> last_;
    bool follows_ = false;
    RunningMedian<9> expected_;
};

}  // namespace vigil::rhythm

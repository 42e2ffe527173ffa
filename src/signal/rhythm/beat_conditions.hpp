#pragma once
// The arrhythmias that are told by beats and their classes, live: fed beats as they are found and
// the time as it passes, it says what begins and ends.

#include <optional>
#include <vector>

#include "signal/ecg/beat.hpp"
#include "signal/rhythm/arrhythmia_settings.hpp"
#include "signal/rhythm/beat_rate.hpp"
#include "signal/rhythm/condition.hpp"
#include "signal/rhythm/ventricular_beats.hpp"

namespace vigil::rhythm {

class BeatConditions {
public:
    // sample_hz: of the beats' sample numbers, above 0.
    explicit BeatConditions(double sample_hz, const ArrhythmiaSettings& settings = {});

    // In the order of their samples; one that is not later than the last is left out. `shape`: the
    // number of its shape among the patient's beats, below 0 where that is not told. Appends
    // events.
    void add(const ecg::Beat& beat, int shape, std::vector<RhythmEvent>& out);

    // The detector has seen the signal up to here: all its beats before `now_s` were added, but
    // late ones. `usable`: a lead was attached and free of noise since the last call. Call it each
    // second or more often: asystole is told at its call.
    void advance(double now_s, bool usable, std::vector<RhythmEvent>& out);

    void change(const ArrhythmiaSettings& settings);

    std::optional<double> heart_rate() const { return rate_.heart_rate(); }

private:
    double sample_hz_, asystole_s_;
    VentricularBeats ventricular_;
    BeatRate rate_;
    std::optional<double> last_s_;          // beat, of the signal that is watched
    std::optional<double> watched_from_s_;  // none: there is no usable signal
    double now_s_ = 0;
};

}  // namespace vigil::rhythm

#pragma once
// Breaths a minute from the ECG: breathing turns the heart's axis (the complexes' amplitude), lifts
// the baseline and quickens the heart. The rate is given where the three agree.
//
// Fusion after Karlen, Raman, Ansermino and Dumont, IEEE Trans. Biomed. Eng. 60:1946-1953, 2013
// (there of a pulse wave's); ECG-derived respiration in general: Charlton et al., IEEE Rev. Biomed.
// Eng. 11:2-20, 2018. Derived: no value of it may serve to tell or to deny apnoea.

#include <array>
#include <optional>

#include "signal/ecg/beat.hpp"
#include "signal/sample_ring.hpp"

namespace vigil::respiration {

struct DerivedRate {
    // Each modulation's own rate; none without a clear peak in its spectrum.
    std::optional<double> amplitude, frequency, baseline;  // per minute
    // Their mean, where at least two are there and all agree within 4 a minute.
    std::optional<double> fused;
};

class EcgRespiration {
public:
    static constexpr double window_s = 32;
    static constexpr double rate_min = 5, rate_max = 42;  // a minute

    explicit EcgRespiration(double sample_hz);  // 100 to 2000

    // In mV; NaN: there is none.
    void add(float value_mv) { samples_.add(value_mv); }
    // Each beat, within two seconds of its sample being added.
    void beat(const ecg::Beat& beat);
    // Over the last 32 s before `now_s`: call it each few seconds. Nothing where beats cover less
    // than 80 % of them, or more than one in five is not normal.
    DerivedRate rate(double now_s) const;

private:
    struct Point {
        double at_s = 0, rr_s = 0, amplitude_mv = 0, baseline_mv = 0;
        bool normal = false;
    };
    static constexpr std::size_t kept = 160;  // 32 s at 300/min

    double hz_;
    SampleRing samples_;
    std::array<Point, kept> points_{};
    std::size_t count_ = 0;
    std::optional<ecg::Beat> last_;
};

}  // namespace vigil::respiration

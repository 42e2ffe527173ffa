#pragma once
// The last eight seconds of a lead, measured for ventricular fibrillation and flutter: whether it
// goes on like waves or in complexes with rest between them.

#include <optional>
#include <vector>

#include "signal/biquad.hpp"

namespace vigil::rhythm {

struct FibrillationMeasures {
    double peak_to_peak_mv = 0;
    // TCSC, threshold crossing sample count: share of samples beyond a fifth of the largest in
    // windows of 3 s (Arafat, Chowdhury and Hasan, Signal Image Video Process. 5:1-10, 2011).
    double crossing_share = 0;
    // VF filter leakage: what is left when the signal is added to itself half a period later
    // (Kuo and Dillman, Comput. Cardiol. 1978:347-349; Amann, Tratnig and Unterkofler, BioMed. Eng.
    // OnLine 4:60, 2005).
    double leakage = 1;
    // PSR: share of the 40 x 40 cells that the signal visits in the plane of its value now and half
    // a second before (Amann, Tratnig and Unterkofler, IEEE Trans. Biomed. Eng. 54:174-177, 2007),
    // 50 points a second.
    double phase_space_share = 0;
    // Of all the signal's ups and downs the share that falls into its steepest fifth of the time:
    // high where QRS complexes stand out, 0.31 of a sine.
    double slope_concentration = 1;
    double period_s = 0;  // mean, of the leakage's filter
};

// From these limits on each method says fibrillation. The first three are as published.
constexpr double crossing_share_min = 0.48;
constexpr double leakage_max = 0.625;
constexpr double phase_space_share_min = 0.15;

class FibrillationWindow {
public:
    static constexpr double window_s = 8;  // of Amann et al. 2005, looked at each second

    explicit FibrillationWindow(double sample_hz);  // 100 to 2000

    // In mV; NaN, infinite or beyond 100 mV: there is none, and none of what comes in the next
    // eight seconds is measured.
    void add(float value_mv);
    // None while the window is not full.
    std::optional<FibrillationMeasures> measure() const;

private:
    std::vector<float> in_order() const;

    std::size_t divisor_;  // of the rate: 100 to 250 Hz are kept
    double kept_hz_;
    Biquad low_, high_;  // 1 to 30 Hz
    std::vector<float> ring_;
    std::size_t next_ = 0, filled_ = 0, phase_ = 0;
    bool started_ = false;
};

}  // namespace vigil::rhythm

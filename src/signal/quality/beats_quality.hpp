#pragma once
// Whether beats found in a lead are to be believed: by a second detector, and by their likeness.

#include <optional>
#include <span>

#include "signal/ecg/beat.hpp"
#include "signal/quality/lead_quality.hpp"

namespace vigil::quality {

// bSQI: of the beats that either of two detectors found from from_s to to_s, the share that both
// did, within 150 ms; 0.9 and more is good (Li, Mark and Clifford, Physiol. Meas. 29:15-32, 2008).
// None if neither found any. Both in the order of time, at the same rate.
std::optional<double> detectors_agree(std::span<const ecg::Beat> one,
                                      std::span<const ecg::Beat> other, double sample_hz,
                                      double from_s, double to_s);
constexpr double agreement_min = 0.9;

struct BeatsPlausible {
    bool rate = false;    // 40 to 180/min
    bool gaps = false;    // no interval longer than 3 s
    bool even = false;    // longest interval below 2.2 times the shortest
    double likeness = 0;  // mean correlation with the mean beat, -1 to 1
    bool all() const { return rate && gaps && even && likeness >= 0.66; }
};

// The rules of Orphanidou, Bonnici, Charlton, Clifton, Vallance and Tarassenko, IEEE J. Biomed.
// Health Inform. 19:832-838, 2015, for a window of about ten seconds. `mv`: the window's samples,
// the first of number `first_sample`. An arrhythmia breaks them as noise does: what breaks them is
// not good, and not for that reason unusable.
BeatsPlausible beats_plausible(std::span<const float> mv, std::int64_t first_sample,
                               double sample_hz, std::span<const ecg::Beat> beats);

// A lead's grade with what its beats say: what looks good but has beats that are implausible, or
// that a second detector does not find (`agreement`, none: there is no second one), is for counting
// only. Never less than that: an arrhythmia does the same.
Grade grade(const LeadIndices& indices, const BeatsPlausible& beats,
            std::optional<double> agreement);

}  // namespace vigil::quality

#pragma once
// Heart rate variability in the frequency domain, of about five minutes (Task Force 1996, table 2).
//
// The spectrum is a Lomb periodogram (Scargle, Astrophys. J. 263:835, 1982): intervals are used
// where they are, none is interpolated, so that beats left out leave no invented power (Laguna,
// Moody and Mark, IEEE Trans. Biomed. Eng. 45(6):698-715, 1998). A Hann window keeps slow trends
// out of the bands above them.

#include <span>

#include "base/result.hpp"
#include "signal/rhythm/rr_interval.hpp"

namespace vigil::rhythm {

// Hz; a band begins at its lower limit and ends below the next.
constexpr double vlf_from_hz = 0.0033, lf_from_hz = 0.04, hf_from_hz = 0.15, hf_to_hz = 0.40;

struct VariabilitySpectrum {
    double share = 0;    // of the time, covered by NN intervals
    double vlf_ms2 = 0;  // of five minutes to be read with caution, says the Task Force
    double lf_ms2 = 0, hf_ms2 = 0;
    double lf_nu = 0, hf_nu = 0;  // normalised units: percent of LF + HF
    double lf_hf = 0;             // 0 without power in HF
};

constexpr double spectrum_s_min = 240, spectrum_s_max = 360;
constexpr std::size_t spectrum_intervals_max = 2000;  // 360 s at 333/min

// `intervals`: in the order of time. Fails (unsupported) if they span less than four minutes or
// more than six, if NN intervals cover less than `normal_share_min` of them, or do not vary at all.
Result<VariabilitySpectrum> variability_spectrum(std::span<const RrInterval> intervals);

}  // namespace vigil::rhythm

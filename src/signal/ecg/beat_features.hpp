#pragma once
// What a beat is classified by: its time, its shape and what surrounds it, each against what is
// normal for this patient.

#include <array>
#include <cstdint>
#include <span>

#include "signal/ecg/qrs_detector.hpp"

namespace vigil::ecg {

// Ratios are natural logarithms, within -3 to 3. `Normal` is the patient's dominant rhythm.
enum class BeatFeature : std::uint8_t {
    interval,            // since the last beat, of the usual one (median of eight)
    interval_of_last,    // of the interval before
    interval_of_normal,  // of the mean of normal beats, about a minute
    interval_s,          // in seconds, at most 3; 3: not known
    irregularity,        // mean deviation of the last eight intervals, of the usual one
    likeness,            // of the slopes with the normal shape: leads weighted
    likeness_least,      // in the lead where it is least
    likeness_most,       // in the other
    voltage_likeness,    // of the voltages, leads weighted
    width,               // of the complex, of that of normal beats
    width_s,             // in seconds
    energy,              // of that of normal beats
    deflection,          // of that of normal beats
    shape_share,         // of its own shape in all beats that are remembered
    shape_interval,      // mean interval before beats of its shape, of the usual one
    shape_width,         // mean width of them, of that of normal beats
    shape_likeness,      // of its shape with the normal one
    last_likeness,       // of the last beat with the normal shape
    likeness_with_last,  // of this beat with the last
    t_likeness,          // of the 60 to 230 ms after its middle with those of normal beats
    t_size,              // their size, of that of normal beats
    p_likeness,          // of the 240 to 60 ms before it with those of normal beats
    score,               // how sure it is a beat: log odds
    last_interval,       // the interval before, of the usual one
    shape_beats,         // how many beats of its shape are remembered
    shape_pause,         // mean interval after beats of its shape, of the usual one
    shape_p_likeness,    // mean of p_likeness of its shape
    shape_t_likeness,    // mean of t_likeness of its shape
    two_intervals,       // this one and the one before, of two of normal beats
    t_discordance,  // how far T points away from the complex's side, of its deflection, -1 to 1
    complex_area,   // mean magnitude over 200 ms, of that of normal beats
    // Of the evidence that it is a beat: Evidence of the same name.
    background,
    energy_before,
    energy_after,
    peak_before,
    peak_width,
    roughness,
    roughness_before,
    roughness_after,
    noise_peaks,
    energy_least,
};
constexpr std::size_t beat_features = 41;
using BeatFeatureValues = std::array<float, beat_features>;

struct ClassOdds {
    float ventricular, supraventricular;  // log odds against all others
};
ClassOdds class_odds(const BeatFeatureValues& values);

}  // namespace vigil::ecg

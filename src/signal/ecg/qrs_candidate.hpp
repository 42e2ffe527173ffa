#pragma once
// A peak of QRS energy, and what speaks for and against its being a beat.

#include <array>
#include <cstdint>
#include <string_view>

#include "signal/ecg/beat_shapes.hpp"

namespace vigil::ecg {

// Ratios are natural logarithms, within -4.6 to 3. `Energy` is that of the leads together, each
// over the level of its QRS complexes.
enum class Evidence : std::uint8_t {
    energy,            // of the peak
    energy_least,      // in the lead where it is least, of the level there
    energy_most,       // in the other
    energy_before,     // mean of 300 to 110 ms before the peak, of the peak
    energy_after,      // mean of 110 to 175 ms after it, of the peak
    noise_peaks,       // level of the peaks that were no beats
    background,        // mean energy between beats, of the level of the beats
    interval,          // since the last beat, of the usual one; at most 3
    interval_s,        // in seconds; at most 3
    energy_of_last,    // of the peak, of that of the last beat
    peak_after,        // highest energy 100 to 175 ms after, of the peak
    peak_before,       // highest energy 100 to 240 ms before, of the peak
    peak_width,        // time over half of the peak, in 100 ms
    irregularity,      // mean deviation of the last eight intervals from their median, of that
    roughness,         // mean second difference in the peak, of its energy
    roughness_before,  // the same of 120 to 360 ms before
    roughness_after,   // the same of 60 to 130 ms after
    likeness,          // with the known shape that is most alike
    likeness_least,    // in the lead where it is least
    likeness_most,     // in the other
    likeness_of_last,  // with the last beat
    leads,             // how many
    weight,            // of the lead that counts most
    deflection,        // largest in the peak, of that of the last beats
};
constexpr std::size_t evidences = 24;

using EvidenceValues = std::array<float, evidences>;

// Log odds that a candidate is a beat; its probability by them.
float log_odds(const EvidenceValues& values);
float probability(float log_odds);

struct Candidate {
    std::int64_t peak = 0;  // number of the sample, in the time of the energy
    float energy = 0;       // of the leads together
    std::array<float, leads_max> lead_energy{};
    EvidenceValues evidence{};
    float score = 0;  // log odds
};

}  // namespace vigil::ecg

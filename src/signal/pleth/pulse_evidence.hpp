#pragma once
// Whether a pulse that is independent of the ECG contradicts what the ECG seems to say: a detached
// electrode is no asystole, a shaken one no tachycardia. Most arrhythmia alarms of intensive care
// that are false are found out so (Aboukhalil, Nielsen, Saeed, Mark and Clifford, J. Biomed.
// Inform. 41:442-451, 2008; PhysioNet/CinC Challenge 2015).

#include <optional>
#include <span>

#include "signal/ecg/beat.hpp"
#include "signal/pleth/pulse_detector.hpp"

namespace vigil::pleth {

struct PulseEvidence {
    bool regular = false;     // all of the span is filled with good pulses, evenly apart
    double rate_per_min = 0;  // 0: fewer than two intervals
    double quality = 0;       // mean, 0 to 1
};

// What the pulses say of a span of time. `pulses`: in the order of time; those around it may be
// there. Regular: mean quality 0.7, intervals within a quarter of their median, none longer missing
// at either end, at least three pulses, 40 to 180/min.
PulseEvidence pulse_evidence(std::span<const Pulse> pulses, double from_s, double to_s);

// A pulse that goes on evenly through a span without QRS complexes.
bool contradicts_asystole(const PulseEvidence& evidence);
// One that goes on evenly and slower than the beats of a span. A pulse of the same rate does not:
// there is tachycardia with a pulse. Nor one of half the rate, which alternans makes.
bool contradicts_tachycardia(const PulseEvidence& evidence, double beats_per_min);
// One that goes on evenly and faster than the beats: some were not seen.
bool contradicts_bradycardia(const PulseEvidence& evidence, double beats_per_min);

// Of the beats between from_s and to_s, the share that a pulse follows within 0.1 to 0.6 s; of a
// patient with pulse deficit below 1. None without beats.
std::optional<double> conducted_share(std::span<const ecg::Beat> beats, double sample_hz,
                                      std::span<const Pulse> pulses, double from_s, double to_s);

}  // namespace vigil::pleth

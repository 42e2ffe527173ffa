#pragma once
// A heart beat as it was found in an ECG.

#include <cstdint>

namespace vigil::ecg {

// The five classes of ANSI/AAMI EC57:2012 (table 3) that beats are told apart by.
enum class BeatClass : std::uint8_t {
    normal,            // N: from the sinus or AV node, bundle branch block included
    supraventricular,  // S: premature, from the atria or the AV node
    ventricular,       // V: from a ventricle, premature or escape
    fusion,            // F: ventricular and normal at once
    unclassifiable,    // Q: paced, or not to be told from what is seen
};

// 'N', 'S', 'V', 'F' or 'Q'.
constexpr char letter(BeatClass beat_class) {
    constexpr char letters[] = {'N', 'S', 'V', 'F', 'Q'};
    return letters[static_cast<std::uint8_t>(beat_class)];
}

// Beats come in the order of `sample`, each once.
struct Beat {
    // The fiducial point: the largest deflection of the QRS complex (R, or S or Q where that is
    // larger), counted in samples since the start of the signal, at the signal's own rate.
    std::int64_t sample = 0;
    float fraction = 0;  // of a sample, -0.5 to 0.5: the point is at `sample + fraction`
    BeatClass beat_class = BeatClass::unclassifiable;
    bool late = false;       // found by searching back: its report came later than others do
    float quality = 0;       // 0 to 1: how sure it is that this is a beat
    float qrs_ms = 0;        // duration of the QRS complex; 0: could not be measured
    float amplitude_mv = 0;  // of the deflection at the point, signed, in the better lead
};

// Seconds since the start of the signal.
constexpr double seconds(const Beat& beat, double sample_hz) {
    return (static_cast<double>(beat.sample) + static_cast<double>(beat.fraction)) / sample_hz;
}

}  // namespace vigil::ecg

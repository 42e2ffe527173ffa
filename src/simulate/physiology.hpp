#pragma once
// The quantities that make up a simulated patient and that scenarios move.

#include <array>
#include <cstddef>
#include <cstdint>

namespace vigil::simulate {

enum class Rhythm : std::uint8_t {
    sinus,
    atrial_fibrillation,
    ventricular_tachycardia,
    ventricular_fibrillation,
    asystole
};

enum class Quantity : std::uint8_t {
    heart_rate,        // /min, of the sinus node or the conducted fibrillation
    respiratory_rate,  // /min; under 3: apnoea
    saturation,        // %, arterial
    systolic,          // mm[Hg], arterial
    diastolic,         // mm[Hg]
    temperature,       // Cel, core
    end_tidal_co2,     // mm[Hg]
    perfusion,         // %, perfusion index of the finger
    ectopy,            // share of beats that are premature ventricular, 0..1
    noise,             // 0 quiet .. 1 the patient moves all the time
    battery            // %, of the device
};
constexpr std::size_t quantity_count = 11;

struct Quantities {
    std::array<double, quantity_count> values{};
    double& operator[](Quantity q) { return values[static_cast<std::size_t>(q)]; }
    double operator[](Quantity q) const { return values[static_cast<std::size_t>(q)]; }
};

// A resting adult.
constexpr Quantities resting_adult() {
    return {{72, 14, 97.5, 122, 74, 36.8, 38, 3.0, 0.0, 0.05, 100}};
}

// What is attached and connected, and which rhythm rules.
struct Attachments {
    bool leads = true;  // ECG electrodes
    bool probe = true;  // SpO2 finger probe
    bool link = true;   // the device's network
};

}  // namespace vigil::simulate

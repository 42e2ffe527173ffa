#pragma once
// Ventricular fibrillation and flutter, from the waveform itself: a beat detector finds beats in
// it, or none, and either would mislead.
//
// A lead fibrillates if three methods of the literature (fibrillation_window.hpp) agree and no QRS
// complexes stand out; two of them if that lasts two seconds and they stand out even less. A
// patient does if a lead does and no other lead shows complexes: noise is in one electrode,
// fibrillation in all.

#include <optional>
#include <span>
#include <vector>

#include "signal/rhythm/condition.hpp"
#include "signal/rhythm/fibrillation_window.hpp"

namespace vigil::rhythm {

struct VentricularFibrillationSettings {
    double amplitude_mv_min = 0.2;  // peak to peak: finer is read as asystole (AHA, Kerber et al.,
                                    // Circulation 95:1677-1682, 1997)
    // Slope concentration: below the first with three methods, the second with two. The third: a
    // lead above it shows complexes. Chosen in docs/decisions/0042.
    double concentration_max = 0.53, concentration_of_two_max = 0.50, complexes_min = 0.60;
    double period_s_max = 0.34;  // slower than 176/min is tachycardia, told by its beats
    double end_s = 4;            // without: it is over
};

class VentricularFibrillation {
public:
    using Settings = VentricularFibrillationSettings;
    explicit VentricularFibrillation(const Settings& settings = {}) : settings_(settings) {}

    // Once a second, with what each lead measures then; none: not usable.
    void add(double now_s, std::span<const std::optional<FibrillationMeasures>> leads,
             std::vector<RhythmEvent>& out);

    bool present() const { return present_; }

private:
    enum class Verdict : std::uint8_t { complexes, unclear, perhaps, fibrillates };
    Verdict verdict(const FibrillationMeasures& lead) const;

    Settings settings_;
    bool present_ = false, perhaps_before_ = false;
    double last_yes_s_ = 0;
};

}  // namespace vigil::rhythm

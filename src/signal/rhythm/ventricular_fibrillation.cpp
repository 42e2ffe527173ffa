#include "signal/rhythm/ventricular_fibrillation.hpp"

#include <algorithm>

namespace vigil::rhythm {

VentricularFibrillation::Verdict VentricularFibrillation::verdict(
    const FibrillationMeasures& lead) const {
    if (lead.peak_to_peak_mv < settings_.amplitude_mv_min) return Verdict::unclear;
    if (lead.slope_concentration >= settings_.complexes_min) return Verdict::complexes;
    if (lead.period_s > settings_.period_s_max) return Verdict::unclear;
    const int methods = (lead.crossing_share > crossing_share_min ? 1 : 0) +
                        (lead.leakage < leakage_max ? 1 : 0) +
                        (lead.phase_space_share > phase_space_share_min ? 1 : 0);
    if (methods == 3 && lead.slope_concentration < settings_.concentration_max)
        return Verdict::fibrillates;
    if (methods == 2 && lead.slope_concentration < settings_.concentration_of_two_max)
        return Verdict::perhaps;
    return Verdict::unclear;
}

void VentricularFibrillation::add(double now_s,
                                  std::span<const std::optional<FibrillationMeasures>> leads,
                                  std::vector<RhythmEvent>& out) {
    bool complexes = false, sure = false, perhaps = false;
    for (const auto& lead : leads) {
        if (!lead) continue;
        const auto found = verdict(*lead);
        complexes = complexes || found == Verdict::complexes;
        sure = sure || found == Verdict::fibrillates;
        perhaps = perhaps || found == Verdict::perhaps;
    }
    perhaps = (perhaps || sure) && !complexes;
    const bool yes = perhaps && (sure || perhaps_before_);
    perhaps_before_ = perhaps;
    if (yes) last_yes_s_ = now_s;
    if (yes == present_ || (present_ && now_s - last_yes_s_ < settings_.end_s)) return;
    present_ = yes;
    // The window that shows it first is mostly full of it; the last that does, still half.
    const double at = yes ? std::max(0.0, now_s - FibrillationWindow::window_s)
                          : last_yes_s_ - FibrillationWindow::window_s / 2;
    out.push_back({.condition = Condition::ventricular_fibrillation,
                   .begins = yes,
                   .at_s = at,
                   .known_s = now_s});
}

}  // namespace vigil::rhythm

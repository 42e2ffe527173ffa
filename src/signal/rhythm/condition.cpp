#include "signal/rhythm/condition.hpp"

#include <array>

namespace vigil::rhythm {

std::string_view name_of(Condition condition) {
    constexpr std::array<std::string_view, condition_count> names{
        "asystole",
        "ventricular fibrillation",
        "ventricular tachycardia",
        "extreme tachycardia",
        "extreme bradycardia",
        "run of ventricular beats",
        "pause",
        "ventricular rhythm",
        "ventricular couplet",
        "ventricular bigeminy",
        "ventricular trigeminy",
        "multiform ventricular beats",
        "frequent ventricular beats",
        "R on T",
        "missed beat",
        "atrial fibrillation",
        "supraventricular tachycardia",
        "tachycardia",
        "bradycardia",
    };
    return names[static_cast<std::size_t>(condition)];
}

}  // namespace vigil::rhythm

#include "signal/rhythm/suppression.hpp"

namespace vigil::rhythm {
namespace {

// Place in the chain, 0 first; -1: outside of it.
int place(Condition condition) {
    switch (condition) {
        using enum Condition;
        case asystole:
        case ventricular_fibrillation:
            return 0;
        case ventricular_tachycardia:
            return 1;
        case extreme_tachycardia:
        case extreme_bradycardia:
            return 2;
        case ventricular_run:
            return 3;
        case pause:
        case ventricular_rhythm:
            return 4;
        case couplet:
            return 5;
        case bigeminy:
            return 6;
        case trigeminy:
            return 7;
        case multiform_ventricular_beats:
            return 8;
        case frequent_ventricular_beats:
            return 9;
        default:
            return -1;
    }
}

}  // namespace

// Outside of the chain: rates and single beats give way to what may be lethal, fibrillation of the
// atria only to what leaves no atrial rhythm to speak of.
bool suppresses(Condition present, Condition other) {
    const int above = place(present), below = place(other);
    if (above < 0) return false;
    if (below >= 0) return above < below;
    constexpr int tachycardia = 1, extreme_rate = 2;
    return above <= (other == Condition::atrial_fibrillation ? tachycardia : extreme_rate);
}

bool Suppression::suppressed_now(Condition condition) const {
    for (std::size_t i = 0; i < condition_count; ++i)
        if (present_[i] && suppresses(static_cast<Condition>(i), condition)) return true;
    return false;
}

void Suppression::mark(RhythmEvent& event) {
    const auto index = static_cast<std::size_t>(event.condition);
    if (event.begins) began_suppressed_[index] = suppressed_now(event.condition);
    present_[index] = event.begins;
    event.suppressed = began_suppressed_[index];
}

std::vector<Condition> Suppression::told() const {
    std::vector<Condition> list;
    for (std::size_t i = 0; i < condition_count; ++i) {
        const auto condition = static_cast<Condition>(i);
        if (present_[i] && !suppressed_now(condition)) list.push_back(condition);
    }
    return list;
}

}  // namespace vigil::rhythm

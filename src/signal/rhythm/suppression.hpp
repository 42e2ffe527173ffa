#pragma once
// Which of the conditions that are present is told of. Of a chain the one that says most: a patient
// in ventricular tachycardia is not also announced to have couplets. The order is the one that ward
// monitors agree on: asystole or ventricular fibrillation, ventricular tachycardia, extreme rates,
// a run, a pause or ventricular rhythm, a couplet, bigeminy, trigeminy, several shapes, frequent
// beats.

#include <array>
#include <vector>

#include "signal/rhythm/condition.hpp"

namespace vigil::rhythm {

// Does `present` keep `other` from being told?
bool suppresses(Condition present, Condition other);

// Sees every event of a patient in the order in which they became known, and marks those that are
// suppressed. An end is marked as its beginning was.
class Suppression {
public:
    void mark(RhythmEvent& event);
    // Conditions that are present and not suppressed (any more), those that say most first: what
    // was suppressed when it began is to be told once what suppressed it is over.
    std::vector<Condition> told() const;

private:
    bool suppressed_now(Condition condition) const;

    std::array<bool, condition_count> present_{}, began_suppressed_{};
};

}  // namespace vigil::rhythm

#pragma once
// Which conditions are present, and the events of those that begin and end.

#include <array>
#include <vector>

#include "signal/rhythm/condition.hpp"

namespace vigil::rhythm {

class ConditionLog {
public:
    bool present(Condition condition) const { return present_[index(condition)]; }

    // Begins or ends it, if it is not so already.
    void set(Condition condition, bool present, double at_s, double known_s,
             std::vector<RhythmEvent>& out) {
        if (present_[index(condition)] == present) return;
        present_[index(condition)] = present;
        out.push_back(
            {.condition = condition, .begins = present, .at_s = at_s, .known_s = known_s});
    }
    // What is over when it is known.
    static void happened(Condition condition, double from_s, double to_s, double known_s,
                         std::vector<RhythmEvent>& out) {
        out.push_back({.condition = condition, .begins = true, .at_s = from_s, .known_s = known_s});
        out.push_back({.condition = condition, .begins = false, .at_s = to_s, .known_s = known_s});
    }

private:
    static std::size_t index(Condition condition) { return static_cast<std::size_t>(condition); }
    std::array<bool, condition_count> present_{};
};

}  // namespace vigil::rhythm

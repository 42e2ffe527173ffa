#pragma once
// What would change a score: for each input the nearest values at which its result differs.

#include <vector>

#include "monitor/scores/score_result.hpp"

namespace vigil::monitor {

struct ScoreChange {
    std::uint8_t input = 0;
    std::int64_t value = 0;  // in steps of the input, or the level
    // The result with this value and all others as they are; bounds where it is incomplete.
    std::optional<std::int64_t> least, most;
    std::optional<std::uint8_t> band;  // at `least`
    bool changes_band = false;
    bool operator==(const ScoreChange&) const = default;
};

// Of each input that is used: upwards and downwards the nearest value that changes the lower bound
// of the total (its total, where it is complete), and the nearest that changes the band, if that is
// another; of a level each other level that changes it. In the order of the inputs, then of the
// values. At most four for a number. Empty where the score is not computed.
std::vector<ScoreChange> what_would_change(const ScoreTable& table, const ScoreResult& result);

}  // namespace vigil::monitor

#pragma once
// The arithmetic of a score, apart from where its inputs come from: known values in, points, total
// and band out. What is not known makes a range.

#include <optional>
#include <vector>

#include "monitor/scores/score_table.hpp"

namespace vigil::monitor {

// At most what a row can give; both equal where it is certain.
struct PointsSpan {
    std::uint8_t least = 0, most = 0;
    bool certain() const { return least == most; }
    bool operator==(const PointsSpan&) const = default;
};

// All that a table asks, for one patient at one time.
struct Facts {
    std::optional<BirthDate> birth{};
    bool assume_adult = false;  // where the age is not known
    Timestamp at{};
    std::vector<std::uint8_t> settings{};               // the value of each
    std::vector<std::optional<std::int64_t>> values{};  // of each input: steps, or the level
    std::vector<bool> open{};    // by input: measured, but as what is not known; empty: none is
    bool ratio_possible = true;  // its inputs are of one time
};

struct Tally {
    std::vector<PointsSpan> inputs;      // by input
    std::vector<PointsSpan> parameters;  // by parameter
    std::vector<bool> missed;            // by parameter: something that it needs is not known
    // In steps of the score's total. A sum always has both; a ratio only where it can be computed.
    std::optional<std::int64_t> least, most;
    bool complete = false;  // nothing is missed: least is the total
    // Places in the table's bands: at `least` and at `most`; equal when complete.
    std::optional<std::uint8_t> band_least, band_most;
    bool single = false;  // the single parameter's rule, not the total, leads to band_least
    bool operator==(const Tally&) const = default;
};

Tally tally(const ScoreTable& table, const Facts& facts);

// The points of one value of one input, the others being as they are.
PointsSpan points_of(const ScoreInput& input, std::int64_t value, const Facts& facts);

}  // namespace vigil::monitor

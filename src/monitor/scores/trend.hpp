#pragma once
// Where a score is going, against its own earlier results.

#include <optional>
#include <span>

#include "monitor/scores/score_result.hpp"

namespace vigil::monitor {

// One result as the history keeps it.
struct ScorePoint {
    Timestamp time;
    std::optional<std::int64_t> least, most;  // in steps of the total; equal where complete
    std::optional<std::uint8_t> band;         // at `least`
    bool complete = false;
    bool superseded = false;  // an input that it counted was corrected later
    // Whether the same settings (the SpO2 scale) held as now: totals of two scales are no trend.
    std::vector<std::uint8_t> settings;
    bool operator==(const ScorePoint&) const = default;
};

struct ScoreTrend {
    enum class Direction : std::uint8_t { falling, steady, rising };
    Direction direction = Direction::steady;
    std::int64_t difference = 0;  // now less then, in steps of the total
    Timestamp since;              // of the total that it is compared with
    std::int64_t then = 0, now = 0;
    std::int64_t lowest = 0, highest = 0;  // of the complete totals in between, both ends included
    std::optional<std::uint8_t> band_then;
    bool operator==(const ScoreTrend&) const = default;
};

// Compares the newest total with the one that held `over` ago (or had last held then, at most
// `over` before), or, if there was none, with the first since then. A total holds until the next
// point: an incomplete one says when it was no longer current. Only complete totals that were not
// superseded and are of the same settings count. None where the newest is no such total, ended
// `over` ago or earlier, or there is no other in that time. Points are in the order of their times.
std::optional<ScoreTrend> trend_of(std::span<const ScorePoint> points, Timestamp now,
                                   Nanoseconds over);

}  // namespace vigil::monitor

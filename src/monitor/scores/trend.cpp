#include "monitor/scores/trend.hpp"

#include <algorithm>

namespace vigil::monitor {

std::optional<ScoreTrend> trend_of(std::span<const ScorePoint> points, Timestamp now,
                                   Nanoseconds over) {
    if (points.empty()) return std::nullopt;
    const auto& newest = points.back();
    const auto counts = [&](const ScorePoint& point) {
        return point.complete && point.least && !point.superseded &&
               point.settings == newest.settings;
    };
    if (!counts(newest)) return std::nullopt;
    const ScorePoint* then = nullptr;
    for (const auto& point : points.first(points.size() - 1)) {
        const bool before = point.time <= now - over;
        // An incomplete result ends what held before it.
        if (before) then = counts(point) ? &point : nullptr;
        if (!before && then == nullptr && counts(point)) then = &point;
    }
    if (then == nullptr) return std::nullopt;
    ScoreTrend made{.since = std::max(then->time, now - over),
                    .then = *then->least,
                    .now = *newest.least,
                    .lowest = *newest.least,
                    .highest = *newest.least,
                    .band_then = then->band};
    for (const auto* point = then; point != &newest; ++point)
        if (counts(*point)) {
            made.lowest = std::min(made.lowest, *point->least);
            made.highest = std::max(made.highest, *point->least);
        }
    made.difference = made.now - made.then;
    made.direction = made.difference > 0   ? ScoreTrend::Direction::rising
                     : made.difference < 0 ? ScoreTrend::Direction::falling
                                           : ScoreTrend::Direction::steady;
    return made;
}

}  // namespace vigil::monitor

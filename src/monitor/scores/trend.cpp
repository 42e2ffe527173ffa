#include "monitor/scores/trend.hpp"

#include <algorithm>

namespace vigil::monitor {

std::optional<ScoreTrend> trend_of(std::span<const ScorePoint> points, Timestamp now,
                                   Nanoseconds over) {
    const auto rest =
        std::ranges::find(points.rbegin(), points.rend(), true, &ScorePoint::complete);
    if (rest == points.rend()) return std::nullopt;
    const auto last = static_cast<std::size_t>(points.rend() - rest) - 1;
    const auto& newest = points[last];
    const auto counts = [&](const ScorePoint& point) {
        return point.complete && point.least && !point.superseded &&
               point.settings == newest.settings;
    };
    const bool ended = last + 1 < points.size();
    if (!counts(newest) || (ended && points[last + 1].time <= now - over)) return std::nullopt;
    const ScorePoint* then = nullptr;
    for (std::size_t i = 0; i <= last; ++i) {
        const auto& point = points[i];
        if (!counts(point)) continue;
        const bool before = point.time <= now - over;
        // Of a set that is no longer current it is still the last word, but not for ever.
        const bool is_near = i == last || points[i + 1].time > now - 2 * over;
        if (before && is_near) then = &point;
        if (!before && then == nullptr && i != last) then = &point;
    }
    if (then == nullptr) return std::nullopt;
    ScoreTrend made{.since = then->time,
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

#include "monitor/scores/tally.hpp"

#include <algorithm>

namespace vigil::monitor {
namespace {

Known is_of(const AgeRange& range, const Facts& facts) {
    const auto known = is_of_age(facts.birth, range, facts.at);
    if (known != Known::unknown || !facts.assume_adult) return known;
    return range.before ? Known::no : Known::yes;  // an adult is older than every bound
}

Known applies(const ScoreConditions& when, const Facts& facts) {
    auto all = is_of(when.age, facts);
    for (const auto& each : when.settings)
        if (facts.settings[each.setting] != each.value) return Known::no;
    for (const auto& each : when.levels) {
        const auto& value = facts.values[each.input];
        if (!value)
            all = all == Known::no ? Known::no : Known::unknown;
        else if (*value != each.level)
            return Known::no;
    }
    return all;
}

bool matches(const ScoreInput& input, const PointsRow& row, std::int64_t value) {
    return input.is_level ? (row.levels >> value & 1U) != 0 : row.range.holds(value);
}

// Whatever the value may be.
PointsSpan points_unknown(const ScoreInput& input, const Facts& facts) {
    std::optional<PointsSpan> span;
    for (const auto& row : input.rows) {
        if (applies(row.when, facts) == Known::no) continue;
        if (!span) span = PointsSpan{row.points, row.points};
        span->least = std::min(span->least, row.points);
        span->most = std::max(span->most, row.points);
    }
    return span.value_or(PointsSpan{});
}

std::optional<std::uint8_t> band_of(const ScoreTable& table, std::int64_t total,
                                    const Facts& facts) {
    for (std::size_t i = 0; i < table.bands.size(); ++i) {
        const auto& band = table.bands[i];
        if (band.range && band.range->holds(total) && is_of(band.age, facts) == Known::yes)
            return static_cast<std::uint8_t>(i);
    }
    return std::nullopt;  // the age alone can leave it open
}

// Half away from zero; both are in steps of their inputs. Bounds of a table keep this far from
// overflow: 2^63 > 10^9 × 10^4 × 10^4.
std::optional<std::int64_t> ratio_of(const ScoreTable& table, const Facts& facts) {
    const auto& ratio = *table.ratio;
    const auto& numerator = facts.values[ratio.numerator];
    const auto& denominator = facts.values[ratio.denominator];
    if (!facts.ratio_possible || !numerator || !denominator || *numerator < 0 ||
        *denominator < ratio.denominator_min)
        return std::nullopt;
    __int128 above = *numerator;
    __int128 below = *denominator;
    int scale = table.inputs[ratio.numerator].exponent - table.inputs[ratio.denominator].exponent -
                ratio.exponent;
    for (; scale > 0; --scale) above *= 10;
    for (; scale < 0; ++scale) below *= 10;
    return static_cast<std::int64_t>((2 * above + below) / (2 * below));
}

// An optional input that nobody measured adds nothing; one that cannot be read may.
bool is_left_out(const ScoreTable& table, const Facts& facts, std::size_t input) {
    const bool is_open = input < facts.open.size() && facts.open[input];
    return table.inputs[input].optional && !facts.values[input] && !is_open;
}

void add_parameters(const ScoreTable& table, const Facts& facts, Tally& made) {
    made.parameters.resize(table.parameters.size());
    made.missed.resize(table.parameters.size());
    for (std::size_t i = 0; i < table.inputs.size(); ++i) {
        const auto& input = table.inputs[i];
        auto& span = made.parameters[input.parameter];
        const auto& points = made.inputs[i];
        if (is_left_out(table, facts, i)) continue;
        // Criteria of one parameter are alternatives: the worse counts.
        span.least = std::max(span.least, points.least);
        span.most = std::max(span.most, points.most);
    }
    for (std::size_t i = 0; i < table.inputs.size(); ++i) {
        const auto& input = table.inputs[i];
        const bool known = facts.values[i] && made.inputs[i].certain();
        const bool open = !made.parameters[input.parameter].certain();
        if (!known && !is_left_out(table, facts, i) && open) made.missed[input.parameter] = true;
    }
}

void add_bands(const ScoreTable& table, const Facts& facts, Tally& made) {
    if (made.least) made.band_least = band_of(table, *made.least, facts);
    if (made.most) made.band_most = band_of(table, *made.most, facts);
    if (!table.single) return;
    // Bands of several ages may share the key.
    const auto& key = table.bands[table.single->band].key;
    const auto named = std::ranges::find_if(table.bands, [&](const ScoreBand& band) {
        return band.key == key && is_of(band.age, facts) == Known::yes;
    });
    if (named == table.bands.end()) return;  // the age alone can leave it open
    const auto points = table.single->points;
    const auto band = static_cast<std::uint8_t>(named - table.bands.begin());
    for (const auto& span : made.parameters) {
        if (span.least >= points && made.band_least && *made.band_least < band) {
            made.band_least = band;
            made.single = true;
        }
        if (span.most >= points && made.band_most && *made.band_most < band) made.band_most = band;
    }
}

}  // namespace

PointsSpan points_of(const ScoreInput& input, std::int64_t value, const Facts& facts) {
    std::optional<PointsSpan> span;
    for (const auto& row : input.rows) {
        if (!matches(input, row, value)) continue;
        const auto known = applies(row.when, facts);
        if (known == Known::yes) return {row.points, row.points};
        if (known == Known::no) continue;
        if (!span) span = PointsSpan{row.points, row.points};
        span->least = std::min(span->least, row.points);
        span->most = std::max(span->most, row.points);
    }
    return span.value_or(PointsSpan{});
}

Tally tally(const ScoreTable& table, const Facts& facts) {
    Tally made;
    for (std::size_t i = 0; i < table.inputs.size(); ++i)
        made.inputs.push_back(facts.values[i] ? points_of(table.inputs[i], *facts.values[i], facts)
                                              : points_unknown(table.inputs[i], facts));
    add_parameters(table, facts, made);
    if (table.ratio) {
        made.least = made.most = ratio_of(table, facts);
        made.complete = made.least.has_value();
    } else {
        made.least = made.most = 0;
        for (const auto& span : made.parameters) {
            *made.least += span.least;
            *made.most += span.most;
        }
        made.complete = std::ranges::none_of(made.missed, [](bool missed) { return missed; });
    }
    add_bands(table, facts, made);
    return made;
}

}  // namespace vigil::monitor

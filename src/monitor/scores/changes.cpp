#include "monitor/scores/changes.hpp"

#include <algorithm>

namespace vigil::monitor {
namespace {

class Trial {
public:
    Trial(const ScoreTable& table, const ScoreResult& result, std::uint8_t input)
        : table_(table), now_(result.tally), facts_(result.facts), input_(input) {}

    // What the score would be; none where it stays as it is.
    std::optional<ScoreChange> at(std::int64_t value) {
        facts_.values[input_] = value;
        const auto then = tally(table_, facts_);
        const bool band = then.band_least != now_.band_least;
        if (!band && then.least == now_.least) return std::nullopt;
        return ScoreChange{.input = input_,
                           .value = value,
                           .least = then.least,
                           .most = then.most,
                           .band = then.band_least,
                           .changes_band = band};
    }

    // The first of these, in their order, that changes it, and the first that changes the band.
    void nearest(const std::vector<std::int64_t>& values, std::vector<ScoreChange>& out) {
        bool found = false;
        for (const auto value : values) {
            const auto change = at(value);
            if (!change || (found && !change->changes_band)) continue;
            out.push_back(*change);
            found = true;
            if (change->changes_band) return;
        }
    }

private:
    const ScoreTable& table_;
    const Tally& now_;
    Facts facts_;
    std::uint8_t input_;
};

// The first value of each range above, and the last of each below.
std::vector<std::int64_t> edges(const ScoreInput& input, std::int64_t now, bool up) {
    std::vector<std::int64_t> values;
    for (const auto& row : input.rows) {
        const auto& edge = up ? row.range.from : row.range.to;
        if (edge && (up ? *edge > now : *edge < now)) values.push_back(*edge);
    }
    std::ranges::sort(values);
    if (!up) std::ranges::reverse(values);
    return values;
}

// A ratio has no edges of its own; its inputs are tried step by step.
std::vector<std::int64_t> steps(std::int64_t now, bool up) {
    constexpr std::int64_t tried_max = 400;
    std::vector<std::int64_t> values;
    for (std::int64_t i = 1; i <= tried_max && (up || now - i >= 0); ++i)
        values.push_back(up ? now + i : now - i);
    return values;
}

}  // namespace

std::vector<ScoreChange> what_would_change(const ScoreTable& table, const ScoreResult& result) {
    std::vector<ScoreChange> all;
    if (!is_computed(result.applicability)) return all;
    for (std::size_t i = 0; i < table.inputs.size(); ++i) {
        const auto& input = table.inputs[i];
        const auto& now = result.facts.values[i];
        if (!now) continue;
        Trial trial(table, result, static_cast<std::uint8_t>(i));
        std::vector<ScoreChange> found;
        if (input.is_level) {
            for (std::size_t level = 0; level < input.levels.size(); ++level)
                if (const auto change = trial.at(static_cast<std::int64_t>(level)))
                    found.push_back(*change);
        } else if (table.ratio) {
            // Each step changes a ratio: what matters is the band.
            for (const bool up : {false, true})
                for (const auto value : steps(*now, up))
                    if (const auto change = trial.at(value); change && change->changes_band) {
                        found.push_back(*change);
                        break;
                    }
        } else {
            for (const bool up : {false, true}) trial.nearest(edges(input, *now, up), found);
        }
        std::ranges::sort(found, {}, &ScoreChange::value);
        all.insert(all.end(), found.begin(), found.end());
    }
    return all;
}

}  // namespace vigil::monitor

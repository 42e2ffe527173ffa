#include <algorithm>

#include "monitor/scores/score_table.hpp"

namespace vigil::monitor {
namespace {

tl::unexpected<Error> at_line(std::uint32_t line, std::string message) {
    return fail(Error::Kind::malformed, std::move(message),
                line == 0 ? "the whole file" : "line " + std::to_string(line));
}

// One way in which settings, levels and age can be: a table answers for each by itself.
struct Case {
    std::vector<std::uint8_t> settings, levels;
    Age age;
};

// The ages at which something changes, and the youngest of all.
std::vector<Age> ages_of(const ScoreTable& table) {
    std::vector<Age> ages{table.age.from.value_or(Age{})};
    const auto add = [&](const AgeRange& range) {
        if (range.from) ages.push_back(*range.from);
        if (range.before) ages.push_back(*range.before);
    };
    for (const auto& input : table.inputs)
        for (const auto& row : input.rows) add(row.when.age);
    for (const auto& band : table.bands) add(band.age);
    std::erase_if(ages, [&](const Age& age) {
        return age < ages[0] || (table.age.before && *table.age.before <= age);
    });
    std::ranges::sort(ages);
    const auto rest = std::ranges::unique(ages);
    ages.erase(rest.begin(), rest.end());
    return ages;
}

// A month has 28 to 31 days: which of "28d" and "1mo" is the older differs from child to child.
bool are_in_order(const std::vector<Age>& ages) {
    constexpr unsigned month_days_min = 28;
    for (const auto& in_days : ages)
        for (const auto& in_months : ages)
            if (in_months.months > 0 && in_days.days >= month_days_min * in_months.months)
                return false;
    return true;
}

bool holds(const AgeRange& range, const Age& age) {
    return (!range.from || *range.from <= age) && (!range.before || age < *range.before);
}

bool applies(const ScoreConditions& when, const Case& now) {
    return holds(when.age, now.age) &&
           std::ranges::all_of(when.settings,
                               [&](const auto& c) { return now.settings[c.setting] == c.value; }) &&
           std::ranges::all_of(when.levels,
                               [&](const auto& c) { return now.levels[c.input] == c.level; });
}

constexpr std::size_t cases_max = 4096;

// Counts through all values of what the rows of this input depend on; false after the last.
class Cases {
public:
    Cases(const ScoreTable& table, const ScoreInput& input, std::vector<Age> ages)
        : ages_(std::move(ages)) {
        now_.settings.resize(table.settings.size());
        now_.levels.resize(table.inputs.size());
        for (const auto& row : input.rows) {
            for (const auto& each : row.when.settings)
                use(now_.settings[each.setting], table.settings[each.setting].values.size());
            for (const auto& each : row.when.levels)
                use(now_.levels[each.input], table.inputs[each.input].levels.size());
        }
        now_.age = ages_[0];
    }
    // All of them, or some number above `cases_max`.
    std::size_t count() const {
        std::size_t all = ages_.size();
        for (const auto& wheel : wheels_) {
            if (all > cases_max) break;  // the product of all may not fit
            all *= wheel.count;
        }
        return all;
    }
    const Case& now() const { return now_; }
    bool next() {
        for (auto& wheel : wheels_) {
            if (++*wheel.place < wheel.count) return true;
            *wheel.place = 0;
        }
        if (++age_ == ages_.size()) return false;
        now_.age = ages_[age_];
        return true;
    }

private:
    struct Wheel {
        std::uint8_t* place;
        std::size_t count;
    };
    void use(std::uint8_t& place, std::size_t count) {
        if (std::ranges::find(wheels_, &place, &Wheel::place) == wheels_.end())
            wheels_.push_back({&place, count});
    }
    std::vector<Age> ages_;
    std::size_t age_ = 0;
    std::vector<Wheel> wheels_;
    Case now_;
};

// A range and where it stands.
struct Placed {
    StepRange range;
    std::uint32_t line;
};

// Each number lies in one range, from the least on; without an upper end only where `open` says so.
Result<void> check_cover(std::vector<Placed> ranges, std::uint32_t line, std::string_view what,
                         std::optional<std::int64_t> first, std::optional<std::int64_t> last) {
    std::ranges::sort(ranges, {},
                      [](const Placed& each) { return each.range.from.value_or(INT64_MIN); });
    if (ranges.empty()) return at_line(line, std::string(what) + " has no ranges");
    const auto& low = ranges.front();
    if (low.range.from && (!first || *first < *low.range.from))
        return at_line(low.line, std::string(what) + ": what lies below this range has none");
    for (std::size_t i = 1; i < ranges.size(); ++i) {
        const auto& below = ranges[i - 1];
        const auto& above = ranges[i];
        const bool overlap =
            !below.range.to || !above.range.from || *above.range.from <= *below.range.to;
        if (overlap || *above.range.from != *below.range.to + 1)
            return at_line(above.line, std::string(what) +
                                           (overlap ? ": this range overlaps with that of line "
                                                    : ": there is a gap after the range of line ") +
                                           std::to_string(below.line));
    }
    const auto& high = ranges.back();
    if (high.range.to && (!last || *high.range.to < *last))
        return at_line(high.line, std::string(what) + ": what lies above this range has none");
    return {};
}

Result<void> check_levels(const ScoreInput& input, const Case& now) {
    std::uint32_t seen = 0;
    for (const auto& row : input.rows) {
        if (!applies(row.when, now)) continue;
        if ((seen & row.levels) != 0)
            return at_line(row.line, input.key + ": a level has points twice");
        seen |= row.levels;
    }
    for (std::size_t level = 0; level < input.levels.size(); ++level)
        if ((seen >> level & 1U) == 0)
            return at_line(
                input.rows.empty() ? 0 : input.rows.back().line,
                input.key + ": the level '" + input.levels[level].key + "' has no points");
    return {};
}

Result<void> check_input(const ScoreTable& table, const ScoreInput& input,
                         const std::vector<Age>& ages) {
    if (input.is_level && input.levels.empty()) return at_line(0, input.key + " has no levels");
    if (input.sources.empty()) return at_line(0, input.key + " has no source");
    if (table.ratio)
        return input.rows.empty() ? Result<void>()
                                  : at_line(input.rows[0].line, "a ratio has no points");
    Cases cases(table, input, ages);
    if (cases.count() > cases_max) return at_line(0, input.key + " depends on too many things");
    do {
        if (input.is_level) {
            VIGIL_CHECK(check_levels(input, cases.now()));
            continue;
        }
        std::vector<Placed> ranges;
        for (const auto& row : input.rows)
            if (applies(row.when, cases.now())) ranges.push_back({row.range, row.line});
        VIGIL_CHECK(check_cover(std::move(ranges), input.rows.empty() ? 0 : input.rows.back().line,
                                input.key, std::nullopt, std::nullopt));
    } while (cases.next());
    return {};
}

// Numbers that tell a level tell one each.
Result<void> check_reads(const ScoreInput& input) {
    for (const auto& source : input.sources) {
        std::vector<Placed> ranges;
        std::optional<std::int8_t> exponent;
        for (const auto& each : input.reads) {
            if (each.metric != source.metric) continue;
            if (exponent && *exponent != each.exponent)
                return at_line(0, input.key + ": a metric is read at one step");
            exponent = each.exponent;
            ranges.push_back({each.range, 0});
        }
        if (!ranges.empty())
            VIGIL_CHECK(check_cover(std::move(ranges), 0, input.key + ", 'reads'", std::nullopt,
                                    std::nullopt));
    }
    return {};
}

// What others depend on must be known before them: its own points depend on no level.
Result<void> check_order(const ScoreTable& table) {
    for (const auto& input : table.inputs)
        for (const auto& row : input.rows)
            for (const auto& each : row.when.levels)
                for (const auto& deeper : table.inputs[each.input].rows)
                    if (!deeper.when.levels.empty())
                        return at_line(row.line,
                                       "depends on a level whose own points depend on another");
    return {};
}

Result<void> check_bands(const ScoreTable& table, const std::vector<Age>& ages) {
    std::int64_t most = 0;
    for (std::size_t i = 0; i < table.parameters.size(); ++i)
        most += table.points_max(static_cast<std::uint8_t>(i));
    for (const auto& age : ages) {
        std::vector<Placed> ranges;
        for (const auto& band : table.bands)
            if (band.range && holds(band.age, age)) ranges.push_back({*band.range, band.line});
        const auto line = table.bands.empty() ? 0 : table.bands.back().line;
        // Which of two is worse is told by their order alone.
        for (std::size_t i = 1; i < ranges.size(); ++i)
            if (ranges[i].range.from.value_or(INT64_MIN) <
                ranges[i - 1].range.from.value_or(INT64_MIN))
                return at_line(ranges[i].line, "the bands rise from top to bottom");
        if (table.single && std::ranges::none_of(table.bands, [&](const ScoreBand& band) {
                return band.key == table.bands[table.single->band].key && holds(band.age, age);
            }))
            return at_line(table.bands[table.single->band].line,
                           "the band of the line 'single' is not there for every age");
        if (table.ratio)
            VIGIL_CHECK(
                check_cover(std::move(ranges), line, "the bands", std::nullopt, std::nullopt));
        else
            VIGIL_CHECK(check_cover(std::move(ranges), line, "the bands", 0, most));
    }
    return {};
}

}  // namespace

Result<void> check_score_table(const ScoreTable& table) {
    if (table.key.empty()) return at_line(0, "a table begins with the line 'score'");
    if (table.name.empty() || table.citations.empty() || table.terms.empty())
        return at_line(0,
                       "a score says its name, its source (citation) and on what terms it is used");
    if (table.inputs.empty() || table.bands.empty())
        return at_line(0, "a score has inputs and bands");
    const auto ages = ages_of(table);
    if (!are_in_order(ages))
        return at_line(0, "an age in days and one in months that may be the younger or the older");
    VIGIL_CHECK(check_order(table));
    for (const auto& input : table.inputs) {
        VIGIL_CHECK(check_input(table, input, ages));
        VIGIL_CHECK(check_reads(input));
    }
    return check_bands(table, ages);
}

}  // namespace vigil::monitor

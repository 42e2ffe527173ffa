#pragma once
// A score as its table: what it takes in, from which metrics, the points of each range, and the
// bands of the total. Tables are data (data/scores/, or a site's own file of the same form, which
// docs/guides/early-warning.md describes); no score is code.
//
// Numbers are whole steps of their input's resolution: a temperature of 36.1 at a step of 0.1 is
// 361, so bounds are compared as integers and nothing is ever rounded by a binary float.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "metric/catalogue.hpp"
#include "monitor/scores/age.hpp"

namespace vigil::monitor {

// In steps, both inclusive; open where there is none.
struct StepRange {
    std::optional<std::int64_t> from, to;
    bool holds(std::int64_t steps) const {
        return (!from || *from <= steps) && (!to || steps <= *to);
    }
    bool operator==(const StepRange&) const = default;
};

// How the value of an input is made of a metric's readings (clinical_scores §10).
enum class Making : std::uint8_t {
    median,  // of the last 60 s; a source that sends each second needs 30 valid seconds
    last,    // the last valid reading
    window   // each of the last readings that are not too old: the worst counts
};

struct ScoreSource {
    MetricId metric;
    Making making = Making::last;
    Nanoseconds set_age_max{};         // in one bedside set, counted from the set's time
    Nanoseconds continuous_age_max{};  // in a score that is kept up to date
};

// By what the readings of a metric are judged, for all tables that make its values in one way.
struct FeedRule {
    std::int8_t exponent = 0;  // the finest step, in the metric's own unit, that a table reads
    Nanoseconds fresh{};       // a table may have counted a value that is older as too old
    Nanoseconds held{};        // none counts a value that is older
};

// A level a person or device tells: alert, voice, air.
struct ScoreLevel {
    std::string key;
    std::vector<std::string> words;  // codes and words that mean it, compared without case
};

// Where a number tells a level: an oxygen flow above 0 is "oxygen".
struct LevelOfNumber {
    MetricId metric;
    std::int8_t exponent = 0;  // the step is 10^exponent of the metric's unit
    StepRange range{};
    std::uint8_t level = 0;
};

// All must hold.
struct ScoreConditions {
    struct Setting {
        std::uint8_t setting, value;
    };
    struct Level {
        std::uint8_t input, level;
    };
    std::vector<Setting> settings;
    std::vector<Level> levels;
    AgeRange age;
};

struct PointsRow {
    StepRange range{};         // of a number
    std::uint32_t levels = 0;  // of a level: bit n for level n
    std::uint8_t points = 0;
    ScoreConditions when{};
    std::uint32_t line = 0;
};

struct ScoreInput {
    std::string key;
    bool is_level = false;
    UnitId unit;               // of a number
    std::int8_t exponent = 0;  // its step is 10^exponent; values are rounded to it half away from 0
    bool worst =
        false;  // of its sources the one with most points counts, not the first that is fresh
    bool optional = false;           // another way to meet its parameter's criterion: not missed
    std::uint8_t parameter = 0;      // what it gives points to
    std::vector<ScoreLevel> levels;  // from mild to bad
    std::vector<LevelOfNumber> reads;
    std::vector<ScoreSource> sources;  // in the order of preference
    std::vector<PointsRow> rows;
};

// A choice somebody makes for a patient (SpO2 scale 1 or 2); the first value holds unless chosen.
struct ScoreSetting {
    std::string key;
    std::vector<std::string> values;
};

// The total of a ratio score is one input over another.
struct ScoreRatio {
    std::uint8_t numerator = 0, denominator = 0;
    std::int8_t exponent = 0;          // of the result's step
    std::int64_t denominator_min = 0;  // in steps; below it nothing is computed
    Nanoseconds apart_max{};           // of the two inputs' times
};

struct ScoreBand {
    std::string key;                 // "low_medium": what the score's authors call for
    std::string risk;                // "low": what they call it; several bands may share it
    std::optional<StepRange> range;  // of the total; none: reached by a single parameter alone
    // Observations at least every so often: between the two; zero: continuous. None: not said.
    std::optional<Nanoseconds> every_min, every_max;
    AgeRange age;
    std::uint32_t line = 0;
};

struct ScoreTable {
    std::string key, version, name;
    std::uint64_t fingerprint = 0;  // of the text: a site may change a chart and not its version
    std::vector<std::string> citations;
    std::string terms;  // what the authors ask of those who use it
    AgeRange age;       // whom it is made for
    bool excludes_pregnancy = false;
    std::vector<ScoreSetting> settings;
    std::vector<std::string> parameters;  // what points are given for, in the order of the chart
    std::vector<ScoreInput> inputs;
    std::optional<ScoreRatio> ratio;  // none: the total is the sum of the points
    std::vector<ScoreBand> bands;     // rising
    struct Single {
        std::uint8_t points, band;
    };
    std::optional<Single> single;  // so many points in one parameter lead to that band at least

    std::int8_t total_exponent() const { return ratio ? ratio->exponent : std::int8_t{0}; }
    // The most points a parameter can have.
    std::uint8_t points_max(std::uint8_t parameter) const;
};

// What a file may hold at most.
struct ScoreTableLimits {
    static constexpr std::size_t bytes_max = std::size_t{64} << 10;
    static constexpr std::size_t lines_max = 2000;
    static constexpr std::size_t inputs_max = 32;
    static constexpr std::size_t levels_max = 16;
    static constexpr std::size_t sources_max = 16;
    static constexpr std::size_t rows_max = 512;  // of all inputs together
    static constexpr std::size_t bands_max = 32;
    static constexpr std::size_t settings_max = 4;
};

// Reads a table. An error names its line ("line 12"). A table that is read is whole: for every
// age, setting and level each value has points exactly once, and every total has a band.
Result<ScoreTable> parse_score_table(std::string_view text, const Catalogue& catalogue);

// The part of it that holds between lines; parse_score_table calls it.
Result<void> check_score_table(const ScoreTable& table);

}  // namespace vigil::monitor

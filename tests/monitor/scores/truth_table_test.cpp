// NEWS2 in all combinations of its bands, against a judge that shares nothing with the engine, and
// what must hold of any score.
// Compiled by itself: it calls its columns by the names of other tests' inputs.

#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <random>

#include "monitor/scores/tally.hpp"
#include "monitor/scores/ward.hpp"

namespace vigil::monitor {
namespace {

// One of each band; the chart's edges have a test of their own (charts_test.cpp).
constexpr std::array respiration{7, 10, 16, 22, 30};
constexpr std::array saturation{80, 85, 87, 90, 92, 93, 95, 96, 98};
constexpr std::array systolic{85, 95, 105, 150, 230};
constexpr std::array pulse{35, 45, 70, 100, 120, 150};
constexpr std::array temperature{340, 355, 370, 385, 400};

// Its points are sums of what is wrong, not ranges of a table.
struct Judge {
    int scale;
    bool oxygen;
    int points[7] = {};

    static int if_(bool holds, int points) { return holds ? points : 0; }
    void judge(int rr, int spo2, int sbp, int hr, int level, int t) {
        points[0] = rr < 12 ? 1 + if_(rr < 9, 2) : if_(rr > 20, 2) + if_(rr > 24, 1);
        if (scale == 1)
            points[1] = if_(spo2 < 96, 1) + if_(spo2 < 94, 1) + if_(spo2 < 92, 1);
        else if (spo2 < 93)
            points[1] = if_(spo2 < 88, 1) + if_(spo2 < 86, 1) + if_(spo2 < 84, 1);
        else
            points[1] = oxygen ? 1 + if_(spo2 > 94, 1) + if_(spo2 > 96, 1) : 0;
        points[2] = oxygen ? 2 : 0;
        points[3] = sbp > 219 ? 3 : if_(sbp < 111, 1) + if_(sbp < 101, 1) + if_(sbp < 91, 1);
        points[4] =
            hr < 51 ? 1 + if_(hr < 41, 2) : if_(hr > 90, 1) + if_(hr > 110, 1) + if_(hr > 130, 1);
        points[5] = level == 0 ? 0 : 3;
        points[6] = t < 361 ? 1 + if_(t < 351, 2) : if_(t > 380, 1) + if_(t > 390, 1);
    }
    int total() const { return std::accumulate(std::begin(points), std::end(points), 0); }
    const char* band() const {
        if (total() > 6) return "high";
        if (total() > 4) return "medium";
        for (const int each : points)
            if (each == 3) return "low_medium";
        return total() == 0 ? "low_0" : "low";
    }
};

TEST(TruthTable, news2_in_all_combinations_of_its_bands) {
    const auto& table = table_of("news2");
    Facts facts{.birth = adult().birth, .at = noon, .settings = {0}, .values = {}};
    facts.values.resize(7);
    std::size_t rows = 0;
    for (const int scale : {1, 2})
        for (const int oxygen : {0, 1})
            for (const int rr : respiration)
                for (const int spo2 : saturation)
                    for (const int sbp : systolic)
                        for (const int hr : pulse)
                            for (const int level : {0, 1, 2, 3, 4})
                                for (const int t : temperature) {
                                    facts.settings[0] = static_cast<std::uint8_t>(scale - 1);
                                    facts.values = {rr, spo2, oxygen, sbp, hr, level, t};
                                    Judge judge{scale, oxygen == 1};
                                    judge.judge(rr, spo2, sbp, hr, level, t);
                                    const auto made = tally(table, facts);
                                    ASSERT_TRUE(made.complete);
                                    for (std::size_t i = 0; i < 7; ++i)
                                        ASSERT_EQ(made.inputs[i].least, judge.points[i])
                                            << table.inputs[i].key;
                                    ASSERT_EQ(made.least, judge.total());
                                    ASSERT_EQ(table.bands[*made.band_least].key, judge.band());
                                    ++rows;
                                }
    EXPECT_EQ(rows, 2U * 2 * 5 * 9 * 5 * 6 * 5 * 5);
}

// Any score, any values: what is known bounds what will be known.
class Any {
public:
    explicit Any(const ScoreTable& table) : table_(table) {}

    Facts facts() {
        Facts made{.birth = BirthDate{static_cast<std::int16_t>(pick(1930, 2025)), 6, 15},
                   .at = noon};
        for (const auto& setting : table_.settings)
            made.settings.push_back(
                static_cast<std::uint8_t>(pick(0, static_cast<int>(setting.values.size()) - 1)));
        for (const auto& input : table_.inputs) made.values.emplace_back(value(input));
        return made;
    }
    std::int64_t value(const ScoreInput& input) {
        if (input.is_level) return pick(0, static_cast<int>(input.levels.size()) - 1);
        int scale = 1;
        for (int i = input.exponent; i < 0; ++i) scale *= 10;
        return pick(0, 250) * scale + pick(0, scale - 1);
    }
    int pick(int least, int most) { return std::uniform_int_distribution(least, most)(random_); }

private:
    const ScoreTable& table_;
    std::mt19937 random_{20260301};
};

TEST(TruthTable, what_is_missing_leaves_bounds_that_hold_whatever_it_turns_out_to_be) {
    for (const auto& table : built_in().tables()) {
        if (table.ratio) continue;
        Any any(table);
        for (int i = 0; i < 3000; ++i) {
            const auto whole = any.facts();
            const auto all = tally(table, whole);
            auto some = whole;
            bool required_missing = false;
            for (std::size_t input = 0; input < table.inputs.size(); ++input)
                if (any.pick(0, 2) == 0) {
                    some.values[input].reset();
                    required_missing |= !table.inputs[input].optional;
                }
            const auto part = tally(table, some);
            EXPECT_LE(*part.least, *all.least);
            if (part.complete) {
                EXPECT_EQ(*part.least, *part.most);
            } else {
                EXPECT_TRUE(required_missing);
            }
            // An optional criterion that is not known may add points: the upper bound is of what
            // the score needs.
            for (std::size_t input = 0; input < table.inputs.size(); ++input)
                if (table.inputs[input].optional) some.values[input] = whole.values[input];
            EXPECT_GE(*tally(table, some).most, *all.least) << table.key;
            if (part.band_least && all.band_least) EXPECT_LE(*part.band_least, *all.band_least);
        }
    }
}

TEST(TruthTable, a_value_further_from_normal_never_has_fewer_points) {
    // Where a chart falls to 0 and rises again, it does so once.
    for (const auto& table : built_in().tables())
        for (const auto& input : table.inputs) {
            if (input.is_level || table.ratio) continue;
            Any any(table);
            for (int i = 0; i < 50; ++i) {
                auto facts = any.facts();
                bool rising = false;
                int before = 99;
                for (std::int64_t value = 0; value <= 500; ++value) {
                    const int points = monitor::points_of(input, value, facts).least;
                    if (points > before) rising = true;
                    if (rising)
                        EXPECT_GE(points, before) << table.key << " " << input.key << " " << value;
                    before = points;
                }
            }
        }
}

TEST(TruthTable, readings_of_one_time_count_the_same_in_any_order) {
    const News2Set set{"22", "94", "oxygen", "105", "91", "V", "38.4"};
    auto given = set.measurements();
    given.push_back(number("temp_core", "38.6"));
    given.push_back(number("abp_sys", "99"));
    given.push_back(number("resp_rate_co2", "25"));
    const auto first = set_of("news2", given, adult());
    std::mt19937 random(7);
    for (int i = 0; i < 200; ++i) {
        std::shuffle(given.begin(), given.end(), random);
        EXPECT_EQ(set_of("news2", given, adult()), first);
    }
}

}  // namespace
}  // namespace vigil::monitor

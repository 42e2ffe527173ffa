#include "monitor/scores/score_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "monitor/scores/ward.hpp"

namespace vigil::monitor {
namespace {

using testing::HasSubstr;

std::string file(const std::filesystem::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(ScoreTable, every_table_that_is_shipped_is_whole) {
    const Catalogue all;
    std::size_t count = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(VIGIL_TESTS_DIR "/../data/scores")) {
        const auto text = file(entry.path());
        const auto name = entry.path().filename();
        if (name == "words.tsv" || name == "codes.tsv") continue;
        const auto table = parse_score_table(text, all);
        ASSERT_TRUE(table) << entry.path() << ": " << table.error().place << ": "
                           << table.error().message;
        ++count;
    }
    EXPECT_EQ(count, built_in().tables().size());
}

// A small chart, to be spoilt.
const std::string chart =
    "score\tchart\t1\tsum\n"                                  // 1
    "name\tA chart\n"                                         // 2
    "citation\tNobody\n"                                      // 3
    "terms\tFree\n"                                           // 4
    "age\t0d\t16y\n"                                          // 5
    "setting\tscale\ta|b\n"                                   // 6
    "input\toxygen\tlevel\t\t\tworst\n"                       // 7
    "level\toxygen\tair\tAir\n"                               // 8
    "level\toxygen\tgiven\tOxygen|O2\n"                       // 9
    "source\toxygen\toxygen_flow\tlast\t15m\t1h\n"            // 10
    "reads\toxygen\toxygen_flow\t0.1\t..0\tair\n"             // 11
    "reads\toxygen\toxygen_flow\t0.1\t0.1..\tgiven\n"         // 12
    "points\toxygen\tair\t0\n"                                // 13
    "points\toxygen\tgiven\t2\n"                              // 14
    "input\trate\tnumber\t/min\t1\n"                          // 15
    "source\trate\tresp_rate\tmedian\t15m\t5m\n"              // 16
    "points\trate\t..29\t1\tage<3mo\n"                        // 17
    "points\trate\t30..\t0\tage<3mo\n"                        // 18
    "points\trate\t..19\t3\tage>=3mo scale=a\n"               // 19
    "points\trate\t20..\t0\tage>=3mo scale=a\n"               // 20
    "points\trate\t..24\t3\tage>=3mo scale=b oxygen=air\n"    // 21
    "points\trate\t25..\t0\tage>=3mo scale=b oxygen=air\n"    // 22
    "points\trate\t..-1\t4\tage>=3mo scale=b oxygen=given\n"  // 23
    "points\trate\t0..\t4\tage>=3mo scale=b oxygen=given\n"   // 24
    "band\tlow\tlow\t0..2\t4h..6h\n"                          // 25
    "band\thigh\thigh\t3..\tcontinuous\n"                     // 25
    "single\t3\thigh\n";                                      // 26

std::string with(std::string_view from, std::string_view to) {
    auto text = chart;
    const auto place = text.find(from);
    if (place == std::string::npos) throw std::invalid_argument(std::string(from));
    return text.replace(place, from.size(), to);
}

TEST(ScoreTable, a_chart_of_a_site_is_read) {
    const auto table = parse_score_table(chart, catalogue());
    ASSERT_TRUE(table) << table.error().place << ": " << table.error().message;
    EXPECT_EQ(table->parameters, (std::vector<std::string>{"oxygen", "rate"}));
    EXPECT_EQ(table->points_max(1), 4);
    EXPECT_EQ(table->bands[0].every_max, std::chrono::hours(6));
    EXPECT_EQ(table->bands[1].every_max, Nanoseconds::zero());
    // As editors on other systems save it.
    std::string crlf;
    for (const char c : chart) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
    EXPECT_TRUE(parse_score_table(crlf, catalogue()));
}

struct Spoilt {
    const char* from;
    const char* to;
    const char* place;
    const char* says;
};

TEST(ScoreTable, what_is_wrong_is_told_with_its_line) {
    for (const auto& each : std::vector<Spoilt>{
             {"score\tchart\t1\tsum\n", "", "line 1", "first line"},
             {"name\tA chart", "name\t", "line 2", "text"},
             {"name\tA chart\n", "", "the whole file", "name"},
             {"score\tchart", "score\tA Chart", "line 1", "key"},
             {"\tsum", "\tproduct", "line 1", "'sum' or a 'ratio'"},
             {"0d\t16y", "16y\t3mo", "line 5", "younger"},
             {"0d\t16y", "0d\t16 years", "line 5", "16y, 3mo, 28d"},
             {"setting\tscale\ta|b", "setting\tscale\ta|a", "line 6", "values"},
             {"input\toxygen", "entry\toxygen", "line 7", "'entry'"},
             {"level\t\t\tworst", "level\t%\t\tworst", "line 7", "no unit"},
             {"\tworst", "\tbest", "line 7", "worst"},
             {"Oxygen|O2", "Air|O2", "line 9", "another level"},
             {"oxygen_flow\tlast", "oxygen_flows\tlast", "line 10", "no metric"},
             {"last\t15m\t1h", "newest\t15m\t1h", "line 10", "median"},
             {"last\t15m\t1h", "last\t15m\t9d", "line 10", "7d at most"},
             {"\t0.1\t..0\tair", "\t0.1\t..0.05\tair", "line 11", "steps"},
             {"\t0.1\t0.1..\tgiven", "\t0.1\t0.2..\tgiven", "the whole file", "gap"},
             {"points\toxygen\tgiven\t2\n", "", "line 13", "'given' has no points"},
             {"given\t2\n", "air|given\t2\n", "line 14", "twice"},
             {"number\t/min", "number\t/fortnight", "line 15", "unit"},
             {"number\t/min", "number\tCel", "line 16", "quantity"},
             {"/min\t1\n", "/min\t0.5\n", "line 15", "step"},
             {"..29\t1", "..28\t1", "line 18", "gap"},
             {"..29\t1", "..30\t1", "line 18", "overlap"},
             {"30..\t0\tage<3mo", "30..\t0\tage<90d", "the whole file", "younger or the older"},
             {"..19\t3", "9..19\t3", "line 19", "below"},
             {"20..\t0", "20..40\t0", "line 20", "above"},
             {"..19\t3", "19..9\t3", "line 19", "smaller"},
             {"..19\t3", "..19\tthree", "line 19", "points"},
             {"..19\t3", "..19\t21", "line 19", "points"},
             {"scale=b oxygen=air", "scale=c oxygen=air", "line 21", "no such value"},
             {"scale=b oxygen=air", "scale=b oxygen=water", "line 21", "no such level"},
             {"scale=b oxygen=air", "scale=b weather=fair", "line 21", "condition"},
             {"0..2\t4h..6h", "0..2\t6h..4h", "line 25", "shorter"},
             {"0..2\t4h..6h", "0..1\t4h..6h", "line 26", "gap"},
             {"high\t3..\t", "high\t3..5\t", "line 26", "above"},
             {"Oxygen|O2", "AIR|O2", "line 9", "another level"},
             {"air\tAir\n", "air\tAir|Given\n", "line 9", "another level"},
             {"low\tlow\t0..2\t4h..6h\nband\thigh\thigh\t3..",
              "low\tlow\t3..\t4h..6h\nband\thigh\thigh\t0..2", "line 26", "rise"},
             {"single\t3\thigh", "single\t3\thighest", "line 27", "band"},
             {"single\t3\thigh\n", "single\t3\thigh\t4\n", "line 27", "columns"},
         }) {
        const auto table = parse_score_table(with(each.from, each.to), catalogue());
        ASSERT_FALSE(table) << each.to;
        EXPECT_EQ(table.error().kind, Error::Kind::malformed);
        EXPECT_EQ(table.error().place, each.place) << each.to << ": " << table.error().message;
        EXPECT_THAT(table.error().message, HasSubstr(each.says)) << each.to;
    }
}

TEST(ScoreTable, points_that_depend_on_more_than_can_be_tried_are_refused) {
    // 16 levels each: of 16 inputs the product is 2^64.
    std::string text = chart.substr(0, chart.find("age\t"));
    std::string when;
    for (int i = 0; i < 16; ++i) {
        const auto key = "i" + std::to_string(i);
        text += "input\t" + key + "\tlevel\nsource\t" + key + "\tavpu\tlast\t15m\t4h\n";
        std::string all;
        for (int n = 0; n < 16; ++n) {
            text += "level\t" + key + "\tl" + std::to_string(n) + "\n";
            all += (n == 0 ? "l" : "|l") + std::to_string(n);
        }
        text += "points\t" + key + "\t" + all + "\t0\n";
        when += (i == 0 ? "" : " ") + key + "=l0";
    }
    text +=
        "input\trate\tnumber\t/min\t1\nsource\trate\tresp_rate\tmedian\t15m\t5m\n"
        "points\trate\t0..\t1\t" +
        when + "\nband\tlow\tlow\t0..1\n";
    const auto table = parse_score_table(text, catalogue());
    ASSERT_FALSE(table);
    EXPECT_THAT(table.error().message, HasSubstr("too many things"));
}

TEST(ScoreTable, the_band_of_a_single_parameter_is_that_of_the_age) {
    const auto aged = [](std::string_view high) {
        auto text = chart.substr(0, chart.find("band\t"));
        text +=
            "band\tlow\tlow\t0..2\t\tage<3mo\nband\thigh\thigh\t3..\t\tage<3mo\n"
            "band\tlow\tlow\t0..2\t\tage>=3mo\nband\t" +
            std::string(high) + "\thigh\t3..\t\tage>=3mo\nsingle\t2\thigh\n";
        return text;
    };
    const auto table = parse_score_table(aged("high"), catalogue());
    ASSERT_TRUE(table) << table.error().message;
    const auto result = evaluate(*table, catalogue(),
                                 std::vector{number("resp_rate", "25"), number("oxygen_flow", "2")},
                                 born(2024), noon, Occasion::bedside_set);
    EXPECT_EQ(result.total(), 2);
    EXPECT_EQ(result.tally.band_least, 3) << "the one from 3 months on";
    EXPECT_THAT(parse_score_table(aged("raised"), catalogue()).error().message,
                HasSubstr("every age"));
}

TEST(ScoreTable, a_file_that_is_too_large_is_refused) {
    std::string many = chart.substr(0, chart.find("age\t"));
    for (int i = 0; i < 2001; ++i) many += "# and so on\n";
    EXPECT_EQ(parse_score_table(many, catalogue()).error().kind, Error::Kind::too_large);
    EXPECT_EQ(parse_score_table(std::string(70'000, '#'), catalogue()).error().kind,
              Error::Kind::too_large);
    std::string inputs = chart.substr(0, chart.find("age\t"));
    for (int i = 0; i < 33; ++i) inputs += "input\ti" + std::to_string(i) + "\tnumber\t/min\t1\n";
    EXPECT_FALSE(parse_score_table(inputs, catalogue()));
}

TEST(ScoreSet, a_variant_has_a_key_of_its_own_and_is_computed_beside_the_others) {
    ScoreSet set(catalogue());
    const auto before = set.tables().size();
    ASSERT_TRUE(set.add(chart));
    EXPECT_EQ(set.tables().size(), before + 1);
    ASSERT_NE(set.find("chart"), nullptr);
    const auto again = set.add(chart);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, Error::Kind::conflict);
    ASSERT_FALSE(set.add(file(VIGIL_TESTS_DIR "/../data/scores/news2.tsv")));
    // A child of 2 months, and one of 2 years: the same breaths count differently.
    const auto points = [&](PatientFacts child) {
        return evaluate(*set.find("chart"), catalogue(),
                        std::vector{number("resp_rate", "25"), number("oxygen_flow", "2")}, child,
                        noon, Occasion::bedside_set)
            .total();
    };
    EXPECT_EQ(points(born(2026, 1, 15)), 2 + 1);
    EXPECT_EQ(points(born(2024)), 2 + 0);
}

}  // namespace
}  // namespace vigil::monitor

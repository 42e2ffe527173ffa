// Every value of every chart, against the charts written down a second time: as steps at which the
// points change. In between, values finer than the chart are rounded half away from zero.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "monitor/scores/ward.hpp"

namespace vigil::monitor {
namespace {

// The points change by so much from this value (in steps) on.
using Changes = std::vector<std::pair<std::int64_t, int>>;

int points_at(int start, const Changes& changes, std::int64_t steps) {
    for (const auto& [from, by] : changes)
        if (steps >= from) start += by;
    return start;
}

struct Sweep {
    const char* score;
    const char* input;
    const char* metric;
    std::int8_t exponent;
    std::int64_t first, last;  // in steps; the plausible values
    int start;                 // points of the least value
    Changes changes;
    bool scale_2 = false;
    const char* oxygen = "air";
};

std::size_t input_of(const ScoreTable& table, std::string_view key) {
    for (std::size_t i = 0; i < table.inputs.size(); ++i)
        if (table.inputs[i].key == key) return i;
    throw std::out_of_range(std::string(key));
}

const std::vector<Sweep> sweeps{
    {"news2", "respiration_rate", "resp_rate", 0, 0, 200, 3, {{9, -2}, {12, -1}, {21, 2}, {25, 1}}},
    {"news2", "spo2", "spo2", 0, 0, 100, 3, {{92, -1}, {94, -1}, {96, -1}}},
    {"news2", "spo2", "spo2", 0, 0, 100, 3, {{84, -1}, {86, -1}, {88, -1}}, true},
    {"news2",
     "spo2",
     "spo2",
     0,
     0,
     100,
     3,
     {{84, -1}, {86, -1}, {88, -1}, {93, 1}, {95, 1}, {97, 1}},
     true,
     "oxygen"},
    {"news2", "spo2", "spo2", 0, 0, 100, 3, {{92, -1}, {94, -1}, {96, -1}}, false, "oxygen"},
    {"news2",
     "systolic_blood_pressure",
     "nibp_sys",
     0,
     20,
     300,
     3,
     {{91, -1}, {101, -1}, {111, -1}, {220, 3}}},
    {"news2",
     "pulse",
     "heart_rate",
     0,
     10,
     350,
     3,
     {{41, -2}, {51, -1}, {91, 1}, {111, 1}, {131, 1}}},
    {"news2",
     "temperature",
     "temp_body",
     -1,
     200,
     450,
     3,
     {{351, -2}, {361, -1}, {381, 1}, {391, 1}}},
    {"mews",
     "systolic_blood_pressure",
     "nibp_sys",
     0,
     20,
     300,
     3,
     {{71, -1}, {81, -1}, {101, -1}, {200, 2}}},
    {"mews",
     "heart_rate",
     "heart_rate",
     0,
     10,
     350,
     2,
     {{41, -1}, {51, -1}, {101, 1}, {111, 1}, {130, 1}}},
    {"mews", "respiratory_rate", "resp_rate", 0, 0, 200, 2, {{9, -2}, {15, 1}, {21, 1}, {30, 1}}},
    {"mews", "temperature", "temp_body", -1, 200, 450, 2, {{350, -2}, {385, 2}}},
    {"qsofa", "respiratory_rate", "resp_rate", 0, 0, 200, 0, {{22, 1}}},
    {"qsofa", "glasgow_coma_scale", "gcs_total", 0, 3, 15, 1, {{15, -1}}},
    {"qsofa", "systolic_blood_pressure", "nibp_sys", 0, 20, 300, 1, {{101, -1}}},
    {"sirs", "temperature", "temp_body", -1, 200, 450, 1, {{360, -1}, {381, 1}}},
    {"sirs", "heart_rate", "heart_rate", 0, 10, 350, 0, {{91, 1}}},
    {"sirs", "respiratory_rate", "resp_rate", 0, 0, 200, 0, {{21, 1}}},
    {"sirs", "paco2", "paco2", -1, 50, 1000, 1, {{320, -1}}},
    {"sirs", "white_cells", "wbc", -2, 0, 3000, 1, {{400, -1}, {1201, 1}}},
    {"sirs", "immature_white_cells", "wbc_immature", -1, 0, 1000, 0, {{101, 1}}},
};

TEST(Charts, every_value_has_the_points_that_the_chart_prints) {
    for (const auto& sweep : sweeps) {
        const auto& table = table_of(sweep.score);
        const auto input = input_of(table, sweep.input);
        for (auto steps = sweep.first; steps <= sweep.last; ++steps) {
            // Fifths of a step on both sides: 4/10 stays, 5/10 goes away from zero.
            for (const std::int64_t tenths : {-5, -4, 0, 4}) {
                const Decimal value{steps * 10 + tenths,
                                    static_cast<std::int8_t>(sweep.exponent - 1)};
                if (steps == sweep.first && tenths < 0) continue;
                if (steps == sweep.last && tenths > 0) continue;
                std::vector<Measurement> given{{.metric = metric(sweep.metric),
                                                .value = Measurement::Number{value, {}},
                                                .time = noon},
                                               word("oxygen_therapy", sweep.oxygen)};
                const auto result =
                    evaluate(table, catalogue(), given, sweep.scale_2 ? on_scale_2() : adult(),
                             noon, Occasion::bedside_set);
                ASSERT_EQ(result.tally.inputs[input].least,
                          points_at(sweep.start, sweep.changes, steps))
                    << sweep.score << " " << sweep.input << " " << to_string(value);
                ASSERT_TRUE(result.tally.inputs[input].certain());
                ASSERT_EQ(result.inputs[input].value, steps);
            }
        }
    }
}

TEST(Charts, every_number_of_a_chart_is_swept) {
    for (const auto& table : built_in().tables())
        for (const auto& input : table.inputs) {
            if (input.is_level || table.ratio || table.key == "brighton_pews") continue;
            const bool swept = std::ranges::any_of(sweeps, [&](const Sweep& sweep) {
                return sweep.score == table.key && sweep.input == input.key;
            });
            EXPECT_TRUE(swept) << table.key << " " << input.key;
        }
}

TEST(Charts, consciousness_counts_by_its_letter_word_or_code) {
    const auto points = [](const char* score, const char* said) {
        const auto& table = table_of(score);
        const auto result = set_of(score, {word("avpu", said)}, adult());
        const auto& input = result.inputs[input_of(table, "consciousness")];
        return is_used(input.state)
                   ? int(result.tally.inputs[input_of(table, "consciousness")].least)
                   : -1;
    };
    for (const auto& [said, news2, mews] : std::vector<std::tuple<const char*, int, int>>{
             {"A", 0, 0},          {"alert", 0, 0},        {"LA9340-6", 0, 0},
             {"248234008", 0, 0},  {"C", 3, -1},           {"New confusion", 3, -1},
             {"130987000", 3, -1}, {"LA6560-2", 3, -1},    {"V", 3, 1},
             {"VERBAL", 3, 1},     {"300202002", 3, 1},    {"LA17108-4", 3, 1},
             {"P", 3, 2},          {"450847001", 3, 2},    {"LA17107-6", 3, 2},
             {"U", 3, 3},          {"unresponsive", 3, 3}, {"422768004", 3, 3},
             {"LA9343-0", 3, 3},   {"sleepy", -1, -1},     {"", -1, -1}}) {
        EXPECT_EQ(points("news2", said), news2) << said;
        EXPECT_EQ(points("mews", said), mews) << said;
    }
}

TEST(Charts, oxygen_is_what_is_entered_or_flows_or_is_above_21_percent_and_the_worst_of_these) {
    const auto points = [](std::vector<Measurement> given) {
        const auto result = set_of("news2", given, adult());
        return is_used(result.inputs[2].state) ? int(result.tally.inputs[2].least) : -1;
    };
    EXPECT_EQ(points({word("oxygen_therapy", "Air")}), 0);
    EXPECT_EQ(points({word("oxygen_therapy", "722742002")}), 0);
    EXPECT_EQ(points({word("oxygen_therapy", "O2")}), 2);
    EXPECT_EQ(points({number("oxygen_flow", "0")}), 0);
    EXPECT_EQ(points({number("oxygen_flow", "0.1")}), 2);
    EXPECT_EQ(points({number("oxygen_flow", "250", noon, "mL/min")}), 2);
    EXPECT_EQ(points({number("fio2", "21")}), 0);
    EXPECT_EQ(points({number("fio2", "21.4")}), 0);
    EXPECT_EQ(points({number("fio2", "22")}), 2);
    EXPECT_EQ(points({number("fio2", "0.35", noon, "1")}), 2);
    EXPECT_EQ(points({word("oxygen_therapy", "air"), number("oxygen_flow", "2")}), 2);
    EXPECT_EQ(points({word("oxygen_therapy", "oxygen"), number("oxygen_flow", "0")}), 2);
    EXPECT_EQ(points({word("oxygen_therapy", "helium")}), -1);
}

TEST(Charts, brighton_pews_grades_and_capillary_refill) {
    const auto total = [](std::vector<Measurement> given) {
        const auto result = set_of("brighton_pews", given, born(2020));
        return std::pair(result.total().value_or(-1), risk_of(table_of("brighton_pews"), result));
    };
    const auto grades = [](const char* behaviour, const char* circulation, const char* breathing,
                           const char* more) {
        return std::vector{word("pews_behaviour", behaviour),
                           word("pews_cardiovascular", circulation),
                           word("pews_respiratory", breathing), word("pews_additional", more)};
    };
    using Answer = std::pair<std::int64_t, std::string>;
    for (int a = 0; a <= 3; ++a)
        for (int b = 0; b <= 3; ++b)
            for (int c = 0; c <= 3; ++c)
                for (const char* more : {"None", "Nebulisers", "Vomiting"}) {
                    const int sum = a + b + c + (std::string_view(more) == "None" ? 0 : 2);
                    const char* risk = sum >= 5 || std::max({a, b, c}) == 3 ? "high"
                                       : sum >= 3                           ? "medium"
                                                                            : "low";
                    EXPECT_EQ(total(grades(std::to_string(a).c_str(), std::to_string(b).c_str(),
                                           std::to_string(c).c_str(), more)),
                              Answer(sum, risk));
                }
    // The refill is another way to the grade of circulation: the worse counts.
    for (const auto& [seconds, points] : std::vector<std::pair<const char*, int>>{
             {"1", 0}, {"2", 0}, {"2.4", 0}, {"2.5", 1}, {"3", 1}, {"4", 2}, {"5", 3}, {"8", 3}}) {
        auto given = grades("0", "1", "0", "None");
        given.push_back(number("capillary_refill", seconds));
        EXPECT_EQ(total(given).first, std::max(points, 1)) << seconds;
    }
    // A monitor that sends the grade as a number.
    auto given = grades("0", "0", "0", "None");
    given[0] = number("pews_behaviour", "2");
    EXPECT_EQ(total(given).first, 2);
}

struct IndexBounds {
    const char* score;
    const char* pressure;
    PatientFacts patient;
    std::function<std::string(std::int64_t)> band;  // of the index in hundredths
};

TEST(Charts, indices_are_exact_to_the_hundredth_and_have_the_band_of_the_age) {
    const auto sipa = [](std::int64_t above) {
        return [above](std::int64_t index) {
            return index > above ? "raised_for_age" : "usual_for_age";
        };
    };
    const auto grown = [](std::int64_t index) {
        return index > 100   ? "raised"
               : index >= 90 ? "alert"
               : index > 70  ? "above_usual"
                             : "usual";
    };
    const auto modified = [](std::int64_t index) {
        return index >= 130 ? "raised" : index >= 70 ? "usual" : "below_usual";
    };
    for (const auto& each : std::vector<IndexBounds>{
             {"shock_index", "nibp_sys", adult(), grown},
             {"shock_index", "nibp_sys", born(2009, 3, 1), grown},      // 17 today
             {"shock_index", "nibp_sys", born(2009, 3, 2), sipa(90)},   // 16
             {"shock_index", "nibp_sys", born(2013, 3, 1), sipa(90)},   // 13 today
             {"shock_index", "nibp_sys", born(2013, 3, 2), sipa(100)},  // 12
             {"shock_index", "nibp_sys", born(2019, 3, 1), sipa(100)},  // 7 today
             {"shock_index", "nibp_sys", born(2019, 3, 2), sipa(122)},  // 6
             {"shock_index", "nibp_sys", born(2022, 3, 1), sipa(122)},  // 4 today
             {"modified_shock_index", "nibp_mean", adult(), modified}}) {
        for (std::int64_t rate = 40; rate <= 200; rate += 3)
            for (std::int64_t pressure = 20; pressure <= 200; ++pressure) {
                const auto result = set_of(each.score,
                                           {number("heart_rate", std::to_string(rate)),
                                            number(each.pressure, std::to_string(pressure))},
                                           each.patient);
                const auto expected = (rate * 1000 / pressure + 5) / 10;
                ASSERT_EQ(result.total(), expected) << rate << "/" << pressure;
                ASSERT_EQ(band_of(table_of(each.score), result), each.band(expected))
                    << rate << "/" << pressure;
            }
    }
}

TEST(Charts, an_index_needs_both_of_one_time_and_a_pressure_to_divide_by) {
    const auto state = [](std::vector<Measurement> given, std::size_t input) {
        const auto result = set_of("shock_index", given, adult());
        EXPECT_FALSE(result.complete());
        EXPECT_EQ(result.tally.least, std::nullopt);
        EXPECT_EQ(result.tally.band_least, std::nullopt);
        return result.inputs[input].state;
    };
    using std::chrono::seconds;
    EXPECT_EQ(state({number("heart_rate", "80"), number("abp_sys", "19")}, 1),
              InputState::implausible);
    EXPECT_EQ(state({number("heart_rate", "80"), number("abp_sys", "0")}, 1),
              InputState::implausible);
    EXPECT_EQ(state({number("heart_rate", "80")}, 1), InputState::missing);
    EXPECT_EQ(state({number("heart_rate", "80"), number("nibp_sys", "120", noon - seconds(31))}, 1),
              InputState::apart);
    EXPECT_TRUE(set_of("shock_index",
                       {number("heart_rate", "80"), number("nibp_sys", "120", noon - seconds(30))},
                       adult())
                    .complete());
}

}  // namespace
}  // namespace vigil::monitor

// Compiled by itself: others have an `at` of their own.
#include "monitor/scores/score_result.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "monitor/scores/changes.hpp"
#include "monitor/scores/trend.hpp"
#include "monitor/scores/ward.hpp"

namespace vigil::monitor {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const News2Set usual{"16", "97", "air", "122", "78", "A", "36.8"};

TEST(ScoreResult, units_are_those_that_were_sent_and_exact_at_the_bounds) {
    const auto points = [](std::string_view score, const Measurement& measurement,
                           std::size_t input) {
        const auto result = set_of(score, {measurement}, adult());
        return is_used(result.inputs[input].state) ? int(result.tally.inputs[input].least) : -1;
    };
    // 95.0 °F is 35.0 °C (3 points), 95.1 °F 35.06 °C, which the chart reads as 35.1.
    EXPECT_EQ(points("news2", number("temp_body", "95.0", noon, "[degF]"), 6), 3);
    EXPECT_EQ(points("news2", number("temp_body", "95.1", noon, "[degF]"), 6), 1);
    EXPECT_EQ(points("news2", number("temp_body", "102.2", noon, "[degF]"), 6), 1);  // 39.0
    EXPECT_EQ(points("news2", number("temp_body", "102.4", noon, "[degF]"), 6), 2);  // 39.1
    EXPECT_EQ(points("news2", number("temp_body", "308.2", noon, "K"), 6), 1);       // 35.05: 35.1
    EXPECT_EQ(points("news2", number("temp_body", "308.19", noon, "K"), 6), 3);      // 35.04: 35.0
    // 12.0 kPa are 90.007 mmHg, 12.1 kPa 90.76.
    EXPECT_EQ(points("news2", number("nibp_sys", "12.0", noon, "kPa"), 3), 3);
    EXPECT_EQ(points("news2", number("nibp_sys", "12.1", noon, "kPa"), 3), 2);
    EXPECT_EQ(points("sirs", number("paco2", "4.2", noon, "kPa"), 3), 1);  // 31.5
    EXPECT_EQ(points("sirs", number("paco2", "4.3", noon, "kPa"), 3), 0);  // 32.25
    EXPECT_EQ(points("sirs", number("wbc", "12.5", noon, "10*3/uL"), 4), 1);
    // A number that is sent as a fraction, and one of a unit that is no temperature.
    EXPECT_EQ(points("news2", number("spo2", "0.93", noon, "1"), 1), 2);
    EXPECT_EQ(points("news2", number("temp_body", "37", noon, "mm[Hg]"), 6), -1);
    // Half a step exactly, however it is written.
    EXPECT_EQ(points("news2", number("temp_body", "35.05"), 6), 1);
    EXPECT_EQ(points("news2", number("temp_body", "35.0499999999"), 6), 3);
    EXPECT_EQ(points("news2", number("temp_body", "3505e-2"), 6), 1);
}

TEST(ScoreResult, junk_is_implausible_and_never_a_point) {
    for (const auto& [key, value] :
         std::vector<std::pair<const char*, const char*>>{{"nibp_sys", "0"},
                                                          {"nibp_sys", "19"},
                                                          {"nibp_sys", "-120"},
                                                          {"temp_body", "-17.8"},
                                                          {"temp_body", "98.6"},
                                                          {"heart_rate", "0"},
                                                          {"heart_rate", "351"},
                                                          {"spo2", "101"},
                                                          {"spo2", "-1"},
                                                          {"resp_rate", "201"},
                                                          {"temp_body", "1e30"},
                                                          {"spo2", "9e17"}}) {
        const auto result = set_of("news2", {number(key, value)}, adult());
        std::size_t implausible = 0;
        for (const auto& input : result.inputs) {
            EXPECT_FALSE(is_used(input.state)) << key << " " << value;
            implausible += input.state == InputState::implausible ? 1 : 0;
            EXPECT_EQ(input.value, std::nullopt);
        }
        EXPECT_EQ(implausible, 1U) << key << " " << value;
        EXPECT_EQ(result.tally.least, 0);
    }
    // A plausible one beside it counts, be it older.
    const auto result = set_of(
        "news2", {number("nibp_sys", "85", noon - minutes(5)), number("nibp_sys", "0")}, adult());
    EXPECT_EQ(result.tally.inputs[3].least, 3);
}

TEST(ScoreResult, each_input_has_its_own_age_and_its_own_limit) {
    const auto& table = table_of("news2");
    const auto state = [&](const Measurement& measurement, std::size_t input, Occasion occasion) {
        return evaluate(table, catalogue(), std::vector{measurement}, adult(), noon, occasion)
            .inputs[input]
            .state;
    };
    struct Limit {
        const char* metric;
        const char* value;
        std::size_t input;
        Nanoseconds set, continuous;
    };
    for (const auto& each : std::vector<Limit>{{"heart_rate", "70", 4, minutes(15), minutes(5)},
                                               {"spo2", "97", 1, minutes(15), minutes(5)},
                                               {"resp_rate_co2", "16", 0, minutes(15), minutes(5)},
                                               {"nibp_sys", "120", 3, minutes(15), minutes(60)},
                                               {"abp_sys", "120", 3, minutes(15), minutes(5)},
                                               {"temp_tympanic", "37", 6, minutes(30), hours(4)},
                                               {"temp_core", "37", 6, minutes(30), minutes(5)},
                                               {"oxygen_flow", "2", 2, minutes(15), hours(1)}}) {
        for (const auto& [occasion, limit] : {std::pair{Occasion::bedside_set, each.set},
                                              std::pair{Occasion::continuous, each.continuous}}) {
            EXPECT_EQ(state(number(each.metric, each.value, noon - limit), each.input, occasion),
                      InputState::used)
                << each.metric;
            EXPECT_EQ(state(number(each.metric, each.value, noon - limit - Nanoseconds(1)),
                            each.input, occasion),
                      InputState::too_old)
                << each.metric;
        }
    }
    EXPECT_EQ(state(word("avpu", "A", noon - hours(4)), 5, Occasion::continuous), InputState::used);
    EXPECT_EQ(state(word("avpu", "A", noon - hours(4) - seconds(1)), 5, Occasion::continuous),
              InputState::too_old);
    // What is too old is shown with its age, and counted nowhere.
    const auto result =
        evaluate(table, catalogue(), std::vector{number("spo2", "85", noon - minutes(6))}, adult(),
                 noon, Occasion::continuous);
    EXPECT_EQ(result.inputs[1].age, minutes(6));
    EXPECT_EQ(result.inputs[1].age_max, minutes(5));
    EXPECT_EQ(result.tally.least, 0);
    EXPECT_EQ(result.tally.most, 20);
    // From the future, and from another age of the world.
    EXPECT_EQ(state(number("spo2", "97", noon + seconds(60)), 1, Occasion::continuous),
              InputState::used);
    EXPECT_EQ(state(number("spo2", "97", noon + seconds(61)), 1, Occasion::continuous),
              InputState::unreadable);
    EXPECT_EQ(state(number("spo2", "97", Timestamp::min()), 1, Occasion::continuous),
              InputState::too_old);
    EXPECT_EQ(state(number("spo2", "97", Timestamp::max()), 1, Occasion::continuous),
              InputState::unreadable);
}

TEST(ScoreResult, an_automatic_cuff_is_late_after_twice_its_interval_but_not_before_a_set_s_age) {
    const auto state = [](Nanoseconds repeats, Nanoseconds age) {
        auto cuff = number("nibp_sys", "120", noon - age);
        cuff.repeats = repeats;
        return evaluate(table_of("news2"), catalogue(), std::vector{cuff}, adult(), noon,
                        Occasion::continuous)
            .inputs[3]
            .state;
    };
    EXPECT_EQ(state(minutes(10), minutes(20)), InputState::used);
    EXPECT_EQ(state(minutes(10), minutes(21)), InputState::too_old);
    EXPECT_EQ(state(minutes(1), minutes(15)), InputState::used);
    EXPECT_EQ(state(minutes(1), minutes(16)), InputState::too_old);
    EXPECT_EQ(state(minutes(45), minutes(60)), InputState::used);
    EXPECT_EQ(state(minutes(45), minutes(61)), InputState::too_old);
}

TEST(ScoreResult, the_better_source_counts_while_it_is_fresh_and_is_named) {
    const auto used = [](std::vector<Measurement> given, std::size_t input) {
        const auto result =
            evaluate(table_of("news2"), catalogue(), given, adult(), noon, Occasion::continuous);
        return catalogue().at(result.inputs[input].measurement->metric).key;
    };
    EXPECT_EQ(used({number("nibp_sys", "120"), number("abp_sys", "118")}, 3), "abp_sys");
    EXPECT_EQ(used({number("nibp_sys", "120"), number("abp_sys", "118", noon - minutes(6))}, 3),
              "nibp_sys");
    EXPECT_EQ(used({number("pulse_rate_spo2", "70"), number("heart_rate", "72")}, 4), "heart_rate");
    EXPECT_EQ(used({number("resp_rate_impedance", "16"), number("resp_rate_co2", "18"),
                    number("resp_rate", "20")},
                   0),
              "resp_rate_co2");
    EXPECT_EQ(used({number("resp_rate_impedance", "16"), number("resp_rate_co2", "-3")}, 0),
              "resp_rate_impedance");
}

TEST(ScoreResult, not_for_whom_the_score_is_not_made) {
    const auto of = [](std::string_view score, const PatientFacts& patient) {
        const auto result = set_of(score, usual.measurements(), patient);
        EXPECT_EQ(result.complete() && !is_computed(result.applicability), false);
        return result.applicability;
    };
    // 16 on the day of the observation, from the date of birth.
    EXPECT_EQ(of("news2", born(2010, 3, 1)), Applicability::applies);
    EXPECT_EQ(of("news2", born(2010, 3, 2)), Applicability::too_young);
    EXPECT_EQ(of("brighton_pews", born(2010, 3, 1)), Applicability::too_old);
    EXPECT_EQ(of("brighton_pews", born(2010, 3, 2)), Applicability::applies);
    EXPECT_EQ(of("qsofa", born(2008, 3, 1)), Applicability::applies);
    EXPECT_EQ(of("qsofa", born(2008, 3, 2)), Applicability::too_young);
    EXPECT_EQ(of("news2", PatientFacts{}), Applicability::assumed_adult);
    EXPECT_EQ(of("brighton_pews", PatientFacts{}), Applicability::age_unknown);
    EXPECT_EQ(of("shock_index", PatientFacts{}), Applicability::assumed_adult);
    auto pregnant = adult();
    pregnant.pregnancy = PatientFacts::Pregnancy::yes;
    EXPECT_EQ(of("news2", pregnant), Applicability::pregnant);
    EXPECT_EQ(of("mews", pregnant), Applicability::applies);
    // A year or month of birth alone: sure where no day of it makes a difference.
    PatientFacts year;
    year.birth = BirthDate{2009, 0, 0};
    EXPECT_EQ(of("news2", year), Applicability::applies);
    year.birth = BirthDate{2010, 0, 0};
    EXPECT_EQ(of("news2", year), Applicability::assumed_adult);
    EXPECT_EQ(of("brighton_pews", year), Applicability::age_unknown);
    year.birth = BirthDate{2011, 0, 0};
    EXPECT_EQ(of("news2", year), Applicability::too_young);
    // What is not computed has no points at all, and its inputs are shown all the same.
    const auto result = set_of("news2", usual.measurements(), born(2015));
    EXPECT_FALSE(result.complete());
    EXPECT_EQ(result.tally, Tally{});
    EXPECT_EQ(result.inputs[0].value, 16);
    EXPECT_TRUE(what_would_change(table_of("news2"), result).empty());
}

TEST(ScoreResult, a_child_born_on_the_tomorrow_of_UTC_is_a_newborn) {
    // Auckland, the morning of 2 March.
    const auto morning = at("2026-03-01T20:00:00Z");
    const auto of = [&](std::string_view score, const PatientFacts& patient) {
        return evaluate(table_of(score), catalogue(), usual.measurements(morning), patient, morning,
                        Occasion::bedside_set)
            .applicability;
    };
    EXPECT_EQ(of("news2", born(2026, 3, 2)), Applicability::too_young);
    EXPECT_EQ(of("brighton_pews", born(2026, 3, 2)), Applicability::applies);
    // Further ahead it is an error of somebody's, and no adult.
    EXPECT_EQ(of("news2", born(2026, 3, 3)), Applicability::age_unknown);
    EXPECT_EQ(of("brighton_pews", born(2062, 3, 3)), Applicability::age_unknown);
}

TEST(ScoreResult, a_criterion_that_cannot_be_read_leaves_its_points_open) {
    std::vector all{number("temp_body", "37.0"), number("heart_rate", "80"),
                    number("resp_rate", "16"), number("wbc", "8.0")};
    EXPECT_EQ(set_of("sirs", all, adult()).total(), 0) << "nobody took a blood gas";
    all.push_back(number("paco2", "-4", noon));
    const auto result = set_of("sirs", all, adult());
    EXPECT_EQ(result.total(), std::nullopt);
    EXPECT_EQ(result.tally.least, 0);
    EXPECT_EQ(result.tally.most, 1);
}

TEST(ScoreResult, what_a_person_enters_ends_the_oxygen_that_was_there_before) {
    const auto points = [](Timestamp charted, Timestamp flow) {
        auto all = usual.measurements(charted);
        all.push_back(number("oxygen_flow", "2", flow));
        return evaluate(table_of("news2"), catalogue(), all, adult(), noon, Occasion::continuous)
            .tally.inputs[2]
            .least;
    };
    EXPECT_EQ(points(noon, noon - minutes(10)), 0) << "it was taken off";
    EXPECT_EQ(points(noon - minutes(10), noon), 2) << "it was given again";
    EXPECT_EQ(points(noon, noon), 2);
}

TEST(ScoreResult, in_a_bedside_set_what_the_person_counted_and_what_is_live_comes_first) {
    auto all = usual.measurements(noon);
    for (auto& each : all) each.by_person = true;
    all.push_back(number("resp_rate_impedance", "28", noon));
    const auto of = [&](std::size_t input, Occasion occasion) {
        return evaluate(table_of("news2"), catalogue(), all, adult(), noon, occasion)
            .inputs[input]
            .value;
    };
    EXPECT_EQ(of(0, Occasion::bedside_set), 16);
    EXPECT_EQ(of(0, Occasion::continuous), 28) << "of what is live the first in the table";
    // The line was taken out 8 minutes ago; the cuff measured since.
    all = {number("abp_sys", "85", noon - minutes(8)), number("nibp_sys", "120", noon)};
    EXPECT_EQ(of(3, Occasion::bedside_set), 120);
    all[0].time = noon - minutes(4);
    EXPECT_EQ(of(3, Occasion::bedside_set), 85);
}

TEST(ScoreResult, scale_2_counts_only_as_somebody_s_dated_decision) {
    const auto scale = [](std::vector<ChosenSetting> settings) {
        auto patient = adult();
        patient.settings = std::move(settings);
        const auto result = set_of("news2", usual.measurements(), patient);
        return table_of("news2").settings[0].values[result.settings[0].value];
    };
    EXPECT_EQ(scale({}), "1");
    EXPECT_EQ(scale({{"spo2_scale", "2", "Dr Okafor", noon}}), "2");
    EXPECT_EQ(scale({{"spo2_scale", "2", "", noon}}), "1") << "nobody signed";
    EXPECT_EQ(scale({{"spo2_scale", "3", "Dr Okafor", noon}}), "1");
    EXPECT_EQ(scale({{"spo2_scale", "2", "Dr Okafor", noon + hours(1)}}), "1") << "from later on";
    EXPECT_EQ(scale({{"spo2_scale", "2", "Dr Okafor", noon - hours(2)},
                     {"spo2_scale", "1", "Dr Berg", noon - hours(1)}}),
              "1");
    EXPECT_EQ(scale({{"spo2_scale", "1", "Dr Berg", noon - hours(1)},
                     {"spo2_scale", "2", "Dr Okafor", noon - hours(2)}}),
              "1");
    const auto result = set_of("news2", usual.measurements(), on_scale_2());
    ASSERT_TRUE(result.settings[0].chosen);
    EXPECT_EQ(result.settings[0].chosen->by, "Dr Amara Okafor");
}

TEST(ScoreResult, on_scale_2_a_saturation_of_93_is_not_judged_without_knowing_the_oxygen) {
    auto set = usual;
    set.oxygen = "";
    auto result = set_of("news2", set.measurements(), on_scale_2());
    EXPECT_EQ(result.inputs[1].state, InputState::undecided);
    EXPECT_EQ(result.tally.inputs[1], (PointsSpan{0, 3}));
    EXPECT_FALSE(result.complete());
    EXPECT_EQ(result.tally.least, 0);
    EXPECT_EQ(result.tally.most, 5);
    set.spo2 = "92";
    result = set_of("news2", set.measurements(), on_scale_2());
    EXPECT_EQ(result.inputs[1].state, InputState::used) << "0 points on air and on oxygen";
    EXPECT_EQ(result.tally.most, 2);
}

TEST(ScoreResult, the_next_observations_are_due_after_what_the_band_allows) {
    const auto due = [](const News2Set& set) {
        return next_observations_due(table_of("news2"),
                                     set_of("news2", set.measurements(noon - minutes(3)), adult()));
    };
    EXPECT_EQ(due(usual), noon - minutes(3) + hours(12));
    auto set = usual;
    set.pulse = "95";
    EXPECT_EQ(due(set), noon - minutes(3) + hours(6));
    set.pulse = "135";
    EXPECT_EQ(due(set), noon - minutes(3) + hours(1));
    set.temperature = "39.5";
    EXPECT_EQ(due(set), noon - minutes(3) + hours(1));
    set.respiration_rate = "26";
    EXPECT_EQ(due(set), noon) << "continuous";
    set.spo2 = "";
    EXPECT_EQ(due(set), noon) << "at least 7: no less urgent for what is missing";
    set = {"", "", "", "", "", "V", ""};
    EXPECT_EQ(due(set), noon - minutes(3) + hours(1)) << "at least 3, in a single parameter";
}

TEST(WhatWouldChange, the_nearest_value_on_both_sides_and_the_nearest_that_changes_the_band) {
    auto set = usual;
    set.pulse = "95";          // 1
    set.temperature = "38.2";  // 1
    set.oxygen = "oxygen";     // 2: total 4, low
    const auto& table = table_of("news2");
    const auto result = set_of("news2", set.measurements(), adult());
    ASSERT_EQ(result.total(), 4);
    std::vector<std::tuple<std::string, std::int64_t, std::int64_t, std::string>> said;
    for (const auto& change : what_would_change(table, result))
        said.emplace_back(table.inputs[change.input].key, change.value, *change.least,
                          table.bands[*change.band].key);
    using Said = std::tuple<std::string, std::int64_t, std::int64_t, std::string>;
    EXPECT_THAT(
        said,
        testing::IsSupersetOf(
            {Said{"respiration_rate", 11, 5, "medium"}, Said{"respiration_rate", 21, 6, "medium"},
             Said{"spo2", 95, 5, "medium"}, Said{"air_or_oxygen", 0, 2, "low"},
             Said{"systolic_blood_pressure", 110, 5, "medium"},
             Said{"systolic_blood_pressure", 220, 7, "high"}, Said{"pulse", 90, 3, "low"},
             Said{"pulse", 40, 6, "medium"}, Said{"pulse", 111, 5, "medium"},
             Said{"consciousness", 1, 7, "high"}, Said{"temperature", 380, 3, "low"},
             Said{"temperature", 391, 5, "medium"}}));
    // Each is true: with that value the score is what it says, and one step before it is not.
    for (const auto& change : what_would_change(table, result)) {
        auto facts = result.facts;
        facts.values[change.input] = change.value;
        EXPECT_EQ(tally(table, facts).least, change.least);
        EXPECT_EQ(tally(table, facts).band_least, change.band);
        EXPECT_EQ(change.changes_band, change.band != result.tally.band_least);
        if (table.inputs[change.input].is_level) continue;
        const auto now = *result.facts.values[change.input];
        facts.values[change.input] = change.value + (change.value > now ? -1 : 1);
        EXPECT_NE(tally(table, facts).least == change.least &&
                      tally(table, facts).band_least == change.band,
                  true)
            << table.inputs[change.input].key << " " << change.value;
    }
}

TEST(WhatWouldChange, of_a_ratio_the_values_at_which_its_band_changes) {
    const auto& table = table_of("shock_index");
    const auto result =
        set_of("shock_index", {number("heart_rate", "80"), number("nibp_sys", "120")}, adult());
    std::vector<std::pair<std::string, std::int64_t>> said;
    for (const auto& change : what_would_change(table, result))
        said.emplace_back(table.inputs[change.input].key, change.value);
    // 85/120 is 0.708, 0.71: above 0.70. 80/114 is 0.7018, 0.70; 80/113 is 0.708.
    EXPECT_THAT(said, testing::IsSupersetOf({std::pair<std::string, std::int64_t>{"heart_rate", 85},
                                             {"systolic_blood_pressure", 113}}));
}

ScorePoint point(Timestamp time, std::int64_t total) {
    return {.time = time,
            .least = total,
            .most = total,
            .band = 0,
            .complete = true,
            .superseded = false,
            .settings = {0}};
}

TEST(Trend, compares_with_the_total_that_held_at_the_beginning_of_the_span) {
    const std::vector points{point(noon - hours(8), 2), point(noon - hours(5), 4),
                             point(noon - hours(1), 9), point(noon - minutes(10), 6)};
    const auto trend = trend_of(points, noon, hours(4));
    ASSERT_TRUE(trend);
    EXPECT_EQ(trend->direction, ScoreTrend::Direction::rising);
    EXPECT_EQ(trend->difference, 2);
    EXPECT_EQ(trend->since, noon - hours(5)) << "it held since then";
    EXPECT_EQ(trend->highest, 9);
    EXPECT_EQ(trend->lowest, 4);
    EXPECT_EQ(trend_of(points, noon, hours(12))->difference, 4);
    EXPECT_EQ(trend_of(points, noon, hours(12))->since, noon - hours(8)) << "there was none before";
    EXPECT_EQ(trend_of(points, noon, minutes(30))->direction, ScoreTrend::Direction::falling);
    EXPECT_EQ(trend_of(std::span(points).first(1), noon, hours(4))->direction,
              ScoreTrend::Direction::steady)
        << "nothing ended it";
    EXPECT_EQ(trend_of(std::span(points).first(1), noon, hours(12)), std::nullopt);
    EXPECT_EQ(trend_of({}, noon, hours(4)), std::nullopt);
}

TEST(Trend, of_a_total_that_is_long_over_there_is_none) {
    auto over = point(noon - hours(12) + minutes(5), 0);
    over.complete = false;
    std::vector points{point(noon - hours(13), 2), point(noon - hours(12), 9), over};
    EXPECT_EQ(trend_of(points, noon, hours(4)), std::nullopt);
    // Sets every four hours, each over after 5 minutes.
    over.time = noon - hours(4) + minutes(5);
    points = {point(noon - hours(4), 2), over, point(noon, 5)};
    over.time = noon + minutes(5);
    points.push_back(over);
    const auto trend = trend_of(points, noon + minutes(20), hours(4));
    ASSERT_TRUE(trend);
    EXPECT_EQ(trend->difference, 3);
    EXPECT_EQ(trend->since, noon - hours(4));
}

TEST(Trend, totals_of_another_scale_or_superseded_ones_are_no_trend) {
    std::vector points{point(noon - hours(5), 4), point(noon - hours(1), 9), point(noon, 4)};
    EXPECT_EQ(trend_of(points, noon, hours(4))->direction, ScoreTrend::Direction::steady);
    EXPECT_EQ(trend_of(points, noon, hours(4))->highest, 9);
    points[1].superseded = true;
    EXPECT_EQ(trend_of(points, noon, hours(4))->highest, 4);
    points[0].settings = {1};
    EXPECT_EQ(trend_of(points, noon, hours(4)), std::nullopt);
}

}  // namespace
}  // namespace vigil::monitor

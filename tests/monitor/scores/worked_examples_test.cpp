// The worked examples of the published scores, as the reference sheet has them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "monitor/scores/ward.hpp"

namespace vigil::monitor {
namespace {

using testing::ElementsAreArray;

struct News2Case {
    const char* name;
    News2Set set;
    int scale;
    std::vector<int> points;
    int total;
    const char* risk;
};

TEST(WorkedExamples, news2) {
    const std::vector<News2Case> cases{
        {"N1", {"16", "97", "air", "122", "78", "A", "36.8"}, 1, {0, 0, 0, 0, 0, 0, 0}, 0, "low"},
        {"N2",
         {"21", "95", "air", "108", "95", "A", "38.2"},
         1,
         {2, 1, 0, 1, 1, 0, 1},
         6,
         "medium"},
        {"N3",
         {"25", "92", "oxygen", "96", "118", "A", "38.9"},
         1,
         {3, 2, 2, 2, 2, 0, 1},
         12,
         "high"},
        {"N4",
         {"18", "98", "air", "130", "72", "C", "37.0"},
         1,
         {0, 0, 0, 0, 0, 3, 0},
         3,
         "low_medium"},
        {"N5a", {"20", "90", "air", "118", "88", "A", "36.5"}, 2, {0, 0, 0, 0, 0, 0, 0}, 0, "low"},
        {"N5b",
         {"20", "90", "air", "118", "88", "A", "36.5"},
         1,
         {0, 3, 0, 0, 0, 0, 0},
         3,
         "low_medium"},
        {"N6",
         {"22", "95", "oxygen", "124", "101", "A", "37.1"},
         2,
         {2, 2, 2, 0, 1, 0, 0},
         7,
         "high"},
        {"N7", {"14", "97", "air", "140", "66", "A", "36.4"}, 2, {0, 0, 0, 0, 0, 0, 0}, 0, "low"},
        {"N8",
         {"26", "85", "oxygen", "100", "112", "V", "35.9"},
         2,
         {3, 2, 2, 2, 2, 3, 1},
         15,
         "high"},
        {"N9",
         {"8", "91", "oxygen", "90", "40", "U", "35.0"},
         1,
         {3, 3, 2, 3, 3, 3, 3},
         20,
         "high"},
        {"N10", {"9", "96", "air", "220", "131", "A", "39.1"}, 1, {1, 0, 0, 3, 3, 0, 2}, 9, "high"},
        {"N11",
         {"11", "94", "air", "101", "50", "A", "36.0"},
         1,
         {1, 1, 0, 1, 1, 0, 1},
         5,
         "medium"},
        {"N12", {"12", "96", "air", "111", "51", "A", "36.1"}, 1, {0, 0, 0, 0, 0, 0, 0}, 0, "low"},
        {"N13",
         {"24", "93", "air", "219", "110", "A", "38.0"},
         1,
         {2, 2, 0, 0, 1, 0, 0},
         5,
         "medium"},
        {"N14",
         {"20", "94", "oxygen", "111", "90", "A", "38.1"},
         2,
         {0, 1, 2, 0, 0, 0, 1},
         4,
         "low"},
    };
    for (const auto& each : cases) {
        const auto result =
            set_of("news2", each.set.measurements(), each.scale == 2 ? on_scale_2() : adult());
        EXPECT_THAT(points_of(result), ElementsAreArray(each.points)) << each.name;
        ASSERT_TRUE(result.complete()) << each.name;
        EXPECT_EQ(result.total(), each.total) << each.name;
        EXPECT_EQ(risk_of(table_of("news2"), result), each.risk) << each.name;
    }
}

TEST(WorkedExamples, news2_N15_without_a_temperature_is_no_total_but_at_least_7_and_already_high) {
    // The sheet's points are 2 1 2 1 1 0: at least 7, and 3 more at most.
    const auto result = set_of(
        "news2", News2Set{"21", "94", "oxygen", "105", "91", "A", ""}.measurements(), adult());
    EXPECT_THAT(points_of(result), ElementsAreArray({2, 1, 2, 1, 1, 0, -1}));
    EXPECT_FALSE(result.complete());
    EXPECT_EQ(result.total(), std::nullopt);
    EXPECT_EQ(result.tally.least, 7);
    EXPECT_EQ(result.tally.most, 10);
    EXPECT_EQ(result.inputs[6].state, InputState::missing);
    EXPECT_EQ(risk_of(table_of("news2"), result), "high");
}

TEST(WorkedExamples, news2_rounds_half_away_from_zero_to_the_resolution_of_the_chart) {
    const auto points = [](News2Set set) {
        return points_of(set_of("news2", set.measurements(), adult()));
    };
    const News2Set usual{"16", "97", "air", "122", "78", "A", "36.8"};
    auto set = usual;
    set.spo2 = "95.5";
    EXPECT_EQ(points(set)[1], 0);
    set = usual;
    set.temperature = "36.04";
    EXPECT_EQ(points(set)[6], 1);
    set = usual;
    set.pulse = "90.4";
    EXPECT_EQ(points(set)[4], 0);
}

struct Case {
    const char* name;
    std::vector<Measurement> measurements;
    std::vector<int> points;
    int total;
    const char* risk;
};

void expect_all(std::string_view score, const std::vector<Case>& cases) {
    for (const auto& each : cases) {
        const auto result = set_of(score, each.measurements, adult());
        EXPECT_THAT(points_of(result), ElementsAreArray(each.points)) << each.name;
        EXPECT_EQ(result.total(), each.total) << each.name;
        EXPECT_EQ(risk_of(table_of(score), result), each.risk) << each.name;
    }
}

std::vector<Measurement> mews(const char* sbp, const char* hr, const char* rr, const char* t,
                              const char* avpu) {
    return {number("nibp_sys", sbp), number("heart_rate", hr), number("resp_rate", rr),
            number("temp_body", t), word("avpu", avpu)};
}

TEST(WorkedExamples, mews) {
    expect_all("mews", {{"M1", mews("118", "84", "13", "36.9", "A"), {0, 0, 0, 0, 0}, 0, "low"},
                        {"M2", mews("92", "112", "24", "38.6", "A"), {1, 2, 2, 2, 0}, 7, "high"},
                        {"M3", mews("205", "48", "8", "34.9", "P"), {2, 1, 2, 2, 2}, 9, "high"},
                        {"M4", mews("70", "130", "30", "38.5", "U"), {3, 3, 3, 2, 3}, 14, "high"},
                        {"M5", mews("101", "101", "15", "38.4", "V"), {0, 1, 1, 0, 1}, 3, "low"}});
}

std::vector<Measurement> qsofa(const char* rr, const char* gcs, const char* sbp) {
    return {number("resp_rate", rr), number("gcs_total", gcs), number("nibp_sys", sbp)};
}

TEST(WorkedExamples, qsofa) {
    expect_all("qsofa", {{"Q1", qsofa("21", "15", "101"), {0, 0, 0}, 0, "negative"},
                         {"Q2", qsofa("22", "15", "100"), {1, 0, 1}, 2, "positive"},
                         {"Q3", qsofa("28", "13", "84"), {1, 1, 1}, 3, "positive"},
                         {"Q4", qsofa("18", "14", "120"), {0, 1, 0}, 1, "negative"}});
}

std::vector<Measurement> sirs(const char* t, const char* hr, const char* rr, const char* paco2,
                              const char* wbc, const char* bands) {
    std::vector<Measurement> all{number("temp_body", t), number("heart_rate", hr),
                                 number("resp_rate", rr), number("wbc", wbc)};
    if (*paco2 != '\0') all.push_back(number("paco2", paco2));
    if (*bands != '\0') all.push_back(number("wbc_immature", bands));
    return all;
}

TEST(WorkedExamples, sirs) {
    // Inputs: temperature, heart rate, respiratory rate or PaCO2, white cells or immature forms.
    expect_all(
        "sirs",
        {{"I1", sirs("38.0", "90", "20", "", "12.0", "0"), {0, 0, 0, -1, 0, 0}, 0, "negative"},
         {"I2", sirs("38.4", "104", "18", "30", "9.0", "0"), {1, 1, 0, 1, 0, 0}, 3, "positive"},
         {"I3", sirs("35.8", "88", "24", "", "3.2", ""), {1, 0, 1, -1, 1, -1}, 3, "positive"},
         {"I4", sirs("37.2", "92", "16", "40", "8.0", "12"), {0, 1, 0, 0, 0, 1}, 2, "positive"}});
}

struct IndexCase {
    const char* name;
    PatientFacts patient;
    const char* heart_rate;
    const char* systolic;
    int hundredths;
    const char* band;
};

TEST(WorkedExamples, shock_index) {
    for (const auto& each : std::vector<IndexCase>{
             {"X1", adult(), "72", "120", 60, "usual"},
             {"X2", adult(), "118", "98", 120, "raised"},
             {"X3", born(2020, 12, 1), "124", "96", 129, "raised_for_age"},  // 5 years
             {"X4", born(2016, 12, 1), "95", "100", 95, "usual_for_age"}}) {
        const auto result =
            set_of("shock_index",
                   {number("heart_rate", each.heart_rate), number("nibp_sys", each.systolic)},
                   each.patient);
        EXPECT_EQ(result.total(), each.hundredths) << each.name;
        EXPECT_EQ(band_of(table_of("shock_index"), result), each.band) << each.name;
    }
}

}  // namespace
}  // namespace vigil::monitor

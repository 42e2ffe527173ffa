// `vigil evaluate alarms`: what is read of recorded vital signs, and what is counted.
#include "app/evaluate_alarms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "monitor/alarms/monitor_tables.hpp"

namespace vigil::app {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

const Catalogue catalogue;

// A value a second; `at` says which.
template <class Value>
std::string spo2_csv(int seconds, Value at) {
    std::string csv = "Time [s],SpO2\r\n";
    for (int second = 0; second < seconds; ++second)
        csv += std::to_string(second) + "," + std::to_string(at(second)) + "\r\n";
    return csv;
}

TEST(ReadVitals, takes_what_bidmc_calls_them_and_catalogue_keys_and_passes_over_the_rest) {
    const auto read = read_vitals(
        "b1", "Time [s], HR, RESP, temp_body, MOOD\n0, 80, NaN, 36.6, good\n\n1, 81, 16, , \n",
        catalogue);
    ASSERT_TRUE(read) << read.error().message;
    std::vector<std::string> metrics;
    for (const auto& each : read->readings)
        metrics.push_back(catalogue.find(each.filed.reading.metric)->key);
    EXPECT_THAT(metrics,
                testing::ElementsAre("heart_rate", "temp_body", "heart_rate", "resp_rate"));
}

TEST(ReadVitals, says_what_is_wrong_and_where) {
    EXPECT_FALSE(read_vitals("x", "", catalogue));
    EXPECT_FALSE(read_vitals("x", "HR,SpO2\n80,97\n", catalogue));
    EXPECT_FALSE(read_vitals("x", "Time,MOOD\n0,good\n", catalogue));
    EXPECT_EQ(read_vitals("x", "Time,HR\n0,80\nsoon,81\n", catalogue).error().place, "line 3");
    EXPECT_EQ(read_vitals("x", "Time,HR\n5,80\n4,81\n", catalogue).error().place, "line 3");
    EXPECT_FALSE(read_vitals("x", "Time,HR\n1e300,80\n", catalogue));
}

TEST(SevereEvents, are_ten_seconds_beyond_without_a_value_on_this_side) {
    const auto events = [](auto at) {
        return severe_events(*read_vitals("x", spo2_csv(60, at), catalogue), catalogue);
    };
    EXPECT_THAT(events([](int) { return 85; }), SizeIs(0)) << "equal is inside";
    EXPECT_THAT(events([](int s) { return s < 10 ? 84 : 97; }), SizeIs(0)) << "nine seconds";
    const auto found = events([](int s) { return s >= 20 && s <= 40 ? 80 : 97; });
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].kind, "SpO2 below 85 %");
    EXPECT_EQ(found[0].to - found[0].from, std::chrono::seconds(20));
    EXPECT_THAT(events([](int s) { return s > 45 ? 80 : 97; }), SizeIs(1)) << "to the very end";
}

AlarmEvaluation evaluated(const std::string& csv) {
    const monitor::MonitorTables tables(catalogue);
    auto recording = *read_vitals("x", csv, catalogue);
    recording.events = severe_events(recording, catalogue);
    AlarmEvaluation sum;
    EXPECT_TRUE(add(sum, tables, monitor::AgeClass::adult, std::move(recording)));
    return sum;
}

TEST(EvaluateAlarms, what_is_over_before_the_delay_is_an_alarm_of_plain_limits_alone) {
    const auto flicker = evaluated(spo2_csv(600, [](int s) { return s % 30 == 0 ? 88 : 96; }));
    EXPECT_GE(flicker.plain.physiological, 19U);
    EXPECT_EQ(flicker.ours.physiological, 0U);
    EXPECT_EQ(flicker.missed, flicker.plain.physiological);
}

TEST(EvaluateAlarms, a_severe_event_is_told_by_both_and_how_soon_is_said) {
    const auto fall = evaluated(spo2_csv(300, [](int s) { return s >= 100 && s < 200 ? 75 : 97; }));
    ASSERT_THAT(fall.events, SizeIs(1));
    EXPECT_EQ(fall.plain.detected, 1U);
    ASSERT_EQ(fall.ours.detected, 1U);
    EXPECT_LT(fall.ours.after.at(0), std::chrono::seconds(15));
    EXPECT_THAT(text_of(fall), HasSubstr("of 1 severe events, told"));
    EXPECT_THAT(json_of(fall), HasSubstr(R"("events":1)"));
}

}  // namespace
}  // namespace vigil::app

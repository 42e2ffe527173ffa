#include "signal/rhythm/variability.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "signal/recordings.hpp"

namespace vigil::rhythm {
namespace {

using enum ecg::BeatClass;

// Beats at these distances in milliseconds, all normal unless told otherwise, at 1000 Hz.
std::vector<RrInterval> intervals(const std::vector<double>& rr_ms,
                                  const std::vector<ecg::BeatClass>& classes = {}) {
    RrSeries series(1000);
    std::vector<RrInterval> found;
    double at = 0;
    for (std::size_t i = 0; i <= rr_ms.size(); ++i) {
        if (i > 0) at += rr_ms[i - 1];
        const auto beat_class = i < classes.size() ? classes[i] : normal;
        if (const auto rr = series.add({.sample = std::llround(at), .beat_class = beat_class}))
            found.push_back(*rr);
    }
    return found;
}

Result<Variability> variability(const std::vector<RrInterval>& list) {
    VariabilityMeter meter;
    for (const auto& each : list) meter.add(each);
    return meter.result();
}

TEST(Variability, of_five_intervals_is_what_a_pocket_calculator_says) {
    const auto found = variability(intervals({800, 810, 790, 850, 800}));
    ASSERT_TRUE(found);
    EXPECT_DOUBLE_EQ(found->mean_nn_ms, 810);
    EXPECT_NEAR(found->sdnn_ms, 23.452, 0.001);
    EXPECT_NEAR(*found->rmssd_ms, std::sqrt((100 + 400 + 3600 + 2500) / 4.0), 1e-9);
    EXPECT_EQ(found->nn50, 1U) << "a difference of exactly 50 ms is not more than 50";
    EXPECT_DOUBLE_EQ(*found->pnn50_percent, 25);
    EXPECT_EQ(found->nn_count, 5U);
    EXPECT_DOUBLE_EQ(found->share, 1);
    // 800 ms falls twice into one bin of 1/128 s, the others each into their own.
    EXPECT_DOUBLE_EQ(found->triangular_index, 2.5);
    // Differences 10, -20, 60, -50: mean 0, variance 6600 / 3.
    EXPECT_NEAR(*found->sd1_ms, std::sqrt(1100.0), 1e-6);
    EXPECT_NEAR(*found->sd2_ms, std::sqrt(2 * 550.0 - 1100.0), 1e-4);
    EXPECT_FALSE(found->sdann_ms) << "needs two segments of five minutes";
}

TEST(Variability, leaves_out_intervals_that_touch_an_ectopic_beat) {
    std::vector<double> rr(20, 800);
    std::vector<ecg::BeatClass> classes(21, normal);
    rr[9] = 500;
    rr[10] = 1100;
    classes[10] = ventricular;
    const auto found = variability(intervals(rr, classes));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->nn_count, 18U);
    EXPECT_NEAR(found->sdnn_ms, 0, 1e-9);
    EXPECT_NEAR(*found->rmssd_ms, 0, 1e-9) << "no difference spans the beat that was left out";
    EXPECT_NEAR(found->share, 0.9, 1e-9);
}

TEST(Variability, is_refused_where_less_than_80_percent_is_normal) {
    std::vector<ecg::BeatClass> classes(21, normal);
    for (const std::size_t i : {4U, 8U, 12U}) classes[i] = supraventricular;
    const auto refused = variability(intervals(std::vector<double>(20, 800), classes));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, testing::HasSubstr("70 %"));
    EXPECT_FALSE(variability({}));
    EXPECT_FALSE(variability(intervals({800}))) << "of one interval";
}

TEST(Variability, no_interval_spans_a_gap_and_the_gap_counts_as_time_without) {
    RrSeries series(1000);
    VariabilityMeter meter;
    for (int beat = 0; beat < 10; ++beat)
        if (const auto rr = series.add({.sample = beat * 1000, .beat_class = normal}))
            meter.add(*rr);
    series.gap();
    for (int beat = 0; beat < 11; ++beat)
        if (const auto rr = series.add({.sample = 11'000 + beat * 900, .beat_class = normal}))
            meter.add(*rr);
    const auto found = meter.result();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->nn_count, 19U);
    EXPECT_NEAR(found->share, 18.0 / 20, 1e-9);
    EXPECT_NEAR(*found->rmssd_ms, 0, 1e-6) << "1000 and 900 ms do not adjoin";
}

TEST(Variability, long_term_measures_are_of_segments_of_five_minutes) {
    // Alternately 740 and 760 ms, in every other five minutes 990 and 1010 ms.
    const double deviation_ms = 10;
    std::vector<double> rr;
    for (int segment = 0; segment < 12; ++segment) {
        const double mean_ms = segment % 2 == 0 ? 750 : 1000;
        for (double at = 0; at < segment_s * 1000; at += 2 * mean_ms)
            for (const double apart : {-deviation_ms, deviation_ms}) rr.push_back(mean_ms + apart);
    }
    rr.front() -= 5;  // the last beat of a segment is not yet in the next
    const auto found = variability(intervals(rr));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->segment_count, 12U);
    EXPECT_NEAR(*found->sdann_ms, 125 * std::sqrt(12.0 / 11), 0.1);
    EXPECT_NEAR(*found->sdnn_index_ms, deviation_ms, 0.1);
}

TEST(Variability, a_beat_that_was_missed_or_found_too_much_leaves_no_trace) {
    const auto found = variability(intervals(
        {800, 810, 790, 800, 810, 800, 1600, 800, 810, 790, 800, 400, 400, 800, 790, 810, 800}));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->nn_count, 14U);
    EXPECT_LT(*found->rmssd_ms, 20);
}

TEST(Variability, what_no_heart_does_is_left_out) {
    const auto found = variability(intervals({800, 800, 100, 800, 800, 800, 800, 800, 800}));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->nn_count, 8U);
    RrSeries series(1000);
    EXPECT_FALSE(series.add({.sample = 10}));
    EXPECT_FALSE(series.add({.sample = 10})) << "a beat that is not later makes no interval";
}

// Normal 24 hours: SDNN 141 ± 39, SDANN 127 ± 35, RMSSD 27 ± 12 ms, triangular index 37 ± 15
// (Task Force 1996, table 3).
TEST(Variability, of_a_healthy_day_is_within_what_the_task_force_calls_normal) {
    const auto list = recordings::names("ecg/nsrdb-beats", ".atr");
    if (list.empty()) GTEST_SKIP() << "no recordings in " << recordings::folder;
    for (const auto& name : list) {
        const auto record = recordings::annotated("ecg/nsrdb-beats", name);
        RrSeries series(record.hz);
        VariabilityMeter meter;
        for (const auto& beat : record.beats)
            if (const auto rr = series.add(beat)) meter.add(*rr);
        const auto found = meter.result();
        ASSERT_TRUE(found) << name;
        EXPECT_GT(found->share, 0.9) << name;
        EXPECT_NEAR(found->sdnn_ms, 141, 3 * 39) << name;
        EXPECT_NEAR(*found->sdann_ms, 127, 3 * 35) << name;
        EXPECT_NEAR(*found->rmssd_ms, 27, 3 * 12) << name;
        EXPECT_NEAR(found->triangular_index, 37, 3 * 15) << name;
    }
}

}  // namespace
}  // namespace vigil::rhythm

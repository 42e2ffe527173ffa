#include "monitor/signals/sample_timeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "monitor/signals/waves.hpp"

namespace vigil::monitor {
namespace {

using testing::ElementsAre;

constexpr Nanoseconds period = std::chrono::milliseconds(100);

// -1 for a sample that there is not.
std::vector<int> samples(SampleTimeline& line) {
    std::vector<float> read;
    line.read(static_cast<std::size_t>(line.end() - line.next()), read);
    std::vector<int> out;
    for (const auto sample : read)
        out.push_back(std::isnan(sample) ? -1 : static_cast<int>(std::lround(sample)));
    return out;
}

WaveformBlock block(std::vector<std::int32_t> samples) {
    return {.period = period, .unit = {}, .samples = std::move(samples)};
}

class Timeline : public testing::Test {
protected:
    bool take(std::int64_t ms, std::vector<std::int32_t> samples, bool is_receipt_time = false) {
        return line.take(Bed::start() + std::chrono::milliseconds(ms), block(std::move(samples)),
                         {}, is_receipt_time);
    }
    SampleTimeline line{Bed::start(), period};
};

TEST_F(Timeline, blocks_that_follow_each_other_are_one_row) {
    EXPECT_TRUE(take(0, {1, 2, 3}));
    EXPECT_TRUE(take(300, {4, 5}));
    EXPECT_THAT(samples(line), ElementsAre(1, 2, 3, 4, 5));
    EXPECT_EQ(line.time_of(line.next()), Bed::start() + 5 * period);
}

TEST_F(Timeline, a_gap_is_samples_that_there_are_not) {
    EXPECT_TRUE(take(0, {1, 2, 3}));
    EXPECT_TRUE(take(500, {6}));
    EXPECT_THAT(samples(line), ElementsAre(1, 2, 3, -1, -1, 6));
}

TEST_F(Timeline, what_overlaps_and_what_comes_twice_counts_once) {
    EXPECT_TRUE(take(0, {1, 2, 3}));
    EXPECT_TRUE(take(0, {7, 7, 7}));
    EXPECT_TRUE(take(200, {7, 4, 5}));
    EXPECT_THAT(samples(line), ElementsAre(1, 2, 3, 4, 5));
    EXPECT_TRUE(take(400, {7, 6}));
    EXPECT_THAT(samples(line), ElementsAre(6)) << "also where it has been read";
}

TEST_F(Timeline, a_clock_that_jitters_moves_nothing) {
    EXPECT_TRUE(take(0, {1, 2}));
    EXPECT_TRUE(take(239, {3}));
    EXPECT_TRUE(take(261, {4}));
    EXPECT_TRUE(take(1'200, {5}, true)) << "the time of its receipt";
    EXPECT_THAT(samples(line), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(Timeline, a_clock_that_drifts_is_followed) {
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(take(101 * i, {i}));
    const auto end = line.time_of(line.end());
    EXPECT_LE(std::chrono::abs(end - (Bed::start() + std::chrono::milliseconds(101 * 50))), period);
}

TEST_F(Timeline, it_does_not_go_on_over_a_long_gap_or_a_clock_that_was_put_back) {
    EXPECT_TRUE(take(0, {1}));
    EXPECT_FALSE(take(10'500, {1}));
    EXPECT_FALSE(take(-11'000, {1}));
    EXPECT_FALSE(take(100, std::vector<std::int32_t>(601, 1))) << "more than is kept";
}

TEST_F(Timeline, missing_samples_and_the_scale_are_the_blocks) {
    auto made = block({1, WaveformBlock::missing, 3});
    made.scale = {25, -1};
    made.offset = {1, 0};
    made.unit = *units::find("uV");
    const auto& lead = *the_catalogue().find("ecg_ii");
    const auto scale = sample_scale(made, lead);
    ASSERT_TRUE(scale);
    EXPECT_NEAR(scale->scale, 0.0025, 1e-9);
    EXPECT_NEAR(scale->offset, 0.001, 1e-9);
    made.unit = *units::find("mm[Hg]");
    EXPECT_FALSE(sample_scale(made, lead)) << "a pressure is no voltage";
    EXPECT_TRUE(line.take(Bed::start(), made, {2, 1}, false));
    EXPECT_THAT(samples(line), ElementsAre(3, -1, 7));
}

TEST_F(Timeline, no_device_has_such_a_rate) {
    auto made = block({1});
    made.period = Nanoseconds(0);
    EXPECT_FALSE(sample_hz(made));
    made.period = Nanoseconds::min();
    EXPECT_FALSE(sample_hz(made));
    made.period = std::chrono::hours(1);
    EXPECT_FALSE(sample_hz(made));
    made.period = std::chrono::milliseconds(4);
    EXPECT_NEAR(*sample_hz(made), 250, 1e-9);
}

}  // namespace
}  // namespace vigil::monitor

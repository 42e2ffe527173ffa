#include "collect/device_clock.hpp"

#include <gtest/gtest.h>

namespace vigil::collect {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp noon = from_unix_ns(1'767'268'800'000'000'000);
const ClockRules rules;

TEST(DeviceClock, a_right_clock_is_believed_and_a_device_without_one_is_filed_on_arrival) {
    DeviceClock clock;
    EXPECT_EQ(clock.file(rules, std::nullopt, noon, false).time, noon);
    EXPECT_FALSE(clock.file(rules, std::nullopt, noon, false).clock_fault);
    EXPECT_EQ(clock.file(rules, noon - seconds(3), noon, false).time, noon - seconds(3));
    EXPECT_EQ(clock.state(), ClockState::good);
    EXPECT_EQ(describe(clock), "right");
}

TEST(DeviceClock, a_live_reading_beyond_the_tolerance_is_filed_on_arrival_and_flagged) {
    DeviceClock clock;
    const auto filed = clock.file(rules, noon - minutes(7), noon, false);
    EXPECT_EQ(filed.time, noon);
    EXPECT_TRUE(filed.clock_fault);
    EXPECT_EQ(clock.state(), ClockState::off);
    EXPECT_EQ(describe(clock), "slow by 7 min");
}

TEST(DeviceClock, an_offset_of_whole_quarter_hours_is_told_as_a_missing_zone) {
    DeviceClock clock;
    clock.file(rules, noon + hours(2) + seconds(4), noon, false);
    EXPECT_EQ(clock.state(), ClockState::no_zone);
    EXPECT_EQ(describe(clock), "fast by 2 h: its time zone is not set");
}

TEST(DeviceClock, stored_data_is_believed_only_once_the_clock_was_seen_in_this_session) {
    DeviceClock clock;
    const auto yesterday = noon - hours(24);
    EXPECT_EQ(clock.file(rules, yesterday, noon, true).time, noon);
    clock.file(rules, noon, noon, false);
    EXPECT_EQ(clock.file(rules, yesterday, noon, true).time, yesterday);
    clock.begin_session();
    EXPECT_TRUE(clock.file(rules, yesterday, noon, true).clock_fault);
}

TEST(DeviceClock, stored_data_of_a_clock_that_is_off_is_put_right_by_the_measured_offset) {
    DeviceClock clock;
    clock.file(rules, noon - hours(5), noon, false);  // slow by 5 h
    const auto filed = clock.file(rules, noon - hours(29), noon, true);
    EXPECT_EQ(filed.time, noon - hours(24));
    EXPECT_TRUE(filed.clock_fault);
}

TEST(DeviceClock, stored_data_from_the_future_is_filed_on_arrival) {
    DeviceClock clock;
    clock.file(rules, noon, noon, false);
    EXPECT_EQ(clock.file(rules, noon + hours(1), noon, true).time, noon);
}

TEST(DeviceClock, a_jump_is_told_and_counted) {
    DeviceClock clock;
    clock.file(rules, noon, noon, false);
    clock.file(rules, noon - seconds(40), noon + seconds(1), false);
    EXPECT_EQ(clock.state(), ClockState::jumped);
    EXPECT_EQ(clock.jumps(), 1U);
    clock.file(rules, noon - seconds(39), noon + seconds(2), false);
    EXPECT_EQ(clock.state(), ClockState::good);
}

TEST(DeviceClock,
     a_clock_that_runs_away_is_told_before_it_is_wrong_and_network_delay_is_not_drift) {
    DeviceClock drifting;
    DeviceClock delayed;
    for (int second = 0; second < 3 * 3600; second += 5) {
        const auto now = noon + seconds(second);
        drifting.file(rules, now - milliseconds(second / 2), now, false);  // 500 ppm slow
        delayed.file(rules, now - milliseconds(second % 60 * 30), now, false);
    }
    EXPECT_EQ(drifting.state(), ClockState::drifting);
    EXPECT_EQ(delayed.state(), ClockState::good);
}

}  // namespace
}  // namespace vigil::collect

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

// A live reading: it shows what the clock says, and is filed by it.
FiledTime live(DeviceClock& clock, std::optional<Timestamp> device_time, Timestamp received) {
    if (device_time) clock.observe(rules, *device_time, received);
    return clock.file(rules, device_time, received, false);
}
FiledTime stored(const DeviceClock& clock, Timestamp device_time, Timestamp received) {
    return clock.file(rules, device_time, received, true);
}

TEST(DeviceClock, a_right_clock_is_believed_and_a_device_without_one_is_filed_on_arrival) {
    DeviceClock clock;
    EXPECT_EQ(live(clock, std::nullopt, noon).time, noon);
    EXPECT_FALSE(live(clock, std::nullopt, noon).clock_fault);
    EXPECT_EQ(live(clock, noon - seconds(3), noon).time, noon - seconds(3));
    EXPECT_EQ(clock.state(), ClockState::good);
    EXPECT_EQ(describe(clock), "right");
}

TEST(DeviceClock, a_live_reading_beyond_the_tolerance_is_filed_on_arrival_and_flagged) {
    DeviceClock clock;
    const auto filed = live(clock, noon - minutes(7), noon);
    EXPECT_EQ(filed.time, noon);
    EXPECT_TRUE(filed.clock_fault);
    EXPECT_EQ(clock.state(), ClockState::off);
    EXPECT_EQ(describe(clock), "slow by 7 min");
}

TEST(DeviceClock, an_offset_of_whole_quarter_hours_is_told_as_a_missing_zone) {
    DeviceClock clock;
    live(clock, noon + hours(2) + seconds(4), noon);
    EXPECT_EQ(clock.state(), ClockState::no_zone);
    EXPECT_EQ(describe(clock), "fast by 2 h: its time zone is not set");
}

TEST(DeviceClock, stored_data_is_believed_only_once_the_clock_was_seen_in_this_session) {
    DeviceClock clock;
    const auto yesterday = noon - hours(24);
    EXPECT_EQ(stored(clock, yesterday, noon).time, noon);
    live(clock, noon, noon);
    EXPECT_EQ(stored(clock, yesterday, noon).time, yesterday);
    clock.in_session(2);
    EXPECT_TRUE(stored(clock, yesterday, noon).clock_fault);
}

TEST(DeviceClock, a_record_of_just_now_needs_no_clock_that_was_seen_before) {
    const DeviceClock clock;
    const auto filed = stored(clock, noon - seconds(20), noon);
    EXPECT_EQ(filed.time, noon - seconds(20)) << "as glucose meters send each of their readings";
    EXPECT_FALSE(filed.clock_fault);
}

TEST(DeviceClock, stored_data_of_a_clock_that_is_off_is_put_right_by_the_measured_offset) {
    DeviceClock clock;
    live(clock, noon - hours(5), noon);  // slow by 5 h
    const auto filed = stored(clock, noon - hours(29), noon);
    EXPECT_EQ(filed.time, noon - hours(24));
    EXPECT_TRUE(filed.clock_fault);
}

TEST(DeviceClock, stored_data_from_the_future_is_filed_on_arrival) {
    DeviceClock clock;
    live(clock, noon, noon);
    EXPECT_EQ(stored(clock, noon + hours(1), noon).time, noon);
}

TEST(DeviceClock, a_jump_is_told_and_counted) {
    DeviceClock clock;
    live(clock, noon, noon);
    live(clock, noon - seconds(40), noon + seconds(1));
    EXPECT_EQ(clock.state(), ClockState::jumped);
    EXPECT_EQ(clock.jumps(), 1U);
    live(clock, noon - seconds(39), noon + seconds(2));
    EXPECT_EQ(clock.state(), ClockState::good);
}

TEST(DeviceClock,
     a_clock_that_runs_away_is_told_before_it_is_wrong_and_network_delay_is_not_drift) {
    DeviceClock drifting;
    DeviceClock delayed;
    for (int second = 0; second < 3 * 3600; second += 5) {
        const auto now = noon + seconds(second);
        live(drifting, now - milliseconds(second / 2), now);  // 500 ppm slow
        live(delayed, now - milliseconds(second % 60 * 30), now);
    }
    EXPECT_EQ(drifting.state(), ClockState::drifting);
    EXPECT_EQ(delayed.state(), ClockState::good);
}

}  // namespace
}  // namespace vigil::collect

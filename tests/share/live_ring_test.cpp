#include "share/live_ring.hpp"

#include <gtest/gtest.h>

namespace vigil::share {
namespace {

using std::chrono::seconds;

constexpr Timestamp noon = from_unix_ns(1'767'268'800'000'000'000);

collect::FiledMessage message(std::uint64_t offset, Timestamp at) {
    return {.position = {0, offset},
            .patient = {1},
            .device = {1},
            .receive_time = at,
            .readings = {},
            .first_sequence = 0,
            .encoded = {}};
}

TEST(LiveRing, a_cursor_finds_what_came_after_it) {
    LiveRing ring(seconds(60), 1 << 20);
    for (std::uint64_t i = 1; i <= 5; ++i)
        ring.push(message(i * 10, noon + seconds(i)), noon + seconds(i));
    EXPECT_EQ(ring.after({0, 20}), 3U);
    EXPECT_EQ(ring.after({0, 25}), 3U);  // entries that were no readings stand between
    EXPECT_EQ(ring.after({0, 50}), ring.end());
    EXPECT_EQ(ring.after({}), 1U);
    EXPECT_EQ(ring.reached(3), (Position{0, 20}));
}

TEST(LiveRing, what_is_too_old_or_too_much_is_gone_and_a_cursor_before_it_is_told_so) {
    LiveRing ring(seconds(60), 1 << 20);
    ring.push(message(1, noon), noon);
    ring.push(message(2, noon + seconds(1)), noon + seconds(1));
    ring.push(message(3, noon + seconds(62)), noon + seconds(62));
    EXPECT_EQ(ring.begin(), 3U);
    EXPECT_EQ(ring.after({0, 1}), std::nullopt);
    EXPECT_EQ(ring.after({0, 2}), 3U);

    constexpr std::size_t kept_bytes = 16 << 10;
    LiveRing small(seconds(60), kept_bytes);
    for (std::uint64_t i = 1; i <= 5000; ++i) small.push(message(i, noon), noon);
    EXPECT_LE(small.byte_count(), kept_bytes);
    EXPECT_GT(small.byte_count(), kept_bytes / 2);
    EXPECT_EQ(small.reached(small.begin()), (Position{0, small.begin() - 1}));
}

TEST(LiveRing, a_message_the_log_could_not_keep_is_shown_and_moves_no_cursor) {
    LiveRing ring(seconds(60), 1 << 20);
    ring.push(message(7, noon), noon);
    ring.push(message(0, noon), noon);
    EXPECT_FALSE(ring.at(2).stored());
    EXPECT_EQ(ring.reached(ring.end()), (Position{0, 7}));
}

TEST(LiveRing, a_message_reads_the_same_however_long_ago_it_came) {
    LiveRing ring(seconds(60), 1 << 20);
    const auto readings_of = [](std::int64_t n) {
        return std::vector<FiledReading>{
            {{.metric = {1}, .device_time = noon, .value = NumericValue{{n, -1}, UnitId{3}}}, noon},
            {{.metric = {9}, .value = WaveformBlock{seconds(1), {1, 0}, {0, 0}, {}, {1, 2}}},
             noon}};
    };
    for (std::int64_t n = 1; n <= 2000; ++n) {
        auto one = message(static_cast<std::uint64_t>(n), noon);
        const auto readings = readings_of(n);
        one.patient = PatientId{static_cast<std::uint32_t>(n % 3)};
        one.readings = readings;
        ring.push(one, noon);
        EXPECT_EQ(ring.at(ring.end() - 1).readings, readings);
    }
    ASSERT_EQ(ring.end() - ring.begin(), 2000U);
    for (std::int64_t n = 1; n <= 2000; ++n) {
        const auto number = static_cast<std::uint64_t>(n);
        EXPECT_EQ(ring.patient_of(number), PatientId{static_cast<std::uint32_t>(n % 3)});
        EXPECT_EQ(ring.at(number).readings, readings_of(n)) << n;
        EXPECT_EQ(ring.at(number).position, (Position{0, number}));
    }
}

}  // namespace
}  // namespace vigil::share

#include "share/live_ring.hpp"

#include <gtest/gtest.h>

namespace vigil::share {
namespace {

using std::chrono::seconds;

constexpr Timestamp noon = from_unix_ns(1'767'268'800'000'000'000);

collect::FiledMessage message(std::uint64_t offset, Timestamp at) {
    return {
        .position = {0, offset}, .patient = {1}, .device = {1}, .receive_time = at, .readings = {}};
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
    EXPECT_EQ(ring.since(noon + seconds(4)), 4U);
}

TEST(LiveRing, what_is_too_old_or_too_much_is_gone_and_a_cursor_before_it_is_told_so) {
    LiveRing ring(seconds(60), 1 << 20);
    ring.push(message(1, noon), noon);
    ring.push(message(2, noon + seconds(1)), noon + seconds(1));
    ring.push(message(3, noon + seconds(62)), noon + seconds(62));
    EXPECT_EQ(ring.begin(), 3U);
    EXPECT_EQ(ring.after({0, 1}), std::nullopt);
    EXPECT_EQ(ring.after({0, 2}), 3U);

    LiveRing small(seconds(60), 2 * sizeof(LiveMessage));
    for (std::uint64_t i = 1; i <= 10; ++i) small.push(message(i, noon), noon);
    EXPECT_EQ(small.end() - small.begin(), 2U);
}

TEST(LiveRing, a_message_the_log_could_not_keep_is_shown_and_moves_no_cursor) {
    LiveRing ring(seconds(60), 1 << 20);
    ring.push(message(7, noon), noon);
    ring.push(message(0, noon), noon);
    EXPECT_FALSE(ring.at(2).stored());
    EXPECT_EQ(ring.reached(ring.end()), (Position{0, 7}));
}

}  // namespace
}  // namespace vigil::share

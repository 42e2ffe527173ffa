#include "metric/freshness.hpp"

#include <gtest/gtest.h>

namespace vigil {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Timestamp noon = from_unix_ns(1'792'749'600'000'000'000);

TEST(Freshness, of_a_live_metric_follows_its_expected_interval) {
    const auto at_age = [](Nanoseconds age) { return freshness(noon, seconds(2), noon + age); };
    EXPECT_EQ(at_age(seconds(0)), Freshness::fresh);
    EXPECT_EQ(at_age(seconds(2)), Freshness::fresh);
    EXPECT_EQ(at_age(milliseconds(2001)), Freshness::stale);
    EXPECT_EQ(at_age(seconds(6)), Freshness::stale);
    EXPECT_EQ(at_age(milliseconds(6001)), Freshness::absent);
    EXPECT_EQ(at_age(seconds(-1)), Freshness::fresh) << "a source that runs ahead";
}

TEST(Freshness, of_an_episodic_metric_follows_the_ward_round) {
    const auto at_age = [](Nanoseconds age) { return freshness(noon, seconds(0), noon + age); };
    EXPECT_EQ(at_age(hours(4)), Freshness::fresh);
    EXPECT_EQ(at_age(hours(5)), Freshness::stale);
    EXPECT_EQ(at_age(hours(13)), Freshness::absent);
}

TEST(Freshness, of_what_was_never_seen_is_absent) {
    EXPECT_EQ(freshness(std::nullopt, seconds(2), noon), Freshness::absent);
}

}  // namespace
}  // namespace vigil

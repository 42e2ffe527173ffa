#include "identity/request_quota.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace vigil::identity {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Nanoseconds none{0};

struct RequestQuotaTest : testing::Test {
    RequestQuota quota{{.requests_per_second = 10, .burst = 5, .buckets = 64}, system_random()};
    Nanoseconds now = std::chrono::hours(8);

    int taken_at_once(std::string_view key) {
        int count = 0;
        while (quota.take(key, now) == none) ++count;
        return count;
    }
};

TEST_F(RequestQuotaTest, gives_the_burst_at_once_then_the_rate) {
    EXPECT_EQ(taken_at_once("a"), 5);
    EXPECT_EQ(quota.take("a", now), milliseconds(100));
    now += milliseconds(60);
    EXPECT_EQ(quota.take("a", now), milliseconds(40));
    now += milliseconds(40);
    EXPECT_EQ(quota.take("a", now), none) << "asking too early made nobody wait longer";
    EXPECT_EQ(taken_at_once("a"), 0);
    now += seconds(1);
    EXPECT_EQ(taken_at_once("a"), 5) << "no more than the burst is saved up";
}

TEST_F(RequestQuotaTest, one_who_asks_much_takes_nothing_from_another) {
    EXPECT_EQ(taken_at_once("a"), 5);
    EXPECT_EQ(taken_at_once("b"), 5);
    EXPECT_EQ(quota.refused(), 2U);
}

TEST_F(RequestQuotaTest, memory_is_bounded_and_newcomers_do_not_free_who_has_to_wait) {
    const auto bytes = quota.bytes();
    EXPECT_EQ(taken_at_once("greedy"), 5);
    for (int i = 0; i < 100'000; ++i) (void)quota.take(fmt::format("newcomer {}", i), now);
    EXPECT_EQ(quota.bytes(), bytes);
    EXPECT_EQ(taken_at_once("greedy"), 0);
}

TEST_F(RequestQuotaTest, a_rate_of_zero_is_no_quota) {
    RequestQuota off{{.requests_per_second = 0}, system_random()};
    for (int i = 0; i < 100'000; ++i) ASSERT_EQ(off.take("a", now), none);
    EXPECT_EQ(off.bytes(), 0U);
}

TEST_F(RequestQuotaTest, a_burst_below_one_still_lets_one_by) {
    RequestQuota small{{.requests_per_second = 1, .burst = 0}, system_random()};
    EXPECT_EQ(small.take("a", now), none);
    EXPECT_GT(small.take("a", now), none);
}

}  // namespace
}  // namespace vigil::identity

#include "collect/seen_messages.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

namespace vigil::collect {
namespace {

constexpr Timestamp noon = from_unix_ns(1'767'268'800'000'000'000);

Fingerprint message(std::uint64_t n) {
    return fingerprint({reinterpret_cast<const char*>(&n), sizeof n});
}

TEST(SeenMessages, remembers_the_last_4096_of_a_sender) {
    SeenMessages seen;
    for (std::uint64_t n = 0; n < 5000; ++n) seen.add(message(n), noon);
    EXPECT_FALSE(seen.contains(message(5000 - 4097), noon));
    for (std::uint64_t n = 5000 - 4096; n < 5000; ++n) EXPECT_TRUE(seen.contains(message(n), noon));
}

TEST(SeenMessages, after_a_day_the_same_identity_is_a_new_message) {
    SeenMessages seen;
    seen.add(message(1), noon);
    EXPECT_TRUE(seen.contains(message(1), noon + std::chrono::hours(24)));
    const auto later = noon + std::chrono::hours(25);
    EXPECT_FALSE(seen.contains(message(1), later));
    EXPECT_TRUE(seen.add(message(1), later));
    EXPECT_FALSE(seen.add(message(1), later));
    EXPECT_TRUE(seen.contains(message(1), later));
}

TEST(SeenMessages, what_failed_to_be_stored_is_not_remembered) {
    SeenMessages seen;
    seen.forget(message(1));
    seen.add(message(1), noon);
    seen.forget(message(1));
    EXPECT_FALSE(seen.contains(message(1), noon));
}

TEST(SeenMessages, agrees_with_a_plain_list_whatever_is_remembered_and_forgotten) {
    SeenMessages seen;
    std::deque<std::uint64_t> arrivals;  // the last 4,096, 0 where forgotten
    std::mt19937_64 random(11);
    for (int step = 0; step < 50'000; ++step) {
        const auto n = 1 + random() % 6000;
        const auto known = std::find(arrivals.begin(), arrivals.end(), n);
        ASSERT_EQ(seen.contains(message(n), noon), known != arrivals.end()) << step;
        if (known == arrivals.end()) {
            seen.add(message(n), noon);
            arrivals.push_back(n);
            if (arrivals.size() > 4096) arrivals.pop_front();
        } else if (random() % 2 == 0) {
            seen.forget(message(n));
            *known = 0;
        }
    }
}

}  // namespace
}  // namespace vigil::collect

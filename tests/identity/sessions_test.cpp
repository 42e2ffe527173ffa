#include "identity/sessions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

constexpr AccountId ada{1}, bo{2};

class SessionsTest : public testing::Test {
protected:
    NewSession open(AccountId account, Timestamp now) {
        return sessions.open(account, now, system_random(), "192.0.2.7", "Firefox");
    }
    Sessions sessions{{.idle = std::chrono::minutes(30), .absolute = std::chrono::hours(8)}};
};

TEST_F(SessionsTest, a_cookie_finds_its_session) {
    const auto opened = open(ada, at(8));
    const auto* found = sessions.find(opened.cookie, at(8, 10));
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->account, ada);
    EXPECT_EQ(found->address, "192.0.2.7");
    EXPECT_EQ(sessions.find("", at(8, 10)), nullptr);
    EXPECT_EQ(sessions.find(opened.cookie + "x", at(8, 10)), nullptr);
}

TEST_F(SessionsTest, ends_when_idle_and_when_its_time_is_over) {
    const auto idle = open(ada, at(8));
    EXPECT_EQ(sessions.find(idle.cookie, at(8, 30)), nullptr) << "half an hour without a request";
    const auto busy = open(ada, at(8));
    for (int minute = 0; minute < 8 * 60; minute += 20)
        EXPECT_NE(sessions.find(busy.cookie, at(8, minute)), nullptr) << minute;
    EXPECT_EQ(busy.expires, at(16));
    EXPECT_EQ(sessions.find(busy.cookie, at(16)), nullptr) << "eight hours, however busy";
}

TEST_F(SessionsTest, can_be_listed_and_ended_one_by_one_or_all) {
    const auto first = open(ada, at(8)), second = open(ada, at(8, 1)), others = open(bo, at(8));
    ASSERT_EQ(sessions.list(ada, at(8, 2)).size(), 2U);
    EXPECT_EQ(sessions.list(ada, at(8, 2))[0].id, second.id) << "the latest first";
    EXPECT_TRUE(sessions.close(ada, first.id));
    EXPECT_FALSE(sessions.close(ada, first.id));
    EXPECT_EQ(sessions.find(first.cookie, at(8, 3)), nullptr);
    EXPECT_EQ(sessions.close_all(ada), 1U);
    EXPECT_EQ(sessions.find(second.cookie, at(8, 3)), nullptr);
    EXPECT_NE(sessions.find(others.cookie, at(8, 3)), nullptr);
    EXPECT_TRUE(sessions.close(others.cookie)) << "signing out";
    EXPECT_EQ(sessions.size(), 0U);
}

TEST_F(SessionsTest, ends_only_the_accounts_own_and_all_but_one) {
    const auto here = open(ada, at(8)), there = open(ada, at(8)), others = open(bo, at(8));
    EXPECT_FALSE(sessions.close(bo, here.id)) << "another account's";
    EXPECT_EQ(sessions.close_others(ada, here.id), 1U);
    EXPECT_NE(sessions.find(here.cookie, at(8)), nullptr);
    EXPECT_EQ(sessions.find(there.cookie, at(8)), nullptr);
    EXPECT_NE(sessions.find(others.cookie, at(8)), nullptr);
}

TEST_F(SessionsTest, is_fresh_for_five_minutes_after_its_person_showed_who_they_are) {
    const auto opened = open(ada, at(8));
    const auto fresh = [&](Timestamp now) {
        return sessions.fresh(*sessions.find(opened.cookie, now), now);
    };
    EXPECT_TRUE(fresh(at(8, 5)));
    EXPECT_FALSE(fresh(at(8, 6))) << "however busy";
    sessions.authenticated(opened.cookie, at(8, 7));
    EXPECT_TRUE(fresh(at(8, 12)));
}

TEST_F(SessionsTest, the_csrf_token_is_the_sessions_own) {
    const auto first = open(ada, at(8)), second = open(ada, at(8));
    EXPECT_TRUE(Sessions::csrf_matches(first.cookie, first.csrf));
    EXPECT_FALSE(Sessions::csrf_matches(first.cookie, second.csrf));
    EXPECT_FALSE(Sessions::csrf_matches(first.cookie, ""));
    EXPECT_FALSE(Sessions::csrf_matches(first.cookie, first.cookie));
    EXPECT_EQ(Sessions::csrf(first.cookie), first.csrf) << "asked for again by the page";
}

TEST_F(SessionsTest, are_bounded_and_swept) {
    const auto first = open(ada, at(8));
    for (std::size_t i = 0; i < Sessions::sessions_an_account_max; ++i) open(ada, at(8, 1));
    EXPECT_EQ(sessions.size(), Sessions::sessions_an_account_max);
    EXPECT_EQ(sessions.find(first.cookie, at(8, 2)), nullptr) << "the longest idle one ended";
    sessions.sweep(at(9));
    EXPECT_EQ(sessions.size(), 0U);
}

}  // namespace
}  // namespace vigil::identity

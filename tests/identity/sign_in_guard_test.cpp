#include "identity/sign_in_guard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
constexpr Nanoseconds at_once{0};
constexpr auto ward_pc = "192.0.2.7:50312";
constexpr auto elsewhere = "198.51.100.9:4000";

std::string stranger(int i) {
    return "203.0." + std::to_string(i / 250) + "." + std::to_string(i % 250) + ":9";
}

TEST(SignInGuard, a_few_typos_cost_nothing_then_each_waits_twice_as_long) {
    SignInGuard guard;
    auto now = at(8);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(guard.wait("ada", ward_pc, now), at_once);
        guard.attempt("ada", ward_pc, now);
    }
    for (const auto expected : {seconds(1), seconds(2), seconds(4)}) {
        EXPECT_EQ(guard.wait("ada", ward_pc, now), expected);
        now += expected;
        EXPECT_EQ(guard.wait("ada", ward_pc, now), at_once);
        guard.attempt("ada", ward_pc, now);
    }
    for (int i = 0; i < 40; ++i) guard.attempt("ada", ward_pc, now);
    EXPECT_EQ(guard.wait("ada", ward_pc, now), minutes(1)) << "never longer";
}

TEST(SignInGuard, success_forgets_the_typos) {
    SignInGuard guard;
    for (int i = 0; i < 6; ++i) guard.attempt("ada", ward_pc, at(8));
    guard.succeeded("ada", ward_pc, at(8));
    EXPECT_EQ(guard.wait("ada", ward_pc, at(8)), at_once);
}

TEST(SignInGuard, guessing_from_everywhere_does_not_lock_the_owner_out_of_the_usual_place) {
    SignInGuard guard;
    guard.attempt("ada", ward_pc, at(8));
    guard.succeeded("ada", ward_pc, at(8));
    for (int i = 0; i < 2'000; ++i) guard.attempt("ada", stranger(i), at(9));
    EXPECT_EQ(guard.wait("ada", ward_pc, at(9)), at_once);
    EXPECT_GT(guard.wait("ada", elsewhere, at(9)), seconds(30)) << "guessers are slowed";
    EXPECT_EQ(guard.wait("bo", elsewhere, at(9)), at_once) << "nobody else is";
}

TEST(SignInGuard, one_address_guessing_at_many_names_is_slowed_but_not_its_regulars) {
    SignInGuard guard;
    guard.attempt("ada", ward_pc, at(8));
    guard.succeeded("ada", ward_pc, at(8));
    for (int i = 0; i < 100; ++i) guard.attempt("name" + std::to_string(i), ward_pc, at(9));
    EXPECT_GT(guard.wait("bo", ward_pc, at(9)), seconds(30));
    EXPECT_EQ(guard.wait("ada", ward_pc, at(9)), at_once);
    EXPECT_EQ(guard.wait("bo", ward_pc, at(12)), at_once) << "it passes";
}

TEST(SignInGuard, a_shift_change_behind_one_address_is_no_attack) {
    SignInGuard guard;
    for (int i = 0; i < 500; ++i) {
        const auto name = "nurse" + std::to_string(i);
        EXPECT_EQ(guard.wait(name, ward_pc, at(7)), at_once) << name;
        guard.attempt(name, ward_pc, at(7));
        guard.succeeded(name, ward_pc, at(7));
    }
}

TEST(SignInGuard, its_memory_is_bounded_and_regulars_are_forgotten_last) {
    SignInGuard guard({.entries_max = 300});
    guard.attempt("ada", ward_pc, at(8));
    guard.succeeded("ada", ward_pc, at(8));
    for (int i = 0; i < 5'000; ++i) guard.attempt("ada", stranger(i), at(9));
    EXPECT_LE(guard.size(), 303U);
    EXPECT_EQ(guard.wait("ada", ward_pc, at(9)), at_once);
}

TEST(NetworkOf, what_counts_as_one_address) {
    EXPECT_EQ(network_of("192.0.2.7:50312"), "192.0.2.7");
    EXPECT_EQ(network_of("192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(network_of("[::ffff:192.0.2.7]:50312"), "192.0.2.7");
    EXPECT_EQ(network_of("[2001:db8:1:2:3:4:5:6]:50312"), network_of("2001:db8:1:2::1"));
    EXPECT_NE(network_of("[2001:db8:1:2::1]:1"), network_of("[2001:db8:1:3::1]:1"));
    EXPECT_EQ(network_of("nonsense"), "nonsense");
    EXPECT_EQ(network_of(""), "");
    EXPECT_EQ(network_of("["), "");
}

}  // namespace
}  // namespace vigil::identity

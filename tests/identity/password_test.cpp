#include "identity/password.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigil::identity {
namespace {

// Hashing as it is, at the least cost libsodium takes: tests are not guessed at.
constexpr HashCost cheap{.memory_bytes = 8192, .passes = 1};

TEST(Password, good_ones_are_long_and_nothing_else) {
    for (const auto* good :
         {"correct horse battery staple", "grün wie die Wiese", "fifteen letters",
          "    spaces are fine    ",
          "\xE8\xAA\xB0\xE3\x82\x82\xE7\x9F\xA5\xE3\x82\x89\xE3\x81\xAA"
          "\xE3\x81\x84\xE5\x90\x88\xE8\xA8\x80\xE8\x91\x89\xE3\x81\xA7\xE3\x81\x99\xE3\x82\x88"
          "\xE3\x81\xAD\xE3\x81\xAD\xE3\x81\xAD"})
        EXPECT_TRUE(check_password_rules(good, "ada")) << good;
}

TEST(Password, bad_ones_are_refused_with_a_reason) {
    const std::vector<std::pair<std::string, const char*>> cases{
        {"short", "too short"},
        {"fourteen lette", "one too short"},
        {"gr\xC3\xBCngr\xC3\xBCngr\xC3\xBCn", "12 letters in 15 bytes"},
        {std::string(257, 'x') + "y", "too long"},
        {"aaaaaaaaaaaaaaaaaaaa", "one letter"},
        {"abcabcabcabcabcabc", "three letters"},
        {"123456789012345", "a row"},
        {"abcdefghijklmnopq", "the alphabet"},
        {"Password12345678", "the commonest"},
        {"Change-Me Change-Me", "the commonest, decorated"},
        {"nightingalenightingale", "the user's own name"},
        {"not well-formed \xC3", "half a character"},
    };
    for (const auto& [password, why] : cases)
        EXPECT_EQ(check_password_rules(password, "nightingale").error().place, "password") << why;
}

TEST(Password, verifies_what_was_hashed_and_nothing_else) {
    const auto hash = hash_password("correct horse battery staple", cheap);
    ASSERT_TRUE(hash);
    EXPECT_THAT(*hash, testing::StartsWith("$argon2id$v=19$"));
    EXPECT_TRUE(verify_password("correct horse battery staple", *hash));
    EXPECT_FALSE(verify_password("correct horse battery stapler", *hash));
    EXPECT_FALSE(verify_password("", *hash));
    EXPECT_FALSE(verify_password("correct horse battery staple", "$argon2id$nonsense"));
    EXPECT_FALSE(verify_password("", "")) << "an account without a password";
    EXPECT_FALSE(verify_password("anything", std::string(4096, 'x')));
    EXPECT_NE(*hash, *hash_password("correct horse battery staple", cheap)) << "salted";
}

TEST(Password, a_hash_of_another_cost_is_to_be_made_again) {
    const auto hash = hash_password("correct horse battery staple", cheap);
    EXPECT_FALSE(needs_rehash(*hash, cheap));
    EXPECT_TRUE(needs_rehash(*hash));
}

TEST(Password, the_first_administrators_can_be_read_out_and_meets_the_rules) {
    const auto password = generate_password(system_random());
    EXPECT_THAT(password,
                testing::MatchesRegex("([0-9a-hjkmnp-tv-z]{4}-){4}[0-9a-hjkmnp-tv-z]{4}"));
    EXPECT_TRUE(check_password_rules(password, "admin"));
    EXPECT_NE(password, generate_password(system_random()));
}

}  // namespace
}  // namespace vigil::identity

#include "identity/jose/signing_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "identity/jose/jwt.hpp"
#include "identity/ward.hpp"

namespace vigil::identity::jose {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::HasSubstr;

const Timestamp start = at(8);
const SigningKeys fresh = SigningKeys().rotated(start);

std::size_t published(const SigningKeys& keys, Timestamp now) {
    return read_jwks(keys.jwks(now))->keys().size();
}
// Good for as long as a token may be.
std::string token_at(const SigningKeys& keys, Timestamp now) {
    const auto end = std::chrono::floor<std::chrono::seconds>(now + signed_lifetime_max);
    return keys.sign(R"({"iss":"https://vigil.example","exp":)" +
                         std::to_string(end.time_since_epoch().count()) + "}",
                     now);
}
bool believed(const std::string& token, const KeySet& keys, Timestamp now) {
    return verify(token, keys, {.issuer = "https://vigil.example", .now = now}).has_value();
}

TEST(SigningKeys, what_they_sign_is_believed_by_whoever_reads_what_they_publish) {
    const auto token = token_at(fresh, start);
    EXPECT_TRUE(believed(token, *read_jwks(fresh.jwks(start)), start));
    EXPECT_TRUE(believed(token, fresh.public_keys(start), start));
    EXPECT_FALSE(believed(token, SigningKeys().rotated(start).public_keys(start), start));
}

TEST(SigningKeys, nothing_private_is_published) {
    const auto json = fresh.jwks(start);
    EXPECT_TRUE(read_jwks(json)) << json;  // a private key in it would be refused
    EXPECT_THAT(json, HasSubstr(R"("use":"sig","alg":"RS256","kid":)"));
    EXPECT_THAT(fresh.encode(), HasSubstr("PRIVATE KEY"));
}

TEST(SigningKeys, a_token_says_of_which_type_it_is) {
    const auto token = fresh.sign(R"({"iss":"i","exp":9000000000})", start, "at+jwt");
    const Expected access{.issuer = "i", .now = start, .type = "at+jwt"};
    const Expected plain{.issuer = "i", .now = start, .type = "JWT"};
    EXPECT_TRUE(verify(token, fresh.public_keys(start), access));
    EXPECT_FALSE(verify(token, fresh.public_keys(start), plain));
}

TEST(SigningKeys, the_next_is_published_a_day_before_it_signs_and_the_last_a_day_after) {
    const auto ends = start + SigningKeys::signs_for;
    EXPECT_FALSE(fresh.are_due(ends - hours(25)));
    ASSERT_TRUE(fresh.are_due(ends - hours(24)));
    const auto both = fresh.rotated(ends - hours(24));
    EXPECT_FALSE(both.are_due(ends - hours(24)));
    EXPECT_EQ(published(both, ends - hours(24)), 2U);

    const auto key_at = [&](Timestamp now) { return *claimed_key(token_at(both, now)); };
    const auto first = *claimed_key(token_at(fresh, start));
    EXPECT_EQ(key_at(ends - hours(24)), first);
    EXPECT_EQ(key_at(ends - Nanoseconds(1)), first);
    EXPECT_NE(key_at(ends), first);

    const auto last = token_at(both, ends - Nanoseconds(1));
    EXPECT_TRUE(believed(last, both.public_keys(ends + hours(23)), ends + hours(23)));
    EXPECT_FALSE(both.are_due(ends + hours(24)));
    EXPECT_EQ(published(both, ends + hours(24)), 2U);
    EXPECT_EQ(published(both, ends + hours(25)), 1U);
    ASSERT_TRUE(both.are_due(ends + hours(25)));
    const auto second = both.rotated(ends + hours(25));
    EXPECT_EQ(*claimed_key(token_at(second, ends + hours(25))), key_at(ends));
    EXPECT_EQ(published(second, ends + hours(25)), 1U);
    EXPECT_FALSE(second.are_due(ends + hours(25)));
}

TEST(SigningKeys, after_a_long_stop_the_old_key_signs_until_the_new_one_was_published_for_a_day) {
    const auto late = start + days(400);
    const auto both = fresh.rotated(late);
    const auto first = *claimed_key(token_at(fresh, start));
    EXPECT_EQ(published(both, late), 2U);
    EXPECT_EQ(*claimed_key(token_at(both, late + hours(23))), first);
    EXPECT_NE(*claimed_key(token_at(both, late + hours(24))), first);
}

TEST(SigningKeys, a_clock_that_was_set_back_finds_a_key) {
    const auto early = start - days(1000);
    EXPECT_TRUE(believed(token_at(fresh, early), fresh.public_keys(early), early));
}

TEST(SigningKeys, are_read_back_as_they_were_written) {
    const auto both = fresh.rotated(start + SigningKeys::signs_for);
    const auto again = SigningKeys::decode(both.encode());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->encode(), both.encode());
    EXPECT_EQ(again->jwks(start), both.jwks(start));
    EXPECT_TRUE(SigningKeys::decode("")->are_due(start));
}

TEST(SigningKeys, a_file_that_was_changed_is_refused) {
    const auto text = fresh.encode();
    const auto line = text.find('\n');
    auto flipped = text;
    flipped[line + 60] = flipped[line + 60] == 'A' ? 'B' : 'A';
    const auto earlier = SigningKeys().rotated(start - days(1)).encode();
    for (const auto& bent : {text + "x", text.substr(1), text.substr(0, text.size() - 1),
                             "signs-from: soon\n" + text.substr(line + 1),
                             std::string("signs-from: "), "\n" + text, text + earlier})
        EXPECT_FALSE(SigningKeys::decode(bent)) << bent.substr(0, 40);
    const auto other = SigningKeys::decode(flipped);
    EXPECT_FALSE(other && other->encode() == text);
}

}  // namespace
}  // namespace vigil::identity::jose

#include "share/openid/handshake.hpp"

#include <gtest/gtest.h>

#include <set>

namespace vigil::share::openid {
namespace {

const Timestamp now{std::chrono::seconds(1'800'000'000)};
const Handshakes handshakes(identity::system_random());

// RFC 7636 appendix B.
TEST(Handshake, challenges_as_the_standards_example_does) {
    EXPECT_EQ(code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
              "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(Handshake, is_found_again_by_its_cookie_and_by_nothing_else) {
    const auto begun = handshakes.begin(now);
    const auto found = handshakes.of(begun.cookie, now + std::chrono::minutes(9));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->state, begun.state);
    EXPECT_EQ(found->nonce, begun.nonce);
    EXPECT_EQ(found->code_verifier, begun.code_verifier);
    for (const auto& other :
         {std::string(), std::string("x"), std::string("."), begun.cookie + "0x",
          begun.cookie.substr(0, 43) + ".", begun.cookie.substr(0, 43) + ".-5"})
        EXPECT_FALSE(handshakes.of(other, now)) << other;
}

TEST(Handshake, is_over_after_ten_minutes_and_cannot_be_made_longer) {
    const auto begun = handshakes.begin(now);
    EXPECT_TRUE(handshakes.of(begun.cookie, now + std::chrono::seconds(599)));
    EXPECT_FALSE(handshakes.of(begun.cookie, now + std::chrono::seconds(600)));
    const auto longer = handshakes.of(begun.cookie + "0", now);
    EXPECT_NE(longer->state, begun.state);
}

TEST(Handshake, has_parts_that_say_nothing_of_each_other_and_of_no_other) {
    std::set<std::string> seen;
    for (int i = 0; i < 10; ++i) {
        const auto one = handshakes.begin(now);
        for (const auto& part : {one.cookie, one.state, one.nonce, one.code_verifier}) {
            EXPECT_GE(part.size(), 43U);
            EXPECT_TRUE(seen.insert(part).second);
        }
    }
    // Another server, and this one after a restart.
    const auto begun = handshakes.begin(now);
    EXPECT_NE(Handshakes(identity::system_random()).of(begun.cookie, now)->state, begun.state);
}

}  // namespace
}  // namespace vigil::share::openid

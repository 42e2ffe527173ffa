#include "share/openid/provider.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "identity/jose/signer.hpp"

namespace vigil::share::openid {
namespace {

using identity::jose::Algorithm;
using identity::jose::Signer;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* issuer = "https://idp.example";
constexpr const char* back = "https://vigil.example/api/session/openid/callback";
const Signer first(Algorithm::es256, "first"), second(Algorithm::es256, "second");

// A provider that answers when the test says so, at a time of the test's choice.
class ProviderTest : public testing::Test {
protected:
    Settings settings{.issuer = issuer, .client_id = "vigil", .client_secret = "s c"};
    Timestamp now{std::chrono::seconds(1'800'000'000)};
    const Signer* signer = &first;
    std::string published = first.jwk();
    std::string auth_methods = R"(["client_secret_basic"])";
    int status = 200;
    std::vector<Provider::Ask> asked;
    std::deque<Provider::Answered> held;
    bool holds = false;
    Handshakes handshakes{identity::system_random()};
    Handshake handshake = handshakes.begin(now);
    std::optional<Provider> made;

    Provider& provider() {
        if (!made)
            made.emplace(
                settings,
                [this](Provider::Ask ask, Provider::Answered answered) {
                    asked.push_back(ask);
                    if (holds)
                        held.push_back(std::move(answered));
                    else
                        answered(session::HttpResponse{.status = status, .body = body(ask.url)});
                },
                [this] { return now; });
        return *made;
    }

    std::string body(const std::string& url) const {
        if (url.ends_with("openid-configuration"))
            return R"({"issuer":"https://idp.example","authorization_endpoint":"https://idp.example/a",)"
                   R"("token_endpoint":"https://idp.example/t","jwks_uri":"https://idp.example/k",)"
                   R"("token_endpoint_auth_methods_supported":)" +
                   auth_methods + "}";
        if (url.ends_with("/k")) return R"({"keys":[)" + published + "]}";
        const auto seconds = std::to_string(now.time_since_epoch() / std::chrono::seconds(1));
        return R"({"id_token":")" +
               signer->token(R"({"iss":"https://idp.example","sub":"s","aud":"vigil","nonce":")" +
                             handshake.nonce + R"(","iat":)" + seconds + R"(,"exp":)" + seconds +
                             R"(,"preferred_username":"nurse"})") +
               R"("})";
    }

    Result<Vouched> redeem() {
        Result<Vouched> got = fail(Error::Kind::internal, "nothing yet");
        provider().redeem("a code", handshake, back,
                          [&](Result<Vouched> who) { got = std::move(who); });
        return got;
    }
    std::vector<std::string> urls() const {
        std::vector<std::string> out;
        for (const auto& ask : asked) out.push_back(ask.url.substr(ask.url.rfind('/')));
        return out;
    }
};

TEST_F(ProviderTest, a_browser_is_sent_there_with_all_that_the_standard_asks) {
    std::string address;
    provider().address(handshake, back, [&](const Result<std::string>& got) { address = *got; });
    EXPECT_THAT(address, testing::StartsWith("https://idp.example/a?response_type=code&"));
    for (const auto& part :
         {std::string("scope=openid%20profile"), std::string("client_id=vigil"),
          std::string(
              "redirect_uri=https%3A%2F%2Fvigil.example%2Fapi%2Fsession%2Fopenid%2Fcallback"),
          "state=" + handshake.state, "nonce=" + handshake.nonce,
          "code_challenge=" + code_challenge(handshake.code_verifier),
          std::string("code_challenge_method=S256")})
        EXPECT_THAT(address, HasSubstr("&" + part));
    EXPECT_THAT(address, testing::Not(HasSubstr(handshake.code_verifier)));
}

TEST_F(ProviderTest, a_code_is_redeemed_with_the_verifier_and_the_clients_secret) {
    const auto who = redeem();
    ASSERT_TRUE(who) << who.error().message;
    EXPECT_EQ(who->user_name, "nurse");
    const auto& ask = asked.at(1);
    EXPECT_EQ(ask.method, "POST");
    EXPECT_THAT(ask.body, HasSubstr("grant_type=authorization_code&code=a%20code&"));
    EXPECT_THAT(ask.body, HasSubstr("code_verifier=" + handshake.code_verifier));
    EXPECT_THAT(ask.body, testing::Not(HasSubstr("secret")));
    // "vigil:s%20c" (RFC 6749 2.3.1).
    EXPECT_THAT(ask.headers, testing::Contains(std::pair<std::string, std::string>(
                                 "authorization", "Basic dmlnaWw6cyUyMGM=")));
}

TEST_F(ProviderTest, the_secret_stands_in_the_body_where_the_provider_takes_it_no_other_way) {
    auth_methods = R"(["client_secret_post"])";
    ASSERT_TRUE(redeem());
    EXPECT_THAT(asked.at(1).body, HasSubstr("&client_id=vigil&client_secret=s%20c"));
}

TEST_F(ProviderTest, a_client_without_a_secret_shows_none) {
    settings.client_secret.clear();
    ASSERT_TRUE(redeem());
    EXPECT_THAT(asked.at(1).body, testing::EndsWith("&client_id=vigil"));
    EXPECT_THAT(asked.at(1).headers, testing::SizeIs(2));
}

TEST_F(ProviderTest, copies_are_used_for_an_hour) {
    ASSERT_TRUE(redeem());
    now += std::chrono::minutes(59);
    ASSERT_TRUE(redeem());
    EXPECT_THAT(urls(), ElementsAre("/openid-configuration", "/t", "/k", "/t"));
    asked.clear();
    now += std::chrono::minutes(2);
    ASSERT_TRUE(redeem());
    EXPECT_THAT(urls(), ElementsAre("/openid-configuration", "/t", "/k"));
}

TEST_F(ProviderTest, a_key_that_is_not_known_has_the_keys_fetched_once_a_minute) {
    ASSERT_TRUE(redeem());
    signer = &second;
    published += "," + second.jwk();
    asked.clear();
    EXPECT_FALSE(redeem());
    EXPECT_FALSE(redeem());
    EXPECT_THAT(urls(), ElementsAre("/t", "/t"));
    now += std::chrono::seconds(61);
    EXPECT_TRUE(redeem());
    EXPECT_THAT(urls(), ElementsAre("/t", "/t", "/t", "/k"));
}

TEST_F(ProviderTest, an_old_copy_is_better_than_none_while_the_provider_is_away) {
    ASSERT_TRUE(redeem());
    now += std::chrono::hours(2);
    status = 503;
    std::optional<Result<std::string>> address;
    provider().address(handshake, back, [&](Result<std::string> got) { address = std::move(got); });
    EXPECT_TRUE(address && *address);
    const auto who = redeem();
    ASSERT_FALSE(who);
    EXPECT_EQ(who.error().kind, Error::Kind::busy);
    EXPECT_THAT(who.error().message, HasSubstr("503"));
}

TEST_F(ProviderTest, who_comes_at_the_same_time_waits_for_the_same_answer) {
    holds = true;
    int told = 0;
    for (int i = 0; i < 3; ++i)
        provider().address(handshake, back, [&](const Result<std::string>& got) {
            EXPECT_TRUE(got);
            ++told;
        });
    ASSERT_EQ(held.size(), 1U);
    EXPECT_EQ(told, 0);
    held.front()(session::HttpResponse{.body = body("/openid-configuration")});
    EXPECT_EQ(told, 3);
}

TEST_F(ProviderTest, so_many_are_redeemed_at_once_and_no_more) {
    ASSERT_TRUE(redeem());
    holds = true;
    for (std::size_t i = 0; i < Provider::redeemed_at_once_max; ++i)
        provider().redeem("c", handshake, back, [](const Result<Vouched>&) {});
    EXPECT_EQ(redeem().error().kind, Error::Kind::busy);
    held.front()(fail(Error::Kind::busy, "gone"));
    held.pop_front();
    holds = false;
    EXPECT_TRUE(redeem());
}

}  // namespace
}  // namespace vigil::share::openid

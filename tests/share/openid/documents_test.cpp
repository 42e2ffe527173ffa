#include "share/openid/documents.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace vigil::share::openid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string issuer = "https://idp.example/realms/ward";

std::string document(const std::string& token_endpoint = "https://idp.example/token",
                     const std::string& more = {}) {
    return R"({"issuer":")" + issuer +
           R"(","authorization_endpoint":"https://idp.example/authorize","token_endpoint":")" +
           token_endpoint + R"(","jwks_uri":"https://keys.idp.example/jwks")" + more + "}";
}

TEST(ProviderMetadata, says_where_the_provider_is_asked) {
    const auto metadata = read_metadata(document(), issuer);
    ASSERT_TRUE(metadata) << metadata.error().message;
    EXPECT_EQ(metadata->authorization_endpoint, "https://idp.example/authorize");
    EXPECT_EQ(metadata->token_endpoint, "https://idp.example/token");
    EXPECT_EQ(metadata->jwks_uri, "https://keys.idp.example/jwks");
    EXPECT_TRUE(metadata->takes_basic);
}

TEST(ProviderMetadata, says_how_a_secret_is_shown) {
    const auto basic = [](const std::string& methods) {
        const auto more = R"(,"token_endpoint_auth_methods_supported":)" + methods;
        return read_metadata(document("https://idp.example/token", more), issuer)->takes_basic;
    };
    EXPECT_TRUE(basic(R"(["private_key_jwt","client_secret_basic"])"));
    EXPECT_FALSE(basic(R"(["client_secret_post"])"));
}

// Discovery 1.0 4.3 and 7.2.
TEST(ProviderMetadata, of_another_issuer_is_not_believed) {
    for (const auto* other : {"https://idp.example/realms/ward/", "https://idp.example",
                              "https://evil.example/realms/ward", ""}) {
        const auto metadata = read_metadata(document(), other);
        ASSERT_FALSE(metadata) << other;
        EXPECT_EQ(metadata.error().kind, Error::Kind::forbidden);
    }
}

TEST(ProviderMetadata, leads_nowhere_that_no_provider_lies) {
    for (const auto* url :
         {"http://idp.example/token", "https://127.0.0.1/token", "https://127.1/token",
          "https://[::1]/token", "https://localhost/token", "https://localhost:8443/token",
          "https://169.254.169.254/latest", "https://0x7f.1.example@10.0.0.1/", "https:///token",
          "https://a b/", "https://idp.example@10.0.0.1/token", "file:///etc/passwd", "", "/token",
          "https://2130706433/"}) {
        const auto metadata = read_metadata(document(url), issuer);
        ASSERT_FALSE(metadata) << url;
        EXPECT_THAT(metadata.error().message, HasSubstr("token_endpoint")) << url;
    }
    // Where the issuer was named as an address, it is itself.
    std::string own = document("http://127.0.0.1:7/token");
    own.replace(own.find(issuer), issuer.size(), "http://127.0.0.1:7");
    EXPECT_TRUE(read_metadata(own, "http://127.0.0.1:7"));
}

TEST(ProviderMetadata, is_an_object_of_json_that_says_all_of_it) {
    for (const auto* json : {"", "[]", "{}", "<html>", R"({"issuer":7})"})
        EXPECT_FALSE(read_metadata(json, issuer)) << json;
    EXPECT_FALSE(read_metadata(document() + std::string(document_bytes_max, ' '), issuer));
}

TEST(TokenAnswer, holds_an_id_token_or_the_reason_why_not) {
    EXPECT_EQ(*read_id_token(R"({"access_token":"a","id_token":"h.p.s"})"), "h.p.s");
    EXPECT_THAT(read_id_token(R"({"error":"invalid_grant"})").error().message,
                HasSubstr("invalid_grant"));
    for (const auto* json : {"", "{}", R"({"id_token":7})", R"({"id_token":""})", "[]"})
        EXPECT_FALSE(read_id_token(json)) << json;
}

TEST(Claims, are_a_text_or_many_by_name_or_by_the_way_to_it) {
    const std::string payload =
        R"({"name":"Ada","groups":["a","b",7],"realm_access":{"roles":["nurse"]},)"
        R"("https://ward.example/roles":"x","n":7})";
    EXPECT_THAT(claim_texts(payload, "name"), ElementsAre("Ada"));
    EXPECT_THAT(claim_texts(payload, "groups"), ElementsAre("a", "b"));
    EXPECT_THAT(claim_texts(payload, "realm_access.roles"), ElementsAre("nurse"));
    EXPECT_THAT(claim_texts(payload, "https://ward.example/roles"), ElementsAre("x"));
    for (const auto* none : {"n", "nobody", "realm_access", "realm_access.roles.0", "name.x", "",
                             ".", "realm_access."})
        EXPECT_THAT(claim_texts(payload, none), IsEmpty()) << none;
    EXPECT_TRUE(claim_is_true(R"({"email_verified":true})", "email_verified"));
    EXPECT_FALSE(claim_is_true(R"({"email_verified":"true"})", "email_verified"));
    EXPECT_FALSE(claim_is_true("{}", "email_verified"));
}

}  // namespace
}  // namespace vigil::share::openid

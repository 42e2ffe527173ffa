#include "identity/jose/jwk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "identity/jose/rfc_7515.hpp"
#include "identity/jose/signer.hpp"

namespace vigil::identity::jose {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// RFC 7517 A.1, the key of RSA; RFC 7638 3.1 names the same.
const std::string rfc_7517_modulus =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
    "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
    "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-"
    "bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
const std::string rfc_7517_rsa = R"({"kty":"RSA","n":")" + rfc_7517_modulus +
                                 R"(","e":"AQAB","alg":"RS256","kid":"2011-04-29"})";
const std::string rfc_7517_ec =
    R"({"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
    R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"})";

std::string set(const std::string& keys) {
    return R"({"keys":[)" + keys + "]}";
}

Error refusal(const std::string& json) {
    const auto keys = read_jwks(json);
    EXPECT_FALSE(keys) << json;
    return keys ? Error{} : keys.error();
}

TEST(Jwk, reads_the_set_of_the_standards_example_and_leaves_the_key_for_encryption) {
    const auto keys = read_jwks(set(rfc_7517_ec + "," + rfc_7517_rsa));
    ASSERT_TRUE(keys);
    ASSERT_EQ(keys->keys().size(), 1U);
    EXPECT_EQ(keys->keys()[0].id, "2011-04-29");
    EXPECT_THAT(keys->keys()[0].algorithms, ElementsAre(Algorithm::rs256));
    EXPECT_TRUE(keys->has("2011-04-29"));
    EXPECT_FALSE(keys->has("1"));
}

TEST(Jwk, a_key_is_called_as_the_example_of_rfc_7638_calls_it) {
    EXPECT_EQ(rsa_thumbprint(rfc_7517_modulus, "AQAB"),
              "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST(Jwk, a_key_that_does_not_say_what_it_is_for_is_for_what_its_kind_can) {
    const auto algorithms = [](const std::string& jwk) {
        return read_jwks(set(jwk))->keys()[0].algorithms;
    };
    EXPECT_THAT(algorithms(rfc_rsa), ElementsAre(Algorithm::rs256, Algorithm::rs384));
    EXPECT_THAT(algorithms(rfc_ec), ElementsAre(Algorithm::es256));
    EXPECT_THAT(algorithms(Signer(Algorithm::es384).jwk()), ElementsAre(Algorithm::es384));
    EXPECT_THAT(algorithms(Signer(Algorithm::rs384).jwk(R"(,"alg":"RS384","use":"sig")")),
                ElementsAre(Algorithm::rs384));
    EXPECT_THAT(algorithms(Signer(Algorithm::es256).jwk(R"(,"key_ops":["verify"],"x5t":"x")")),
                ElementsAre(Algorithm::es256));
}

TEST(Jwk, what_is_not_known_or_not_taken_is_passed_over_and_the_rest_is_read) {
    const Signer signer(Algorithm::es256, "mine"), rsa(Algorithm::rs256),
        elliptic(Algorithm::es256);
    const std::vector<std::string> others{
        R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
        R"({"kty":"EC","crv":"P-521","x":"AA","y":"AA"})",
        R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"})",
        R"({"kty":"RSA","n":"","e":"AQAB"})",
        R"({"kty":"lattice"})",
        "{}",
        rsa.jwk(R"(,"use":"enc")"),
        rsa.jwk(R"(,"alg":"PS256")"),
        rsa.jwk(R"(,"alg":"HS256")"),
        rsa.jwk(R"(,"alg":"ES256")"),
        elliptic.jwk(R"(,"alg":"ES384")"),
        elliptic.jwk(R"(,"key_ops":["encrypt"])"),
        elliptic.jwk(R"(,"kid":7)")};
    for (const auto& other : others) {
        const auto keys = read_jwks(set(other + "," + signer.jwk()));
        ASSERT_TRUE(keys) << other;
        ASSERT_EQ(keys->keys().size(), 1U) << other;
        EXPECT_EQ(keys->keys()[0].id, "mine");
        const auto alone = refusal(set(other));
        EXPECT_EQ(alone.kind, Error::Kind::unsupported) << other;
        EXPECT_EQ(alone.place, "/keys/0") << other;
    }
}

TEST(Jwk, no_weak_key_of_rsa_is_taken_and_none_that_is_slow_to_check) {
    const auto with = [](const std::string& modulus, const std::string& exponent) {
        return set(R"({"kty":"RSA","n":")" + modulus + R"(","e":")" + exponent + R"("})");
    };
    const auto modulus = [](std::size_t bytes, char first, char last) {
        std::string number(bytes, '\x55');
        number.front() = first;
        number.back() = last;
        return base64url(number);
    };
    const auto good = modulus(256, '\x80', 1);
    EXPECT_TRUE(read_jwks(with(good, "AQAB")));
    EXPECT_TRUE(read_jwks(with(modulus(512, '\x7F', 1), "AQAB")));
    // RFC 7518 6.3.1.1 warns of libraries that write an octet of zero first.
    EXPECT_TRUE(read_jwks(
        with(base64url(std::string(1, '\0') + "\x81" + std::string(255, '\x55')), "AQAB")));
    for (const auto& bad : {modulus(128, '\x80', 1), modulus(256, '\x7F', 1), modulus(513, 1, 1),
                            modulus(256, '\x80', 2), modulus(8000, 1, 1)})
        EXPECT_THAT(refusal(with(bad, "AQAB")).message, HasSubstr("2048 to 4096 bits"));
    for (const auto* bad : {"Aw", "AQAA", "AQAC", "AQ", "AAAAAAE", "__________8"})
        EXPECT_THAT(refusal(with(good, bad)).message, HasSubstr("exponent")) << bad;
}

TEST(Jwk, no_point_that_is_not_on_its_curve_is_taken) {
    auto bent = rfc_ec;
    bent[bent.find("f83O")] = 'g';
    EXPECT_THAT(refusal(set(bent)).message, HasSubstr("no point of P-256"));
    const std::string zero(43, 'A');
    EXPECT_THAT(
        refusal(set(R"({"kty":"EC","crv":"P-256","x":")" + zero + R"(","y":")" + zero + R"("})"))
            .message,
        HasSubstr("no point"));
}

TEST(Jwk, somebody_who_publishes_what_should_be_secret_is_told_so) {
    for (const auto& secret :
         {Signer(Algorithm::es256).jwk(R"(,"d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")"),
          std::string(R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0g"})"),
          std::string(R"({"kty":"OKP","crv":"Ed25519","d":"AA","x":"AA"})")}) {
        const auto error = refusal(set(rfc_ec + "," + secret));
        EXPECT_EQ(error.kind, Error::Kind::forbidden);
        EXPECT_EQ(error.place, "/keys/1");
        EXPECT_THAT(error.message, HasSubstr("private or secret"));
    }
}

TEST(Jwk, what_is_no_set_or_too_large_is_refused) {
    for (const auto* json : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[7]})",
                             R"({"keys":[],"keys":[]})", R"({"keys":[{"kty":"EC","kty":"RSA"}]})"})
        EXPECT_EQ(refusal(json).kind, Error::Kind::malformed) << json;
    EXPECT_EQ(refusal(set("")).message, "there is no key in the set");
    std::string many = rfc_ec;
    for (int i = 1; i < 32; ++i) many += "," + rfc_ec;
    EXPECT_EQ(read_jwks(set(many))->keys().size(), 32U);
    EXPECT_EQ(refusal(set(many + "," + rfc_ec)).kind, Error::Kind::too_large);
    EXPECT_EQ(refusal(set(rfc_ec + std::string(jwks_bytes_max, ' '))).kind, Error::Kind::too_large);
}

}  // namespace
}  // namespace vigil::identity::jose

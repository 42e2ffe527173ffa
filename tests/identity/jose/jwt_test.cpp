#include "identity/jose/jwt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "identity/jose/rfc_7515.hpp"
#include "identity/jose/signer.hpp"

namespace vigil::identity::jose {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t now_s = 1'800'000'000;
const Timestamp now{std::chrono::seconds(now_s)};

const Signer rsa(Algorithm::rs256, "r"), elliptic(Algorithm::es256, "e");
const KeySet both = *read_jwks(R"({"keys":[)" + rsa.jwk() + "," + elliptic.jwk() + "]}");
const Expected vigil{.issuer = "https://idp.example", .audiences = {"vigil"}, .now = now};

// What a token says, `more` after it, with a comma before.
std::string saying(const std::string& more = {}, std::int64_t good_for_s = 60) {
    return R"({"iss":"https://idp.example","sub":"nurse","aud":"vigil","exp":)" +
           std::to_string(now_s + good_for_s) + more + "}";
}

std::string refusal(const Result<Claims>& claims) {
    if (claims) return "it was believed";
    EXPECT_EQ(claims.error().kind, Error::Kind::forbidden);
    return claims.error().message;
}
std::string refusal(std::string_view token) {
    return refusal(verify(token, both, vigil));
}

Result<Claims> as_the_rfc(std::string_view token) {
    static const auto keys = *read_jwks(R"({"keys":[)" + rfc_rsa + "," + rfc_ec + "]}");
    return verify(token, keys,
                  {.issuer = "joe", .now = Timestamp(std::chrono::seconds(1'300'819'379))});
}

TEST(Jwt, the_signed_examples_of_rfc_7515_are_believed) {
    for (const auto& token : {rfc_rs256, rfc_es256}) {
        const auto claims = as_the_rfc(token);
        ASSERT_TRUE(claims) << claims.error().message;
        EXPECT_EQ(claims->issuer, "joe");
        EXPECT_EQ(claims->expires, Timestamp(std::chrono::seconds(1'300'819'380)));
        EXPECT_THAT(claims->payload, HasSubstr(R"("http://example.com/is_root":true)"));
    }
}

TEST(Jwt, its_examples_with_a_shared_secret_and_without_a_signature_are_not) {
    EXPECT_THAT(refusal(as_the_rfc("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + rfc_payload +
                                   ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")),
                HasSubstr("\"alg\""));
    EXPECT_THAT(refusal(as_the_rfc("eyJhbGciOiJub25lIn0." + rfc_payload + ".")),
                HasSubstr("\"alg\""));
}

TEST(Jwt, what_is_signed_is_believed_whatever_the_algorithm) {
    for (const auto algorithm :
         {Algorithm::es256, Algorithm::es384, Algorithm::rs256, Algorithm::rs384}) {
        const Signer signer(algorithm);
        const auto keys = signer.keys();
        for (int i = 0; i < 50; ++i) {
            const auto token = signer.token(saying(R"(,"jti":")" + std::to_string(i) + '"'));
            const auto claims = verify(token, keys, vigil);
            ASSERT_TRUE(claims) << name_of(algorithm) << ": " << claims.error().message;
            EXPECT_EQ(claims->id, std::to_string(i));
        }
    }
}

TEST(Jwt, tells_what_it_says) {
    const auto claims =
        verify(elliptic.token(saying(R"(,"iat":1799999990.25,"nbf":1.8e9,"jti":"j","nonce":"n")")),
               both, vigil);
    ASSERT_TRUE(claims) << claims.error().message;
    EXPECT_EQ(claims->subject, "nurse");
    EXPECT_THAT(claims->audiences, ElementsAre("vigil"));
    EXPECT_EQ(claims->expires, now + std::chrono::seconds(60));
    EXPECT_EQ(claims->issued_at, now - std::chrono::milliseconds(9'750));
    EXPECT_EQ(claims->not_before, now);
    EXPECT_EQ(claims->id, "j");
    EXPECT_EQ(claims->nonce, "n");
}

TEST(Jwt, no_token_with_a_flipped_bit_is_believed) {
    for (const auto& token : {rfc_rs256, rfc_es256})
        for (std::size_t i = 0; i < token.size(); ++i)
            for (const int bit : {0x01, 0x04, 0x20}) {
                auto bent = token;
                bent[i] = static_cast<char>(bent[i] ^ bit);
                EXPECT_FALSE(as_the_rfc(bent)) << i << " " << bit;
            }
}

TEST(Jwt, no_token_that_is_cut_is_believed_and_none_that_goes_on) {
    for (const auto& token : {rfc_rs256, rfc_es256}) {
        for (std::size_t i = 0; i < token.size(); ++i)
            EXPECT_FALSE(as_the_rfc(token.substr(0, i))) << i;
        for (const auto* more : {"A", "AAAA", "=", "==", ".", ".AAAA", " ", "\n"})
            EXPECT_FALSE(as_the_rfc(token + more)) << more;
    }
}

TEST(Jwt, an_algorithm_is_believed_only_of_a_key_that_is_for_it) {
    EXPECT_THAT(refusal(rsa.token(R"({"alg":"ES256","kid":"r"})", saying())),
                HasSubstr("no such key for ES256"));
    EXPECT_THAT(refusal(elliptic.token(R"({"alg":"RS256","kid":"e"})", saying())),
                HasSubstr("no such key for RS256"));
    EXPECT_THAT(refusal(elliptic.token(R"({"alg":"ES384","kid":"e"})", saying())),
                HasSubstr("no such key for ES384"));
    EXPECT_THAT(refusal(rsa.token(R"({"alg":"RS384","kid":"r"})", saying())),
                HasSubstr("does not hold"));
    const Signer longer(Algorithm::rs384);
    const auto only_256 = *read_jwks(R"({"keys":[)" + longer.jwk(R"(,"alg":"RS256")") + "]}");
    EXPECT_THAT(refusal(verify(longer.token(saying()), only_256, vigil)),
                HasSubstr("no such key for RS384"));
}

// The classic: the public key, which everybody has, as the secret of an HMAC.
TEST(Jwt, no_shared_secret_and_no_missing_signature_is_believed_under_any_name) {
    const auto shared = [](std::string_view header, std::string_view secret) {
        const auto part = base64url(header) + "." + base64url(saying());
        return part + "." + derived_secret(secret, part);  // base64url of HMAC-SHA-256
    };
    EXPECT_THAT(refusal(shared(R"({"alg":"HS256","kid":"r"})", rsa.jwk())), HasSubstr("\"alg\""));
    EXPECT_THAT(refusal(shared(R"({"alg":"RS256","kid":"r"})", rsa.jwk())),
                HasSubstr("does not hold"));
    for (const auto* name : {"none", "None", "NONE", "nOnE", "", "es256", "RS256 ", "HS384",
                             "PS256", "ES256K", "EdDSA", "RSA-OAEP"})
        for (const auto* signature : {"", "AAAA"})
            EXPECT_THAT(refusal(base64url(R"({"alg":")" + std::string(name) + R"("})") + "." +
                                base64url(saying()) + "." + signature),
                        HasSubstr("\"alg\""))
                << name;
    for (const auto* header : {"{}", R"({"alg":null})", R"({"alg":["RS256"]})", R"({"alg":7})"})
        EXPECT_THAT(refusal(rsa.token(header, saying())), HasSubstr("\"alg\"")) << header;
}

TEST(Jwt, a_signature_of_nothing_is_no_signature) {
    const auto part = base64url(elliptic.header()) + "." + base64url(saying()) + ".";
    EXPECT_THAT(refusal(part), HasSubstr("signature"));
    const std::string zero(32, '\0');
    auto one = zero;
    one.back() = 1;
    for (const auto& raw :
         {zero + zero, one + zero, zero + one, one + one, std::string(64, '\xFF')})
        EXPECT_THAT(refusal(part + base64url(raw)), HasSubstr("does not hold"));
}

TEST(Jwt, a_signature_of_ecdsa_has_just_its_curves_length) {
    const auto token = elliptic.token(saying());
    const auto at = token.rfind('.') + 1;
    const auto raw = *from_base64url(token.substr(at));
    ASSERT_EQ(raw.size(), 64U);
    const std::string zero(1, '\0');
    const auto der =
        signed_by(elliptic.key(), SignatureHash::sha256, std::string_view(token).substr(0, at - 1));
    for (const auto& other : {raw.substr(0, 63), raw + zero, zero + raw,
                              zero + raw.substr(0, 32) + zero + raw.substr(32), der})
        EXPECT_THAT(refusal(token.substr(0, at) + base64url(other)), HasSubstr("does not hold"));
}

TEST(Jwt, the_key_is_the_issuers_and_never_one_that_the_token_brings) {
    const Signer other(Algorithm::es256, "e");
    EXPECT_THAT(refusal(other.token(saying())), HasSubstr("does not hold"));
    EXPECT_THAT(refusal(other.token(other.header(R"(,"jwk":)" + other.jwk()), saying())),
                HasSubstr("does not hold"));
    EXPECT_THAT(refusal(other.token(
                    other.header(R"(,"jku":"https://evil.example/keys","x5c":["AA"])"), saying())),
                HasSubstr("does not hold"));
    EXPECT_THAT(refusal(Signer(Algorithm::es256, "unknown").token(saying())), HasSubstr("\"kid\""));
    EXPECT_FALSE(verify(elliptic.token(saying()), KeySet(), vigil));
}

TEST(Jwt, where_it_names_no_key_every_one_that_fits_is_tried) {
    const Signer first(Algorithm::es256, "1"), second(Algorithm::es256, "2");
    const auto keys =
        *read_jwks(R"({"keys":[)" + rsa.jwk() + "," + first.jwk() + "," + second.jwk() + "]}");
    EXPECT_TRUE(verify(second.token(R"({"alg":"ES256"})", saying()), keys, vigil));
    EXPECT_FALSE(verify(second.token(R"({"alg":"ES256","kid":"1"})", saying()), keys, vigil));
    // Two of one name: whichever signed it.
    const Signer same(Algorithm::es256, "1");
    const auto twice = *read_jwks(R"({"keys":[)" + first.jwk() + "," + same.jwk() + "]}");
    EXPECT_TRUE(verify(same.token(saying()), twice, vigil));
}

TEST(Jwt, what_must_be_understood_is_refused) {
    EXPECT_THAT(refusal(rsa.token(rsa.header(R"(,"crit":["b64"],"b64":false)"), saying())),
                HasSubstr("\"crit\""));
    EXPECT_THAT(refusal(rsa.token(rsa.header(R"(,"crit":[])"), saying())), HasSubstr("\"crit\""));
}

TEST(Jwt, no_member_stands_twice) {
    EXPECT_THAT(refusal(rsa.token(R"({"alg":"RS256","kid":"r","alg":"RS256"})", saying())),
                HasSubstr("header"));
    EXPECT_THAT(refusal(rsa.token(saying(R"(,"sub":"somebody else")"))), HasSubstr("payload"));
    EXPECT_THAT(refusal(rsa.token(saying(R"(,"\u0073ub":"somebody else")"))), HasSubstr("payload"));
}

TEST(Jwt, has_its_time) {
    const auto token = rsa.token(saying(R"(,"nbf":1800000000,"iat":1800000000)"));
    const auto at = [&](std::int64_t seconds, const Expected& expected = vigil) {
        auto later = expected;
        later.now += std::chrono::seconds(seconds);
        return refusal(verify(token, both, later));
    };
    EXPECT_THAT(at(0), HasSubstr("believed"));
    EXPECT_THAT(at(89), HasSubstr("believed"));
    EXPECT_THAT(at(90), HasSubstr("expired"));
    EXPECT_THAT(at(-30), HasSubstr("believed"));
    EXPECT_THAT(at(-31), HasSubstr("not good yet"));
    auto strict = vigil;
    strict.leeway = {};
    EXPECT_THAT(at(60, strict), HasSubstr("expired"));
    EXPECT_THAT(at(-1, strict), HasSubstr("not good yet"));
    EXPECT_THAT(refusal(rsa.token(saying(R"(,"iat":1800000031)"))), HasSubstr("future"));
    auto brief = vigil;
    brief.lifetime_max = std::chrono::seconds(300);
    EXPECT_TRUE(verify(rsa.token(saying("", 330)), both, brief));
    EXPECT_THAT(refusal(verify(rsa.token(saying("", 331)), both, brief)), HasSubstr("300 s"));
}

TEST(Jwt, says_when_it_ends_and_in_seconds) {
    const auto from = std::string(R"({"iss":"https://idp.example","aud":"vigil")");
    EXPECT_THAT(refusal(rsa.token(from + "}")), HasSubstr("\"exp\""));
    for (const auto* time : {R"("1800000060")", "-1", "1e30", "9000000001", "true", "null", "[]",
                             "99999999999999999999999"})
        EXPECT_THAT(refusal(rsa.token(from + R"(,"exp":)" + time + "}")), HasSubstr("\"exp\""))
            << time;
}

TEST(Jwt, is_from_whom_for_whom_and_about_whom_it_should_be) {
    const auto with = [](const std::string& claims, const Expected& expected = vigil) {
        return refusal(verify(rsa.token(R"({"exp":1800000060,)" + claims + "}"), both, expected));
    };
    const std::string from = R"("iss":"https://idp.example",)";
    EXPECT_THAT(with(R"("iss":"https://evil.example","aud":"vigil")"), HasSubstr("\"iss\""));
    EXPECT_THAT(with(R"("iss":"https://idp.example/","aud":"vigil")"), HasSubstr("\"iss\""));
    EXPECT_THAT(with(R"("aud":"vigil")"), HasSubstr("\"iss\""));
    EXPECT_THAT(with(from + R"("aud":"other")"), HasSubstr("\"aud\""));
    EXPECT_THAT(with(from + R"("aud":["other","Vigil"])"), HasSubstr("\"aud\""));
    EXPECT_THAT(with(from + R"("aud":[])"), HasSubstr("\"aud\""));
    EXPECT_THAT(with(from + R"("aud":["vigil",7])"), HasSubstr("\"aud\""));
    EXPECT_THAT(with(from + R"("sub":"x")"), HasSubstr("\"aud\""));
    EXPECT_THAT(with(from + R"("aud":["other","vigil"])"), HasSubstr("believed"));
    auto narrow = vigil;
    narrow.subject = "app";
    EXPECT_THAT(with(from + R"("aud":"vigil","sub":"other")", narrow), HasSubstr("\"sub\""));
    EXPECT_THAT(with(from + R"("aud":"vigil")", narrow), HasSubstr("\"sub\""));
    EXPECT_THAT(with(from + R"("aud":"vigil","sub":7)", narrow), HasSubstr("\"sub\""));
    EXPECT_THAT(with(from + R"("aud":"vigil","sub":"app")", narrow), HasSubstr("believed"));
    // Where nobody is expected, a token that is for somebody is for somebody else.
    auto nobody = vigil;
    nobody.audiences.clear();
    EXPECT_THAT(with(from + R"("aud":"vigil")", nobody), HasSubstr("\"aud\""));
    auto unset = vigil;
    unset.issuer.clear();
    EXPECT_THAT(with(R"("iss":"","aud":"vigil")", unset), HasSubstr("\"iss\""));
}

TEST(Jwt, is_of_the_type_that_is_asked_for) {
    auto access = vigil;
    access.type = "at+jwt";
    for (const auto* type : {"at+jwt", "AT+JWT", "application/at+jwt"})
        EXPECT_TRUE(verify(rsa.token(rsa.header(R"(,"typ":")" + std::string(type) + '"'), saying()),
                           both, access));
    EXPECT_THAT(refusal(verify(rsa.token(saying()), both, access)), HasSubstr("\"typ\""));
    EXPECT_THAT(refusal(verify(rsa.token(rsa.header(R"(,"typ":"JWT")"), saying()), both, access)),
                HasSubstr("\"typ\""));
}

TEST(Jwt, is_three_parts_of_base64url_without_padding) {
    const auto token = elliptic.token(saying());
    const auto dot = token.find('.');
    const auto head = token.substr(0, dot);
    for (const auto& bent :
         {std::string(), std::string("."), std::string(".."), std::string("a.b"), "...." + token,
          "." + token, token.substr(dot), " " + token, head + "=" + token.substr(dot),
          head + "." + token, head + "\n" + token.substr(dot)})
        EXPECT_FALSE(verify(bent, both, vigil)) << bent;
}

TEST(Jwt, is_bounded) {
    const auto with = [](const std::string& value) {
        return rsa.token(saying(R"(,"x":)" + value));
    };
    EXPECT_THAT(refusal(with('"' + std::string(11'000, 'x') + '"')), HasSubstr("believed"));
    EXPECT_THAT(refusal(with('"' + std::string(12'000, 'x') + '"')), HasSubstr("16384 bytes"));
    EXPECT_THAT(refusal(with(std::string(40, '[') + std::string(40, ']'))), HasSubstr("payload"));
}

TEST(Jwt, says_whose_it_claims_to_be_before_it_is_believed) {
    const Signer stranger(Algorithm::es256, "s");
    EXPECT_EQ(*claimed_issuer(stranger.token(saying())), "https://idp.example");
    EXPECT_EQ(*claimed_key(stranger.token(saying())), "s");
    EXPECT_EQ(*claimed_issuer(stranger.token("{}")), "");
    EXPECT_FALSE(claimed_issuer("a.b.c"));
    EXPECT_FALSE(claimed_issuer(stranger.token(R"({"iss":7})")));
}

}  // namespace
}  // namespace vigil::identity::jose

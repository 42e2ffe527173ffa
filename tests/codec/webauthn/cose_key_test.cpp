#include "codec/webauthn/cose_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/webauthn/hex.hpp"

namespace vigil::codec::webauthn {
namespace {

// RFC 9052 C.7.1, "meriadoc.brandybuck@buckland.example", as an authenticator writes it: with the
// algorithm and without the key id.
const std::string es256 = from_hex(
    "A5010203262001"
    "21582065eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"
    "2258201e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c");
// RFC 8032 7.1, test 3.
const std::string ed25519 = from_hex(
    "A401010327200621"
    "5820fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");

TEST(CoseKey, reads_a_key_on_p256) {
    const auto key = decode_cose_key(es256);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->algorithm, CoseAlgorithm::es256);
    EXPECT_EQ(to_hex(key->x), "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d");
    EXPECT_EQ(to_hex(key->y), "1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c");
    EXPECT_EQ(encode(*key), es256);
}

TEST(CoseKey, reads_a_key_of_ed25519) {
    const auto key = decode_cose_key(ed25519);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->algorithm, CoseAlgorithm::eddsa);
    EXPECT_EQ(encode(*key), ed25519);
}

TEST(CoseKey, reads_an_rsa_key_and_none_that_is_too_short) {
    PublicKey key{.algorithm = CoseAlgorithm::rs256,
                  .modulus = std::string(256, '\xC5'),
                  .exponent = from_hex("010001")};
    EXPECT_EQ(*decode_cose_key(encode(key)), key);
    key.modulus.resize(128);
    EXPECT_EQ(decode_cose_key(encode(key)).error().kind, Error::Kind::unsupported);
    key.modulus = std::string(513, '\xC5');
    EXPECT_FALSE(decode_cose_key(encode(key)));
    key.modulus = std::string(256, '\0');
    EXPECT_FALSE(decode_cose_key(encode(key)));
}

TEST(CoseKey, cut_anywhere_or_followed_by_anything_is_refused) {
    for (const auto& whole : {es256, ed25519}) {
        for (std::size_t cut = 0; cut < whole.size(); ++cut)
            EXPECT_FALSE(decode_cose_key(whole.substr(0, cut))) << cut;
        EXPECT_FALSE(decode_cose_key(whole + '\0'));
    }
}

TEST(CoseKey, no_algorithm_stands_for_another) {
    const auto with = [](std::string_view hex) { return decode_cose_key(from_hex(hex)); };
    const std::string x = "215820" + std::string(64, 'a'), y = "225820" + std::string(64, 'b');
    EXPECT_TRUE(with("A5010203262001" + x + y));
    EXPECT_FALSE(with("A5010203272001" + x + y)) << "EdDSA of a key on P-256";
    EXPECT_FALSE(with("A5010203262002" + x + y)) << "P-384";
    EXPECT_FALSE(with("A5010103262001" + x + y)) << "OKP";
    EXPECT_FALSE(with("A4010203262001" + x)) << "no y";
    EXPECT_FALSE(
        with("A40102"
             "2001" +
             x + y))
        << "no algorithm";
    EXPECT_FALSE(
        with("A601020326200103"
             "26" +
             x + y))
        << "a label twice";
    EXPECT_FALSE(with("BF010203262001" + x + y + "FF")) << "of no definite length";
    EXPECT_FALSE(
        with("A5010203262001"
             "21581f" +
             std::string(62, 'a') + y))
        << "a byte short";
}

}  // namespace
}  // namespace vigil::codec::webauthn

#include "codec/webauthn/authenticator_data.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/webauthn/client_data.hpp"
#include "codec/webauthn/hex.hpp"

namespace vigil::codec::webauthn {
namespace {

const std::string hash(32, 'h');
const std::string key = from_hex(
    "A5010203262001"
    "21582065eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"
    "2258201e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c");
const std::string attested = std::string(16, 'a') + from_hex("0004") + "id-1" + key;

std::string data(std::string_view flags, std::string_view rest = {}) {
    return hash + from_hex(flags) + from_hex("00000102") + std::string(rest);
}
std::string object(std::string_view authenticator_data) {
    return from_hex("A363666d74646e6f6e656761747453746d74a068617574684461746158") +
           static_cast<char>(authenticator_data.size()) + std::string(authenticator_data);
}

TEST(AuthenticatorData, says_what_the_authenticator_saw) {
    const auto read = decode_authenticator_data(data("1d"));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->rp_id_hash, hash);
    EXPECT_TRUE(read->user_present && read->user_verified);
    EXPECT_TRUE(read->backup_eligible && read->backed_up);
    EXPECT_EQ(read->sign_count, 258U);
    EXPECT_FALSE(read->credential);
    EXPECT_FALSE(decode_authenticator_data(data("01"))->user_verified);
    EXPECT_FALSE(decode_authenticator_data(data("04"))->user_present);
}

TEST(AuthenticatorData, holds_a_key_at_registration) {
    const auto read = decode_authenticator_data(data("45", attested));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->credential->id, "id-1");
    EXPECT_EQ(read->credential->aaguid, std::string(16, 'a'));
    EXPECT_EQ(encode(read->credential->key), key);
}

TEST(AuthenticatorData, passes_over_extensions) {
    const auto extensions = from_hex(
        "A16b63726564"
        "50726f7465637402");  // credProtect: 2
    const auto read = decode_authenticator_data(data("c5", attested + extensions));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->credential->id, "id-1");
    EXPECT_FALSE(decode_authenticator_data(data("45", attested + extensions))) << "not announced";
    EXPECT_FALSE(decode_authenticator_data(data("c5", attested))) << "announced and not there";
}

TEST(AuthenticatorData, cut_anywhere_or_followed_by_anything_is_refused) {
    const auto whole = data("45", attested);
    for (std::size_t cut = 0; cut < whole.size(); ++cut)
        EXPECT_FALSE(decode_authenticator_data(whole.substr(0, cut))) << cut;
    EXPECT_FALSE(decode_authenticator_data(whole + "x"));
    EXPECT_FALSE(decode_authenticator_data(data("05") + "x"));
}

TEST(AuthenticatorData, a_credential_id_has_1_to_1023_bytes) {
    const auto with = [](std::size_t bytes) {
        std::string length{static_cast<char>(bytes >> 8), static_cast<char>(bytes & 0xFF)};
        return decode_authenticator_data(
            data("45", std::string(16, 'a') + length + std::string(bytes, 'i') + key));
    };
    EXPECT_FALSE(with(0));
    EXPECT_TRUE(with(1));
    EXPECT_TRUE(with(1023));
    EXPECT_FALSE(with(1024));
}

TEST(AttestationObject, holds_authenticator_data_whatever_the_attestation) {
    const auto whole = object(data("45", attested));
    EXPECT_EQ(*authenticator_data_of(whole), data("45", attested));
    // packed, with a statement that is passed over
    const auto packed = from_hex(
                            "A363666d74667061636b65646761747453746d74A263616c672663736967420102"
                            "68617574684461746158") +
                        static_cast<char>(data("05").size()) + data("05");
    EXPECT_EQ(*authenticator_data_of(packed), data("05"));
    for (std::size_t cut = 0; cut < whole.size(); ++cut)
        EXPECT_FALSE(authenticator_data_of(whole.substr(0, cut))) << cut;
    EXPECT_FALSE(authenticator_data_of(whole + "x"));
    EXPECT_FALSE(authenticator_data_of(from_hex("A0"))) << "no authenticator data";
    EXPECT_FALSE(authenticator_data_of(std::string(attestation_object_bytes_max + 1, '\0')));
}

// Web Authentication Level 2, 5.8.1: an example in the form of 5.8.1.1, and one member more.
TEST(ClientData, says_what_was_asked_and_where) {
    const auto read = decode_client_data(
        R"({"type":"webauthn.get","challenge":"Y2hhbGxlbmdl","origin":"https://vigil.example",)"
        R"("crossOrigin":false,"other_keys_can_be_added_here":"do not compare"})");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, (ClientData{"webauthn.get", "Y2hhbGxlbmdl", "https://vigil.example", false}));
    EXPECT_TRUE(
        decode_client_data(R"({"type":"t","challenge":"c","origin":"o","crossOrigin":true})")
            ->cross_origin);
    EXPECT_FALSE(decode_client_data(R"({"type":"t","challenge":"c","origin":"o"})")->cross_origin);
}

TEST(ClientData, that_is_not_it_is_refused) {
    for (const auto* text : {"", "[]", "{}", R"({"type":"t","challenge":"c"})",
                             R"({"type":1,"challenge":"c","origin":"o"})",
                             R"({"type":"t","challenge":"c","origin":"o","crossOrigin":"false"})",
                             R"({"type":"t","challenge":"c","origin":"o")"})
        EXPECT_FALSE(decode_client_data(text)) << text;
    const auto padding = std::string(client_data_bytes_max, ' ');
    EXPECT_FALSE(decode_client_data(R"({"type":"t","challenge":"c","origin":"o"})" + padding));
}

}  // namespace
}  // namespace vigil::codec::webauthn

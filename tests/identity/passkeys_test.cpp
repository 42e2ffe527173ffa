#include "identity/passkeys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "identity/authenticator.hpp"
#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

using Algorithm = Authenticator::Algorithm;

std::string from_hex(std::string_view hex) {
    std::string out;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    return out;
}

class PasskeysTest : public testing::Test {
protected:
    Result<Passkey> create(const Authenticator& with, Timestamp now = at(8)) {
        return check_created(with.create(challenges.issue("register 1", at(8))), "register 1",
                             party, challenges, now);
    }
    Result<PasskeyProof> show(const Authenticator& with, const Passkey& known,
                              Timestamp now = at(8)) {
        return check_shown(with.show(challenges.issue("sign-in", at(8))), known, ada, "sign-in",
                           party, challenges, now);
    }
    const AccountId ada{1};
    const RelyingParty party{.id = "vigil.example", .origin = "https://vigil.example"};
    Challenges challenges{system_random()};
};

TEST_F(PasskeysTest, a_key_of_each_algorithm_registers_and_signs_in) {
    for (const auto algorithm : {Algorithm::es256, Algorithm::eddsa, Algorithm::rs256}) {
        const Authenticator authenticator(algorithm);
        const auto known = create(authenticator);
        ASSERT_TRUE(known) << known.error().message;
        EXPECT_EQ(known->credential, base64url("credential-1"));
        const auto proof = show(authenticator, *known);
        EXPECT_TRUE(proof) << proof.error().message;
        EXPECT_FALSE(show(Authenticator(algorithm), *known)) << "another key";
    }
}

// Each thing that Web Authentication Level 2 7.1 and 7.2 say to look at.
TEST_F(PasskeysTest, whatever_is_wrong_is_refused) {
    const Authenticator right;
    struct Bend {
        const char* what;
        void (*bend)(Authenticator&);
    };
    const std::vector<Bend> bends{
        {"another site's page", [](Authenticator& a) { a.origin = "https://vigil.example.evil"; }},
        {"another port", [](Authenticator& a) { a.origin = "https://vigil.example:8443"; }},
        {"a plain page", [](Authenticator& a) { a.origin = "http://vigil.example"; }},
        {"in a frame of another site", [](Authenticator& a) { a.cross_origin = true; }},
        {"another site's key", [](Authenticator& a) { a.rp_id = "evil.example"; }},
        {"nobody was there", [](Authenticator& a) { a.flags = 0x04; }},
        {"nobody was verified", [](Authenticator& a) { a.flags = 0x01; }},
        {"backed up and not to be", [](Authenticator& a) { a.flags = 0x15; }},
        {"an answer to something else", [](Authenticator& a) { a.type = "payment.get"; }},
        {"bytes after the data", [](Authenticator& a) { a.after = "x"; }}};
    for (const auto& [what, bend] : bends) {
        Authenticator bent;
        bend(bent);
        EXPECT_FALSE(create(bent)) << what;
        const auto known = create(right);
        ASSERT_TRUE(known);
    }
    for (const auto& [what, bend] : bends) {
        Authenticator bent;
        const auto known = create(bent);
        bend(bent);
        EXPECT_FALSE(show(bent, *known)) << what;
    }
}

TEST_F(PasskeysTest, an_answer_with_any_byte_changed_is_refused) {
    const Authenticator authenticator;
    const auto known = *create(authenticator);
    const auto good = authenticator.show(challenges.issue("sign-in", at(8)));
    const auto holds = [&](const PasskeyShown& shown) {
        return check_shown(shown, known, ada, "sign-in", party, challenges, at(8)).has_value();
    };
    ASSERT_TRUE(holds(good));
    for (auto part : {&PasskeyShown::credential_id, &PasskeyShown::client_data,
                      &PasskeyShown::authenticator_data, &PasskeyShown::signature})
        for (std::size_t i = 0; i < (good.*part).size(); ++i) {
            auto changed = good;
            (changed.*part)[i] = static_cast<char>((changed.*part)[i] ^ 1);
            EXPECT_FALSE(holds(changed)) << i;
        }
}

TEST_F(PasskeysTest, anothers_user_handle_is_refused) {
    Authenticator authenticator;
    const auto known = *create(authenticator);
    authenticator.user_handle = *from_base64url(user_handle(ada));
    EXPECT_TRUE(show(authenticator, known));
    authenticator.user_handle = *from_base64url(user_handle(AccountId{2}));
    EXPECT_FALSE(show(authenticator, known));
}

TEST_F(PasskeysTest, a_count_that_goes_back_is_told) {
    Authenticator authenticator;
    authenticator.count = 5;
    const auto known = *create(authenticator);
    for (const auto& [count, back] : {std::pair{6U, false}, {5U, true}, {4U, true}, {0U, true}}) {
        authenticator.count = count;
        EXPECT_EQ(show(authenticator, known)->counted_back, back) << count;
    }
    Authenticator uncounted;
    EXPECT_FALSE(show(uncounted, *create(uncounted))->counted_back) << "many never count";
}

TEST_F(PasskeysTest, a_challenge_is_good_for_its_purpose_for_five_minutes_and_once) {
    const auto challenge = challenges.issue("sign-in", at(8));
    EXPECT_TRUE(challenges.good(challenge, "sign-in", at(8, 4)));
    EXPECT_FALSE(challenges.good(challenge, "sign-in", at(8, 5)));
    EXPECT_FALSE(challenges.good(challenge, "register 1", at(8)));
    EXPECT_FALSE(challenges.good("", "sign-in", at(8)));
    EXPECT_FALSE(challenges.good(challenge.substr(1), "sign-in", at(8)));
    EXPECT_FALSE(Challenges(system_random()).good(challenge, "sign-in", at(8))) << "not its own";
    challenges.use_up(challenge, at(8));
    EXPECT_FALSE(challenges.good(challenge, "sign-in", at(8)));
    challenges.use_up(challenges.issue("sign-in", at(9)), at(9));
    EXPECT_EQ(challenges.size(), 1U) << "what is over is forgotten";
}

// RFC 8032 7.1, test 3.
TEST_F(PasskeysTest, an_ed25519_signature_agrees_with_the_vector_of_rfc_8032) {
    const codec::webauthn::PublicKey key{
        .algorithm = Algorithm::eddsa,
        .x = from_hex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")};
    const auto signature = from_hex(
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
    EXPECT_TRUE(signature_holds(key, from_hex("af82"), signature));
    EXPECT_FALSE(signature_holds(key, from_hex("af83"), signature));
}

// RFC 6979 A.2.5, P-256 with SHA-256, "sample"; the signature as ASN.1 (RFC 3279 2.2.3).
TEST_F(PasskeysTest, an_es256_signature_agrees_with_the_vector_of_rfc_6979) {
    const codec::webauthn::PublicKey key{
        .algorithm = Algorithm::es256,
        .x = from_hex("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"),
        .y = from_hex("7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299")};
    const auto signature = from_hex(
        "3046022100EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
        "022100F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
    EXPECT_TRUE(signature_holds(key, "sample", signature));
    EXPECT_FALSE(signature_holds(key, "Sample", signature));
    auto off_curve = key;
    off_curve.y.back() = static_cast<char>(off_curve.y.back() ^ 1);
    EXPECT_FALSE(signature_holds(off_curve, "sample", signature));
}

}  // namespace
}  // namespace vigil::identity

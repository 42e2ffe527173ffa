#include "identity/est_messages.hpp"

#include <gtest/gtest.h>

#include "codec/binary_text.hpp"
#include "identity/certificates.hpp"
#include "identity/device_key.hpp"
#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

TEST(EstMessages, a_body_is_base64_with_line_breaks_or_without) {
    EXPECT_EQ(*from_est_body("MIIB\r\nAgMEBQ==\n"), *from_est_body("MIIBAgMEBQ=="));
    EXPECT_EQ(to_est_body(*from_est_body("MIIBAgMEBQ==")), "MIIBAgMEBQ==");
    for (const auto* body : {"", "\r\n", "MII*", "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n"})
        EXPECT_FALSE(from_est_body(body)) << body;
}

TEST(EstMessages, a_certs_only_answer_holds_the_certificate_and_nothing_else) {
    const auto authority = *CertificateAuthority::create("Test", at(1));
    const auto& pem = authority.pair().certificate_pem;
    const auto message = certs_only(pem);
    ASSERT_TRUE(message);
    const auto received = received_certificate(*message);
    ASSERT_TRUE(received) << received.error().message;
    EXPECT_EQ(received->pem, pem);
    EXPECT_EQ(received->not_after, at(1) + authority_lifetime);
    // RFC 5652: signedData, version 1, no digest algorithms, data without content.
    const auto hex = codec::write_hex(*message);
    EXPECT_NE(hex.find("06092A864886F70D010702"), std::string::npos) << hex;
    EXPECT_NE(hex.find("0201013100300B06092A864886F70D010701A0"), std::string::npos) << hex;
    EXPECT_TRUE(hex.ends_with("3100")) << "no signers: " << hex;
    for (std::size_t cut = 0; cut < message->size(); cut += 7)
        EXPECT_FALSE(received_certificate(message->substr(0, cut)));
    EXPECT_FALSE(certs_only("nonsense"));
}

TEST(EstMessages, csr_attributes_ask_for_p256_and_sha256) {
    // SEQUENCE { SEQUENCE { id-ecPublicKey, SET { prime256v1 } }, ecdsa-with-SHA256 }
    EXPECT_EQ(codec::write_hex(csr_attributes()),
              "3021301506072A8648CE3D0201310A06082A8648CE3D03010706082A8648CE3D040302");
}

}  // namespace
}  // namespace vigil::identity

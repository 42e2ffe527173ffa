#include "identity/certificate_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>

#include "identity/certificates.hpp"
#include "identity/device_key.hpp"
#include "identity/est_requests.hpp"
#include "identity/ward.hpp"

namespace vigil::identity {
namespace {

Error::Kind refused(const std::string& der) {
    const auto read = read_certificate_request(der);
    return read ? Error::Kind::busy : read.error().kind;  // busy: it was not refused
}

TEST(CertificateRequest, on_p256_or_p384_is_believed_in_its_key) {
    for (const auto* curve : {"P-256", "P-384"}) {
        const auto key = curve_key(curve);
        const auto read = read_certificate_request(request_of(key.get()));
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(EVP_PKEY_eq(read->key.get(), key.get()), 1);
    }
    EXPECT_TRUE(read_certificate_request(new_device_key("pump")->request_der));
}

TEST(CertificateRequest, with_a_key_of_another_kind_is_refused) {
    EXPECT_EQ(refused(request_of(rsa_test_key(512).get())), Error::Kind::unsupported);
    EXPECT_EQ(refused(request_of(rsa_test_key(2048).get())), Error::Kind::unsupported);
    for (const auto* curve : {"P-521", "P-224", "secp256k1"})
        EXPECT_EQ(refused(request_of(curve_key(curve).get())), Error::Kind::unsupported) << curve;
    const TestKey edwards(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    EXPECT_EQ(refused(request_of(edwards.get(), nullptr)), Error::Kind::unsupported);
}

TEST(CertificateRequest, with_its_curve_spelt_out_is_refused) {
    const auto key = curve_key("P-256");
    ASSERT_EQ(EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_ENCODING, "explicit"),
              1);
    EXPECT_EQ(refused(request_of(key.get())), Error::Kind::unsupported)
        << "CVE-2020-0601: a curve of one's own, with a generator to suit";
}

TEST(CertificateRequest, signed_by_a_hash_that_is_broken_is_refused) {
    const auto key = curve_key("P-256");
    EXPECT_EQ(refused(request_of(key.get(), EVP_sha1())), Error::Kind::unsupported);
    EXPECT_TRUE(read_certificate_request(request_of(key.get(), EVP_sha512())));
}

TEST(CertificateRequest, that_whoever_sent_it_did_not_sign_is_refused) {
    const auto mine = curve_key("P-256"), theirs = curve_key("P-256");
    const auto request = unsigned_request(theirs.get());
    X509_REQ_sign(request.get(), mine.get(), EVP_sha256());
    EXPECT_EQ(refused(der_of(request.get())), Error::Kind::malformed) << "a key that is another's";
}

TEST(CertificateRequest, changed_in_any_byte_or_cut_anywhere_is_refused) {
    const auto der = new_device_key("pump")->request_der;
    for (std::size_t cut = 0; cut < der.size(); ++cut)
        EXPECT_FALSE(read_certificate_request(der.substr(0, cut))) << cut;
    EXPECT_FALSE(read_certificate_request(der + '\0')) << "more than the request";
    for (std::size_t i = 0; i < der.size(); ++i) {
        auto changed = der;
        changed[i] = static_cast<char>(changed[i] ^ 0x01);
        EXPECT_FALSE(read_certificate_request(changed)) << i;
    }
}

TEST(CertificateRequest, is_bounded) {
    const auto key = curve_key("P-256");
    EXPECT_EQ(refused(std::string(request_bytes_max + 1, '0')), Error::Kind::too_large);
    const auto request = unsigned_request(key.get());
    for (int i = 0; i <= request_attributes_max; ++i)
        X509_REQ_add1_attr_by_txt(request.get(), ("1.3.6.1.4.1.99999." + std::to_string(i)).c_str(),
                                  MBSTRING_UTF8, reinterpret_cast<const std::uint8_t*>("x"), 1);
    X509_REQ_sign(request.get(), key.get(), EVP_sha256());
    EXPECT_EQ(refused(der_of(request.get())), Error::Kind::malformed);
}

TEST(CertificateRequest, names_nothing_that_gets_into_the_certificate) {
    const auto authority = *CertificateAuthority::create("Test", at(1));
    const auto key = curve_key("P-256");
    const auto request = read_certificate_request(smuggling_request(key.get()));
    ASSERT_TRUE(request);
    const auto issued = authority.sign_device("pump", *request, std::chrono::hours(48), at(8));
    ASSERT_TRUE(issued) << issued.error().message;
    EXPECT_TRUE(issued->pair.private_key_pem.empty());
    const auto shown = authority.verify_device(issued->pair.certificate_pem, at(9));
    ASSERT_TRUE(shown) << shown.error().message;
    EXPECT_EQ(shown->device, "pump");
    EXPECT_EQ(shown->not_after, at(8) + std::chrono::hours(48));

    const auto& pem = issued->pair.certificate_pem;
    const std::unique_ptr<BIO, Release<BIO_free_all>> bio(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const std::unique_ptr<X509, Release<X509_free>> certificate(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    EXPECT_EQ(X509_check_ca(certificate.get()), 0);
    EXPECT_EQ(X509_check_host(certificate.get(), "vigil.example", 0, 0, nullptr), 0);
    EXPECT_EQ(X509_get_extended_key_usage(certificate.get()), XKU_SSL_CLIENT);
    EXPECT_EQ(EVP_PKEY_eq(X509_get0_pubkey(certificate.get()), key.get()), 1);
    char name[64] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name,
                              sizeof name);
    EXPECT_STREQ(name, "pump");
}

}  // namespace
}  // namespace vigil::identity

#pragma once
// Certificates made on the spot for tests of TLS.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace vigil::net {

struct TestCertificate {
    std::shared_ptr<X509> certificate;
    std::shared_ptr<EVP_PKEY> key;
    std::string certificate_pem, key_pem;
};

inline std::string pem_of(BIO* memory) {
    char* text = nullptr;
    const auto size = BIO_get_mem_data(memory, &text);
    std::string pem(text, static_cast<std::size_t>(size));
    BIO_free(memory);
    return pem;
}

// Signed by `issuer`, or by itself; `names` as OpenSSL writes them: "DNS:localhost,IP:127.0.0.1".
inline TestCertificate make_certificate(const std::string& common_name,
                                        const TestCertificate* issuer = nullptr,
                                        const std::string& names = {}, long days = 1) {
    static long serial = 1;
    TestCertificate made;
    made.key.reset(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    made.certificate.reset(X509_new(), &X509_free);
    X509* x = made.certificate.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
    X509_gmtime_adj(X509_getm_notBefore(x), -86'400);
    X509_gmtime_adj(X509_getm_notAfter(x), days * 86'400);
    X509_set_pubkey(x, made.key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                               0);
    const auto& by = issuer != nullptr ? *issuer : made;
    X509_set_issuer_name(x, X509_get_subject_name(by.certificate.get()));
    const auto extend = [&](int kind, const std::string& value) {
        X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
        X509_add_ext(x, extension, -1);
        X509_EXTENSION_free(extension);
    };
    extend(NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
    if (!names.empty()) extend(NID_subject_alt_name, names);
    X509_sign(x, by.key.get(), EVP_sha256());
    BIO* memory = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(memory, x);
    made.certificate_pem = pem_of(memory);
    memory = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(memory, made.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    made.key_pem = pem_of(memory);
    return made;
}

}  // namespace vigil::net

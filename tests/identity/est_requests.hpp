#pragma once
// Requests for certificates as devices make them, and as others would like to.

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "identity/openssl_handle.hpp"

namespace vigil::identity {

using TestKey = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using TestRequest = std::unique_ptr<X509_REQ, Release<X509_REQ_free>>;

inline TestKey curve_key(const char* curve) {
    return TestKey(EVP_EC_gen(curve));
}

inline TestKey rsa_test_key(unsigned bits) {
    return TestKey(EVP_RSA_gen(bits));
}

inline std::string der_of(X509_REQ* request) {
    std::uint8_t* bytes = nullptr;
    const int length = i2d_X509_REQ(request, &bytes);
    std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(length));
    OPENSSL_free(bytes);
    return der;
}

inline TestRequest unsigned_request(EVP_PKEY* key, const char* name = "whoever") {
    TestRequest request(X509_REQ_new());
    X509_REQ_set_version(request.get(), X509_REQ_VERSION_1);
    X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const std::uint8_t*>(name), -1, -1, 0);
    X509_REQ_set_pubkey(request.get(), key);
    return request;
}

inline std::string request_of(EVP_PKEY* key, const EVP_MD* digest = EVP_sha256()) {
    const auto request = unsigned_request(key);
    X509_REQ_sign(request.get(), key, digest);
    return der_of(request.get());
}

// Names another device wherever a request can, and asks to be an authority.
inline std::string smuggling_request(EVP_PKEY* key) {
    const auto request = unsigned_request(key, "other");
    auto* extensions = sk_X509_EXTENSION_new_null();
    const auto add = [&](int nid, const char* value) {
        sk_X509_EXTENSION_push(extensions, X509V3_EXT_conf_nid(nullptr, nullptr, nid, value));
    };
    add(NID_subject_alt_name, "URI:urn:vigil:device:other,DNS:vigil.example");
    add(NID_basic_constraints, "critical,CA:TRUE");
    add(NID_ext_key_usage, "serverAuth");
    X509_REQ_add_extensions(request.get(), extensions);
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    X509_REQ_sign(request.get(), key, EVP_sha256());
    return der_of(request.get());
}

}  // namespace vigil::identity

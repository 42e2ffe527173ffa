#include "identity/est_messages.hpp"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include <memory>

#include "codec/binary_text.hpp"
#include "identity/openssl_handle.hpp"

namespace vigil::identity {
namespace {

using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Pkcs7 = std::unique_ptr<PKCS7, Release<PKCS7_free>>;
using Attribute = std::unique_ptr<X509_ATTRIBUTE, Release<X509_ATTRIBUTE_free>>;

// What one of OpenSSL's i2d_… functions writes.
template <class T, class Encode>
std::string der_of(const T* object, Encode encode) {
    std::uint8_t* bytes = nullptr;
    const int length = object != nullptr ? encode(object, &bytes) : 0;
    std::string der;
    if (length > 0)
        der.assign(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
    OPENSSL_free(bytes);
    return der;
}

}  // namespace

Result<std::string> from_est_body(std::string_view body) {
    std::string text;
    text.reserve(body.size());
    for (const char c : body)
        if (c != '\r' && c != '\n' && c != ' ' && c != '\t') text += c;
    std::string der;
    if (!codec::read_base64(text, der) || der.empty())
        return fail(Error::Kind::malformed, "the body is to be base64 of DER (RFC 8951 3.1)");
    return der;
}

std::string to_est_body(std::string_view der) {
    std::string text(4 * ((der.size() + 2) / 3) + 1, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<std::uint8_t*>(text.data()),
                                       reinterpret_cast<const std::uint8_t*>(der.data()),
                                       static_cast<int>(der.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

Result<std::string> certs_only(std::string_view certificate_pem) {
    const Bio pem(
        BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())));
    const Certificate certificate(pem ? PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr)
                                      : nullptr);
    const Pkcs7 message(PKCS7_new());
    const bool filled = certificate && message &&
                        PKCS7_set_type(message.get(), NID_pkcs7_signed) == 1 &&
                        PKCS7_add_certificate(message.get(), certificate.get()) == 1;
    // RFC 5652 5.1, 5.2: there is no content, as against one of no bytes.
    if (filled) message->d.sign->contents->type = OBJ_nid2obj(NID_pkcs7_data);
    auto der = filled ? der_of(message.get(), i2d_PKCS7) : std::string();
    ERR_clear_error();
    if (der.empty()) return fail(Error::Kind::internal, "OpenSSL could not write PKCS #7");
    return der;
}

std::string csr_attributes() {
    // RFC 8951 3.2: AttrOrOID is an attribute, or an OID for what needs no value.
    const Attribute curve(X509_ATTRIBUTE_create(NID_X9_62_id_ecPublicKey, V_ASN1_OBJECT,
                                                OBJ_nid2obj(NID_X9_62_prime256v1)));
    auto content = der_of(curve.get(), i2d_X509_ATTRIBUTE);
    content += der_of(OBJ_nid2obj(NID_ecdsa_with_SHA256), i2d_ASN1_OBJECT);
    std::string der(static_cast<std::size_t>(
                        ASN1_object_size(1, static_cast<int>(content.size()), V_ASN1_SEQUENCE)) -
                        content.size(),
                    '\0');
    auto* at = reinterpret_cast<std::uint8_t*>(der.data());
    ASN1_put_object(&at, 1, static_cast<int>(content.size()), V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
    return der + content;
}

}  // namespace vigil::identity

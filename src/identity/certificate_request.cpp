#include "identity/certificate_request.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <memory>

#include "identity/openssl_handle.hpp"

namespace vigil::identity {
namespace {

using Request = std::unique_ptr<X509_REQ, Release<X509_REQ_free>>;

tl::unexpected<Error> malformed(const char* why) {
    ERR_clear_error();
    return fail(Error::Kind::malformed, why, "PKCS #10");
}
tl::unexpected<Error> unsupported(const char* why) {
    return fail(Error::Kind::unsupported, why, "PKCS #10");
}

Request parsed(std::string_view der) {
    const auto* at = reinterpret_cast<const std::uint8_t*>(der.data());
    const auto* const end = at + der.size();
    Request request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
    return request && at == end ? std::move(request) : nullptr;
}

// Before OpenSSL's key is asked for: a curve that is spelt out number by number could be any.
bool is_on_a_named_curve(X509_PUBKEY* key) {
    ASN1_OBJECT* algorithm = nullptr;
    X509_ALGOR* parameters = nullptr;
    if (X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, &parameters, key) != 1) return false;
    if (OBJ_obj2nid(algorithm) != NID_X9_62_id_ecPublicKey) return false;
    int kind = V_ASN1_UNDEF;
    const void* value = nullptr;
    X509_ALGOR_get0(nullptr, &kind, &value, parameters);
    if (kind != V_ASN1_OBJECT) return false;
    const int curve = OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(value));
    return curve == NID_X9_62_prime256v1 || curve == NID_secp384r1;
}

bool is_signed_soundly(const X509_REQ* request) {
    constexpr std::array sound{NID_ecdsa_with_SHA256, NID_ecdsa_with_SHA384, NID_ecdsa_with_SHA512};
    return std::ranges::find(sound, X509_REQ_get_signature_nid(request)) != sound.end();
}

}  // namespace

Result<CertificateRequest> read_certificate_request(std::string_view der) {
    if (der.size() > request_bytes_max)
        return fail(Error::Kind::too_large, "a request has at most 8 KiB", "PKCS #10");
    const auto request = parsed(der);
    if (!request) return malformed("no certification request in DER (RFC 2986)");
    if (X509_REQ_get_version(request.get()) != X509_REQ_VERSION_1)
        return malformed("a request has version 1 (RFC 2986 4.1)");
    if (X509_REQ_get_attr_count(request.get()) > request_attributes_max)
        return malformed("a request has at most 16 attributes");
    if (!is_on_a_named_curve(X509_REQ_get_X509_PUBKEY(request.get())))
        return unsupported("the key is to be one of the curve P-256 or P-384");
    if (!is_signed_soundly(request.get()))
        return unsupported("the request is to be signed by ECDSA with SHA-256, 384 or 512");
    const EvpKey key(X509_REQ_get_pubkey(request.get()), EVP_PKEY_free);
    if (!key) return malformed("the key is no point of its curve");
    if (X509_REQ_verify(request.get(), key.get()) != 1)
        return malformed("the request is not signed with its own key");
    return CertificateRequest{key};
}

}  // namespace vigil::identity

#include "identity/device_key.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include <memory>

#include "identity/certificates.hpp"
#include "identity/openssl_handle.hpp"

namespace vigil::identity {
namespace {

using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Request = std::unique_ptr<X509_REQ, Release<X509_REQ_free>>;
using Message = std::unique_ptr<PKCS7, Release<PKCS7_free>>;

}  // namespace

Result<DeviceKey> new_device_key(std::string_view name) {
    const Key key(EVP_EC_gen("P-256"));
    const Request request(X509_REQ_new());
    const auto* text = reinterpret_cast<const std::uint8_t*>(name.data());
    const bool made =
        key && request && X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
        X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN", MBSTRING_UTF8,
                                   text, static_cast<int>(name.size()), -1, 0) == 1 &&
        X509_REQ_set_pubkey(request.get(), key.get()) == 1 &&
        X509_REQ_sign(request.get(), key.get(), EVP_sha256()) > 0;
    if (!made) return fail(Error::Kind::internal, "OpenSSL could not make a request");
    return DeviceKey{.private_key_pem = written_to_memory([&](BIO* out) {
                         return PEM_write_bio_PKCS8PrivateKey(out, key.get(), nullptr, nullptr, 0,
                                                              nullptr, nullptr);
                     }),
                     .request_der = written_to_memory(
                         [&](BIO* out) { return i2d_X509_REQ_bio(out, request.get()); })};
}

Result<ReceivedCertificate> received_certificate(std::string_view certs_only_der) {
    const auto* at = reinterpret_cast<const std::uint8_t*>(certs_only_der.data());
    const Message message(d2i_PKCS7(nullptr, &at, static_cast<long>(certs_only_der.size())));
    ERR_clear_error();
    const bool holds_some = message && PKCS7_type_is_signed(message.get()) &&
                            message->d.sign != nullptr && message->d.sign->cert != nullptr &&
                            sk_X509_num(message->d.sign->cert) > 0;
    if (!holds_some) return fail(Error::Kind::malformed, "no certificate is in the answer");
    auto* const certificate = sk_X509_value(message->d.sign->cert, 0);
    auto pem = written_to_memory([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
    VIGIL_TRY(not_after, certificate_ends(pem));
    return ReceivedCertificate{.pem = std::move(pem), .not_after = not_after};
}

}  // namespace vigil::identity

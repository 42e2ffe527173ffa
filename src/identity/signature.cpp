// The signatures of passkeys, checked by OpenSSL.

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>

#include "identity/openssl_handle.hpp"
#include "identity/passkeys.hpp"

namespace vigil::identity {
namespace {

using codec::webauthn::CoseAlgorithm;

using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>>;
using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;

const std::uint8_t* octets(std::string_view bytes) {
    return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

// Nothing: these are no parameters of such a key, for example a point that is not on its curve.
Key made(const char* type, OSSL_PARAM* parameters) {
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        return nullptr;
    return Key(key);
}

Key elliptic(const codec::webauthn::PublicKey& key) {
    const auto point = "\x04" + key.x + key.y;  // uncompressed (SEC 1 2.3.3)
    const Builder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                     point.size());
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    return made("EC", parameters.get());
}

Key rsa(const codec::webauthn::PublicKey& key) {
    const auto number = [](std::string_view bytes) {
        return Number(BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
    };
    const auto modulus = number(key.modulus), exponent = number(key.exponent);
    const Builder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    return made("RSA", parameters.get());
}

Key key_of(const codec::webauthn::PublicKey& key) {
    switch (key.algorithm) {
        case CoseAlgorithm::es256:
            return elliptic(key);
        case CoseAlgorithm::eddsa:
            return Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(key.x),
                                                   key.x.size()));
        case CoseAlgorithm::rs256:
            return rsa(key);
    }
    return nullptr;
}

}  // namespace

bool signature_holds(const codec::webauthn::PublicKey& key, std::string_view message,
                     std::string_view signature) {
    const auto known = key_of(key);
    const DigestContext context(EVP_MD_CTX_new());
    // Ed25519 hashes by itself (RFC 8032); RS256 is PKCS #1 v1.5 (RFC 8812), OpenSSL's default.
    const auto* digest = key.algorithm == CoseAlgorithm::eddsa ? nullptr : EVP_sha256();
    return known && context &&
           EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, known.get()) == 1 &&
           EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message),
                            message.size()) == 1;
}

}  // namespace vigil::identity

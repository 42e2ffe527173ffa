#include "identity/evp_key.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <stdexcept>

#include "identity/openssl_handle.hpp"

namespace vigil::identity {
namespace {

using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>>;
using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;

const std::uint8_t* octets(std::string_view bytes) {
    return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

EvpKey made(const char* type, OSSL_PARAM* parameters) {
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        return nullptr;
    return {key, EVP_PKEY_free};
}

const EVP_MD* digest_of(SignatureHash hash) {
    switch (hash) {
        case SignatureHash::none:
            return nullptr;
        case SignatureHash::sha256:
            return EVP_sha256();
        case SignatureHash::sha384:
            return EVP_sha384();
    }
    return nullptr;
}

}  // namespace

EvpKey elliptic_key(Curve curve, std::string_view x, std::string_view y) {
    if (x.size() != coordinate_bytes(curve) || y.size() != x.size()) return nullptr;
    const auto point = "\x04" + std::string(x) + std::string(y);  // uncompressed (SEC 1 2.3.3)
    const Builder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                    curve == Curve::p256 ? "P-256" : "P-384", 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                     point.size());
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    return made("EC", parameters.get());
}

EvpKey rsa_key(std::string_view modulus, std::string_view exponent) {
    const auto number = [](std::string_view bytes) {
        return Number(BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
    };
    const auto n = number(modulus), e = number(exponent);
    const Builder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    return made("RSA", parameters.get());
}

int bits_of(const EvpKey& key) {
    return EVP_PKEY_get_bits(key.get());
}

bool is_signed_by(const EvpKey& key, SignatureHash hash, std::string_view message,
                  std::string_view signature) {
    const DigestContext context(EVP_MD_CTX_new());
    return key && context &&
           EVP_DigestVerifyInit(context.get(), nullptr, digest_of(hash), nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message),
                            message.size()) == 1;
}

std::string signed_by(const EvpKey& key, SignatureHash hash, std::string_view message) {
    const DigestContext context(EVP_MD_CTX_new());
    std::size_t length = 0;
    std::string signature;
    const auto sign = [&](std::uint8_t* out) {
        return EVP_DigestSign(context.get(), out, &length, octets(message), message.size()) == 1;
    };
    bool done =
        key && context &&
        EVP_DigestSignInit(context.get(), nullptr, digest_of(hash), nullptr, key.get()) == 1 &&
        sign(nullptr);
    if (done) {
        signature.resize(length);
        done = sign(reinterpret_cast<std::uint8_t*>(signature.data()));
    }
    if (!done) throw std::runtime_error("OpenSSL could not sign");
    signature.resize(length);
    return signature;
}

}  // namespace vigil::identity

#pragma once
// An authenticator for tests: makes key pairs, and what a browser gives of them (Web Authentication
// Level 2, 6.1 and 6.5), with whatever is to be wrong about it.

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "codec/webauthn/cose_key.hpp"
#include "identity/passkeys.hpp"
#include "identity/secret.hpp"

namespace vigil::identity {

class Authenticator {
public:
    using Algorithm = codec::webauthn::CoseAlgorithm;

    explicit Authenticator(Algorithm algorithm = Algorithm::es256)
        : algorithm_(algorithm), key_(made(algorithm), EVP_PKEY_free) {}

    // What the next answers say; a test bends them.
    std::string rp_id = "vigil.example", origin = "https://vigil.example";
    std::string id = "credential-1", user_handle{};
    std::uint8_t flags = 0x05;  // UP and UV
    std::uint32_t count = 0;
    std::string type{};  // empty: as it should be
    bool cross_origin = false;
    std::string after{};  // bytes after the authenticator data

    PasskeyCreated create(std::string_view challenge) const {
        std::string data = head(flags | 0x40);
        data += std::string(16, '\0');
        ByteWriter(data).big_endian(static_cast<std::uint16_t>(id.size()));
        data += id + encode(public_key()) + after;
        std::string object = "\xA3";
        object +=
            "\x63"
            "fmt"
            "\x64"
            "none";
        object +=
            "\x67"
            "attStmt"
            "\xA0";
        object +=
            "\x68"
            "authData"
            "\x59";
        ByteWriter(object).big_endian(static_cast<std::uint16_t>(data.size()));
        object += data;
        return {.client_data = client_data("webauthn.create", challenge),
                .attestation_object = std::move(object)};
    }

    PasskeyShown show(std::string_view challenge) const {
        PasskeyShown shown{.credential_id = id,
                           .client_data = client_data("webauthn.get", challenge),
                           .authenticator_data = head(flags) + after,
                           .user_handle = user_handle};
        const auto hash = sha256(shown.client_data);
        shown.signature =
            sign(shown.authenticator_data + std::string(hash.bytes.begin(), hash.bytes.end()));
        return shown;
    }

    codec::webauthn::PublicKey public_key() const {
        codec::webauthn::PublicKey key{.algorithm = algorithm_};
        if (algorithm_ == Algorithm::es256) {
            key.x = number(OSSL_PKEY_PARAM_EC_PUB_X, 32);
            key.y = number(OSSL_PKEY_PARAM_EC_PUB_Y, 32);
        } else if (algorithm_ == Algorithm::eddsa) {
            std::array<unsigned char, 32> raw{};
            std::size_t length = raw.size();
            EVP_PKEY_get_raw_public_key(key_.get(), raw.data(), &length);
            key.x.assign(raw.begin(), raw.end());
        } else {
            key.modulus = number(OSSL_PKEY_PARAM_RSA_N, 256);
            key.exponent = number(OSSL_PKEY_PARAM_RSA_E, 3);
        }
        return key;
    }

private:
    static EVP_PKEY* made(Algorithm algorithm) {
        if (algorithm == Algorithm::es256) return EVP_EC_gen("P-256");
        if (algorithm == Algorithm::eddsa) return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
        return EVP_RSA_gen(2048);
    }
    std::string number(const char* name, int bytes) const {
        BIGNUM* value = nullptr;
        EVP_PKEY_get_bn_param(key_.get(), name, &value);
        std::string out(static_cast<std::size_t>(bytes), '\0');
        BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), bytes);
        BN_free(value);
        return out;
    }
    std::string head(int with_flags) const {
        const auto hash = sha256(rp_id);
        std::string data(hash.bytes.begin(), hash.bytes.end());
        ByteWriter writer(data);
        writer.u8(static_cast<std::uint8_t>(with_flags));
        writer.big_endian(count);
        return data;
    }
    std::string client_data(std::string_view of_type, std::string_view challenge) const {
        return R"({"type":")" + (type.empty() ? std::string(of_type) : type) +
               R"(","challenge":")" + std::string(challenge) + R"(","origin":")" + origin +
               R"(","crossOrigin":)" + (cross_origin ? "true" : "false") + "}";
    }
    std::string sign(std::string_view message) const {
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                              EVP_MD_CTX_free);
        const auto* digest = algorithm_ == Algorithm::eddsa ? nullptr : EVP_sha256();
        EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get());
        std::string signature(1024, '\0');
        std::size_t length = signature.size();
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size());
        signature.resize(length);
        return signature;
    }

    Algorithm algorithm_;
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

}  // namespace vigil::identity

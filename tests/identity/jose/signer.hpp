#pragma once
// Somebody who signs tokens, for tests: makes a key, says it as a JWK, signs whatever is to be
// signed under whatever header.

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <string>
#include <string_view>
#include <utility>

#include "identity/jose/jws.hpp"
#include "identity/jose/jwt.hpp"
#include "identity/secret.hpp"

namespace vigil::identity::jose {

class Signer {
public:
    explicit Signer(Algorithm algorithm, std::string id = {})
        : algorithm_(algorithm), id_(std::move(id)), key_(made(algorithm), EVP_PKEY_free) {}

    // `more`: members to add, with a comma before.
    std::string jwk(const std::string& more = {}) const {
        const auto rest = (id_.empty() ? "" : R"(,"kid":")" + id_ + '"') + more + "}";
        if (is_rsa())
            return R"({"kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
                   number(OSSL_PKEY_PARAM_RSA_E) + '"' + rest;
        const int bytes = algorithm_ == Algorithm::es256 ? 32 : 48;
        return R"({"kty":"EC","crv":")" + std::string(bytes == 32 ? "P-256" : "P-384") +
               R"(","x":")" + number(OSSL_PKEY_PARAM_EC_PUB_X, bytes) + R"(","y":")" +
               number(OSSL_PKEY_PARAM_EC_PUB_Y, bytes) + '"' + rest;
    }
    KeySet keys() const { return *read_jwks(R"({"keys":[)" + jwk() + "]}"); }

    std::string header(const std::string& more = {}) const {
        return R"({"alg":")" + std::string(name_of(algorithm_)) + '"' +
               (id_.empty() ? "" : R"(,"kid":")" + id_ + '"') + more + "}";
    }
    std::string token(std::string_view claims) const { return token(header(), claims); }
    std::string token(std::string_view under_header, std::string_view claims) const {
        return write_jws(under_header, claims, key_, algorithm_);
    }
    const EvpKey& key() const { return key_; }

private:
    bool is_rsa() const { return algorithm_ == Algorithm::rs256 || algorithm_ == Algorithm::rs384; }
    static EVP_PKEY* made(Algorithm algorithm) {
        if (algorithm == Algorithm::es256) return EVP_EC_gen("P-256");
        if (algorithm == Algorithm::es384) return EVP_EC_gen("P-384");
        return EVP_RSA_gen(2048);
    }
    std::string number(const char* name, int bytes = 0) const {
        BIGNUM* value = nullptr;
        EVP_PKEY_get_bn_param(key_.get(), name, &value);
        const int length = bytes == 0 ? BN_num_bytes(value) : bytes;
        std::string out(static_cast<std::size_t>(length), '\0');
        BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), length);
        BN_free(value);
        return base64url(out);
    }

    Algorithm algorithm_;
    std::string id_;
    EvpKey key_;
};

}  // namespace vigil::identity::jose

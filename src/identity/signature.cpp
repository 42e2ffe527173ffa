// The signatures of passkeys, checked by OpenSSL.

#include <openssl/evp.h>

#include <string>

#include "identity/evp_key.hpp"
#include "identity/passkeys.hpp"

namespace vigil::identity {
namespace {

using codec::webauthn::CoseAlgorithm;

EvpKey key_of(const codec::webauthn::PublicKey& key) {
    switch (key.algorithm) {
        case CoseAlgorithm::es256:
            return elliptic_key(Curve::p256, key.x, key.y);
        case CoseAlgorithm::eddsa:
            return {EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                                reinterpret_cast<const std::uint8_t*>(key.x.data()),
                                                key.x.size()),
                    EVP_PKEY_free};
        case CoseAlgorithm::rs256:
            return rsa_key(key.modulus, key.exponent);
    }
    return nullptr;
}

}  // namespace

bool signature_holds(const codec::webauthn::PublicKey& key, std::string_view message,
                     std::string_view signature) {
    const auto hash =
        key.algorithm == CoseAlgorithm::eddsa ? SignatureHash::none : SignatureHash::sha256;
    return is_signed_by(key_of(key), hash, message, signature);
}

}  // namespace vigil::identity

#include "identity/audit_key.hpp"

#include <sodium.h>

#include <stdexcept>

namespace vigil::identity {
namespace {

const std::uint8_t* bytes(const std::string& text) {
    return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace

AuditKey::AuditKey(const Key256& seed) {
    if (sodium_init() < 0 ||
        crypto_sign_seed_keypair(public_key_.data(), secret_.data(), seed.data()) != 0)
        throw std::runtime_error("Ed25519 is not available");
}

store::AuditCheckpoint AuditKey::signed_with(store::AuditCheckpoint checkpoint) const {
    checkpoint.key = public_key_;
    const auto text = signed_text(checkpoint);
    crypto_sign_detached(checkpoint.signature.data(), nullptr, bytes(text), text.size(),
                         secret_.data());
    return checkpoint;
}

bool signature_holds(const store::AuditCheckpoint& checkpoint) {
    const auto text = signed_text(checkpoint);
    return crypto_sign_verify_detached(checkpoint.signature.data(), bytes(text), text.size(),
                                       checkpoint.key.data()) == 0;
}

}  // namespace vigil::identity

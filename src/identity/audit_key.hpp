#pragma once
// The installation's key for the checkpoints of the audit: Ed25519 (RFC 8032). Whoever has the
// database and not this key cannot make one.

#include <array>
#include <cstdint>

#include "identity/key256.hpp"
#include "store/audit_chain.hpp"

namespace vigil::identity {

class AuditKey {
public:
    explicit AuditKey(const Key256& seed);

    const store::PublicKey& public_key() const { return public_key_; }
    // With the key's name and its signature in it.
    store::AuditCheckpoint signed_with(store::AuditCheckpoint checkpoint) const;

private:
    std::array<std::uint8_t, 64> secret_{};  // as libsodium holds it: seed and public key
    store::PublicKey public_key_{};
};

// Whether the key that the checkpoint names has signed it.
bool signature_holds(const store::AuditCheckpoint& checkpoint);

}  // namespace vigil::identity

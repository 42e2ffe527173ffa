#pragma once
// The machine's TPM 2.0 as the root: the master key becomes a sealed data object (TPM 2.0 Library,
// Part 1, 27.3) under the storage key that the TPM derives of its owner seed (TCG TPM v2.0
// Provisioning Guidance 7.5.1, the ECC template). No other TPM opens it, nor this one once it was
// cleared. It is not bound to the state of the machine (PCRs): a new firmware must not lock a ward
// out of its record.

#include <string>
#include <utility>

#include "identity/root_key.hpp"

namespace vigil::identity {

class TpmRootKey final : public RootKey {
public:
    // How the TPM is reached, as tpm2-tss calls it: "device:/dev/tpmrm0".
    explicit TpmRootKey(std::string tcti) : tcti_(std::move(tcti)) {}

    Result<MasterWrap> wrap(const Key256& master, const RandomSource& random) override;
    Result<Key256> unwrap(const MasterWrap& wrap) override;
    bool is_of_kind(const MasterWrap& wrap) const override;
    bool made(const MasterWrap& wrap) const override { return is_of_kind(wrap); }
    std::string describe() const override { return "the TPM at " + tcti_; }

private:
    std::string tcti_;
};

}  // namespace vigil::identity

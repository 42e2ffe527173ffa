#pragma once
// What makes the audit tamper-evident (docs/reference/audit-chain.md): each line bears a hash of
// itself and of the one before it, and signed checkpoints say which line had which hash when.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "base/time.hpp"

namespace vigil::store {

// A line of the audit and the hash of the chain up to it; number 0: the chain is empty.
struct ChainEnd {
    std::uint64_t number = 0;
    Sha256Digest hash{};
    bool operator==(const ChainEnd&) const = default;
};

// One thread at a time.
class ChainHash {
public:
    // SHA-256 of the hash before (32 bytes), number and time (8 each, big-endian; the time in
    // nanoseconds since 1970) and the body as it is stored, sealed.
    Sha256Digest of(const Sha256Digest& before, std::uint64_t number, Timestamp time,
                    std::string_view body);

private:
    Sha256 sha256_;
    std::string head_;
};

using PublicKey = std::array<std::uint8_t, 32>;  // Ed25519 (RFC 8032)
using Signature = std::array<std::uint8_t, 64>;

// "When this was signed, line `number` of the audit was there, and the chain up to it was `hash`."
struct AuditCheckpoint {
    std::uint64_t sequence = 0;  // from 1, of all checkpoints of the installation
    ChainEnd end;
    Timestamp time{};
    // "interval", "start", "stop", "backup", "asked"; "upgrade": the lines up to here were written
    // before there was a chain; "restore": a backup that ends here took the place of what was.
    std::string why;
    PublicKey key{};
    Signature signature{};
    bool operator==(const AuditCheckpoint&) const = default;
};

inline constexpr std::string_view why_restored = "restore";

// The text that is signed; with the line of the signature after it, the checkpoint as it is kept,
// printed and read again.
std::string signed_text(const AuditCheckpoint& checkpoint);
std::string encode(const AuditCheckpoint& checkpoint);
// Reads what `encode` writes, and nothing else. Whether the signature holds is not looked at.
Result<AuditCheckpoint> decode_checkpoint(std::string_view text);
constexpr std::size_t checkpoint_bytes_max = 512;

// A file of checkpoints, each followed by an empty line. What a crash cut short at its end is left
// out: `whole` says how many bytes are not of that.
struct CheckpointFile {
    std::vector<std::string> checkpoints;
    std::size_t whole = 0;
};
CheckpointFile split_checkpoints(std::string_view bytes);

// Whether the checkpoint's signature is by its key (identity/audit_key.hpp).
using CheckSignature = std::function<bool(const AuditCheckpoint&)>;

}  // namespace vigil::store

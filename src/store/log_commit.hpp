#pragma once
// One commit of the log as bytes: the entries of each subject in a segment of their own, sealed as
// one, with ordinals that restore the order in which they came. docs/reference/log-entry.md.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/log.hpp"

namespace vigil::store {

// Entries as they wait for their commit: one buffer, filled in order of arrival. Nothing is
// allocated for an entry once the buffer has grown to the size that the load needs.
class PendingEntries {
public:
    void add(EntryKind kind, PatientId subject, const Fingerprint& identity, std::string_view body);
    void clear() { bytes_.clear(), count_ = 0; }
    void swap(PendingEntries& other) noexcept {
        bytes_.swap(other.bytes_);
        std::swap(count_, other.count_);
    }
    bool empty() const { return count_ == 0; }
    std::size_t count() const { return count_; }
    std::size_t byte_count() const { return bytes_.size(); }

private:
    friend class CommitEncoder;
    struct Header {
        std::uint64_t identity_high, identity_low;
        std::uint32_t body_bytes;
        std::uint32_t subject;
        EntryKind kind;
    };
    std::string bytes_;
    std::size_t count_ = 0;
};

// Reused from commit to commit, so that its buffers are allocated once.
class CommitEncoder {
public:
    struct Encoded {
        std::string_view bytes;   // valid until the next call
        std::size_t entries = 0;  // how many were taken
        std::size_t next = 0;     // where in `pending` the rest begins
    };
    // Takes entries from `start` on until `bytes_max` is reached, at least one.
    Encoded encode(const PendingEntries& pending, std::size_t start, std::size_t bytes_max,
                   Sealer& sealer);

private:
    std::string& segment_of(PatientId subject);
    std::uint32_t& slot_of(PatientId subject);

    std::vector<PatientId> subjects_;
    std::vector<std::string> clear_;
    // Open addressing: where a subject's segment is in the two above, plus one.
    std::vector<std::uint32_t> slots_ = std::vector<std::uint32_t>(64);
    std::string sealed_, out_;
};

// Reads what the encoder wrote. The bytes come from a disk: nothing in them is trusted.
class CommitDecoder {
public:
    // Entries in order; their bodies live until the next call. Those of a subject whose key was
    // destroyed (Sealer::open says `not_found`) are empty ticks.
    Result<std::span<const Entry>> decode(std::string_view bytes, Position first, std::size_t count,
                                          Timestamp commit_time, Sealer& sealer);

private:
    Result<std::size_t> decode_segment(PatientId subject, std::string_view clear);
    std::size_t blank_entries();

    std::vector<std::string> clear_;
    std::vector<Entry> entries_;
};

// Guards a row of the log: the body and the numbers beside it.
std::uint32_t commit_checksum(std::uint64_t first_offset, std::uint64_t count, Timestamp time,
                              std::string_view body);

}  // namespace vigil::store

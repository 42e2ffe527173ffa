#include "store/log_commit.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/bytes.hpp"

namespace vigil::store {

namespace {

constexpr std::uint8_t format_version = 1;
// A commit holds about a megabyte; the smallest entry takes three bytes of it.
constexpr std::size_t entries_max = 16U << 20;

// The kind byte of an entry: the kind, and whether an identity follows.
constexpr std::uint8_t has_identity = 0x80;

Error damaged(const char* what) {
    return {.kind = Error::Kind::malformed, .message = what, .place = {}};
}

}  // namespace

void PendingEntries::add(EntryKind kind, PatientId subject, const Fingerprint& identity,
                         std::string_view body) {
    Header header{};
    header.identity_high = identity.high;
    header.identity_low = identity.low;
    header.body_bytes = static_cast<std::uint32_t>(body.size());
    header.subject = subject.value;
    header.kind = kind;
    bytes_.append(reinterpret_cast<const char*>(&header), sizeof header);
    bytes_.append(body);
    ++count_;
}

std::string& CommitEncoder::segment_of(PatientId subject) {
    if (subjects_.size() * 2 >= slots_.size()) {
        slots_.assign(slots_.size() * 2, 0);
        for (std::uint32_t i = 0; i < subjects_.size(); ++i) slot_of(subjects_[i]) = i + 1;
    }
    std::uint32_t& slot = slot_of(subject);
    if (slot == 0) {
        subjects_.push_back(subject);
        slot = static_cast<std::uint32_t>(subjects_.size());
        if (clear_.size() < slot) clear_.emplace_back();
        clear_[slot - 1].clear();
    }
    return clear_[slot - 1];
}

std::uint32_t& CommitEncoder::slot_of(PatientId subject) {
    std::size_t at = subject.value * 0x9e3779b97f4a7c15ULL >> 32;
    for (;; ++at) {
        std::uint32_t& slot = slots_[at & (slots_.size() - 1)];
        if (slot == 0 || subjects_[slot - 1] == subject) return slot;
    }
}

CommitEncoder::Encoded CommitEncoder::encode(const PendingEntries& pending, std::size_t start,
                                             std::size_t bytes_max, Sealer& sealer) {
    std::ranges::fill(slots_, 0);
    subjects_.clear();
    Encoded encoded;
    std::size_t at = start;
    while (at < pending.bytes_.size()) {
        PendingEntries::Header header{};
        std::memcpy(&header, pending.bytes_.data() + at, sizeof header);
        const std::size_t size = sizeof header + header.body_bytes;
        if (encoded.entries > 0 && at + size - start > bytes_max) break;
        const std::string_view body(pending.bytes_.data() + at + sizeof header, header.body_bytes);
        ByteWriter out(segment_of(PatientId{header.subject}));
        out.varint(encoded.entries);
        const bool identified = (header.identity_high | header.identity_low) != 0;
        out.u8(static_cast<std::uint8_t>(static_cast<std::uint8_t>(header.kind) |
                                         (identified ? has_identity : 0)));
        if (identified) {
            const std::array<std::uint64_t, 2> identity{header.identity_high, header.identity_low};
            out.bytes({reinterpret_cast<const char*>(identity.data()), sizeof identity});
        }
        out.sized(body);
        ++encoded.entries;
        at += size;
    }
    out_.clear();
    ByteWriter out(out_);
    out.u8(format_version);
    out.varint(subjects_.size());
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
        sealed_.clear();
        sealer.seal(subjects_[i], clear_[i], sealed_);
        out.varint(subjects_[i].value);
        out.sized(sealed_);
    }
    encoded.bytes = out_;
    encoded.next = at;
    return encoded;
}

Result<std::span<const Entry>> CommitDecoder::decode(std::string_view bytes, Position first,
                                                     std::size_t count, Timestamp commit_time,
                                                     Sealer& sealer) {
    ByteReader in(bytes);
    if (in.u8() != format_version)
        return fail(Error::Kind::unsupported, "the commit was written by another version of Vigil");
    const auto segments = in.varint();
    if (!segments || *segments > count || count > entries_max)
        return tl::unexpected(damaged("the commit's counts cannot be right"));
    entries_.assign(count, Entry{});
    if (clear_.size() < *segments) clear_.resize(*segments);
    std::size_t found = 0;
    bool some_erased = false;
    for (std::size_t i = 0; i < *segments; ++i) {
        const auto subject = in.varint();
        const auto sealed = in.sized();
        if (!subject || *subject > UINT32_MAX || !sealed)
            return tl::unexpected(damaged("the commit ends too early"));
        const PatientId patient{static_cast<std::uint32_t>(*subject)};
        clear_[i].clear();
        if (auto opened = sealer.open(patient, *sealed, clear_[i]); !opened) {
            if (opened.error().kind != Error::Kind::not_found)
                return tl::unexpected(std::move(opened).error());
            some_erased = true;
            continue;
        }
        VIGIL_TRY(in_segment, decode_segment(patient, clear_[i]));
        found += in_segment;
    }
    if (some_erased) found += blank_entries();
    if (found != count || !in.empty())
        return tl::unexpected(damaged("the commit does not hold the entries it names"));
    for (std::size_t i = 0; i < count; ++i) {
        entries_[i].position = {first.partition, first.offset + i};
        entries_[i].commit_time = commit_time;
    }
    return std::span<const Entry>(entries_);
}

// Entries of a patient who was erased stand in their places as the log's clock: nothing is left of
// them but that there was something.
std::size_t CommitDecoder::blank_entries() {
    std::size_t blank = 0;
    for (auto& entry : entries_) {
        if (entry.body.data() != nullptr) continue;
        entry.kind = EntryKind::tick;
        entry.body = "";
        ++blank;
    }
    return blank;
}

Result<std::size_t> CommitDecoder::decode_segment(PatientId subject, std::string_view clear) {
    ByteReader in(clear);
    std::size_t found = 0;
    for (; !in.empty(); ++found) {
        const auto ordinal = in.varint();
        const auto kind = in.u8();
        // An unset slot has no body pointer: an ordinal seen twice is damage.
        if (!ordinal || !kind || *ordinal >= entries_.size() ||
            entries_[*ordinal].body.data() != nullptr)
            return tl::unexpected(damaged("an entry's place in the commit is wrong"));
        Entry& entry = entries_[*ordinal];
        if ((*kind & has_identity) != 0) {
            const auto high = in.little_endian<std::uint64_t>();
            const auto low = in.little_endian<std::uint64_t>();
            if (!high || !low) return tl::unexpected(damaged("an entry ends too early"));
            entry.identity = {*high, *low};
        }
        const auto body = in.sized();
        if (!body) return tl::unexpected(damaged("an entry ends too early"));
        entry.kind = static_cast<EntryKind>(*kind & ~has_identity);
        entry.subject = subject;
        entry.body = *body;
    }
    return found;
}

std::uint32_t commit_checksum(std::uint64_t first_offset, std::uint64_t count, Timestamp time,
                              std::string_view body) {
    const std::array<std::uint64_t, 3> numbers{first_offset, count,
                                               static_cast<std::uint64_t>(unix_ns(time))};
    return crc32c(body, crc32c({reinterpret_cast<const char*>(numbers.data()), sizeof numbers}));
}

}  // namespace vigil::store

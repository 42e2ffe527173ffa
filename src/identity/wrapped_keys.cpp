#include "identity/wrapped_keys.hpp"

#include <algorithm>
#include <cassert>

#include "base/bytes.hpp"
#include "base/hash.hpp"

namespace vigil::identity {
namespace {

constexpr std::string_view magic = "VGLKEYS1";
constexpr std::size_t head_bytes_max = master_wraps_max * (master_wrap_bytes_max + 1'024);

tl::unexpected<Error> damaged(const char* what, std::size_t at) {
    return fail(Error::Kind::malformed, what, "byte " + std::to_string(at));
}

std::optional<WrappedMaster> decode_head(std::string_view head) {
    ByteReader reader(head);
    WrappedMaster master;
    const auto version = reader.big_endian<std::uint32_t>();
    const auto since = reader.big_endian<std::int64_t>();
    const auto count = reader.u8();
    if (!version || !since || !count || *count == 0 || *count > master_wraps_max)
        return std::nullopt;
    master.version = *version;
    master.since = Timestamp(Nanoseconds(*since));
    for (int i = 0; i < *count; ++i) {
        const auto bytes = reader.sized();
        auto wrap = bytes ? decode_master_wrap(*bytes) : std::nullopt;
        if (!wrap) return std::nullopt;
        master.wraps.push_back(std::move(*wrap));
    }
    if (!reader.empty()) return std::nullopt;
    return master;
}

// What stands before the records, and how long it is.
Result<std::size_t> read_head(std::string_view bytes, WrappedKeys& out) {
    if (!bytes.starts_with(magic)) return std::size_t{0};
    constexpr auto broken = "the wrapped master key is damaged: restore the file from its own copy";
    ByteReader reader(bytes);
    static_cast<void>(reader.take(magic.size()));
    const auto size = reader.big_endian<std::uint32_t>();
    if (!size || *size > head_bytes_max) return damaged(broken, magic.size());
    const auto head = reader.take(*size);
    const auto covered = reader.position();
    const auto crc = reader.big_endian<std::uint32_t>();
    if (!head || !crc || *crc != crc32c(bytes.substr(0, covered))) return damaged(broken, covered);
    out.master = decode_head(*head);
    if (!out.master) return damaged(broken, magic.size());
    return reader.position();
}

std::optional<WrappedKey> decode_record(std::string_view record) {
    ByteReader reader(record);
    WrappedKey key{.subject = PatientId{reader.big_endian<std::uint32_t>().value_or(0)}};
    const auto wrapped = reader.take(key.wrapped.size()).value_or("");
    const auto crc = reader.big_endian<std::uint32_t>();
    if (!crc || *crc != crc32c(record.substr(0, record.size() - sizeof *crc))) return std::nullopt;
    std::ranges::copy(wrapped, key.wrapped.begin());
    return key;
}

}  // namespace

std::string encode(const WrappedMaster& master) {
    assert(!master.wraps.empty() && master.wraps.size() <= master_wraps_max);
    std::string head;
    ByteWriter writer(head);
    writer.big_endian(master.version);
    writer.big_endian(static_cast<std::int64_t>(master.since.time_since_epoch().count()));
    writer.u8(static_cast<std::uint8_t>(master.wraps.size()));
    for (const auto& wrap : master.wraps) writer.sized(encode(wrap));
    std::string out(magic);
    ByteWriter(out).big_endian(static_cast<std::uint32_t>(head.size()));
    out += head;
    ByteWriter(out).big_endian(crc32c(out));
    return out;
}

std::string encode(const WrappedKey& key) {
    std::string out;
    ByteWriter writer(out);
    writer.big_endian(key.subject.value);
    out.append(key.wrapped.begin(), key.wrapped.end());
    writer.big_endian(crc32c(out));
    return out;
}

Result<WrappedKeys> decode_wrapped_keys(std::string_view bytes) {
    WrappedKeys out;
    VIGIL_TRY(begin, read_head(bytes, out));
    out.whole_bytes = begin;
    while (out.whole_bytes + key_record_bytes <= bytes.size()) {
        const auto key = decode_record(bytes.substr(out.whole_bytes, key_record_bytes));
        // Nothing was sealed under a key whose record was not whole on the disk: a bad last record
        // is one that a crash cut short. Before that, something has changed the file.
        if (!key && out.whole_bytes + 2 * key_record_bytes <= bytes.size())
            return damaged("a data key is damaged: restore the file from its own copy",
                           out.whole_bytes);
        if (!key) break;
        out.keys.push_back(*key);
        out.whole_bytes += key_record_bytes;
    }
    return out;
}

}  // namespace vigil::identity

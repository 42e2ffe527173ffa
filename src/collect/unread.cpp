#include "collect/unread.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.hpp"

namespace vigil::collect {
namespace {

constexpr std::uint8_t layout_version = 1;

tl::unexpected<Error> cut_short(const ByteReader& in) {
    return fail(Error::Kind::malformed, "the entry is cut short",
                fmt::format("byte {}", in.position()));
}

bool read_text(ByteReader& in, std::string_view& out) {
    const auto text = in.sized();
    if (text) out = *text;
    return text.has_value();
}

bool read_reason(ByteReader& in, Error& reason) {
    const auto kind = in.u8();
    std::string_view message;
    std::string_view place;
    if (!kind || *kind > static_cast<std::uint8_t>(Error::Kind::internal)) return false;
    if (!read_text(in, message) || !read_text(in, place)) return false;
    reason = {static_cast<Error::Kind>(*kind), std::string(message), std::string(place)};
    return true;
}

}  // namespace

void encode(const Unread& unread, std::string& out) {
    ByteWriter to(out);
    to.u8(layout_version);
    to.little_endian(unix_ns(unread.receive_time));
    to.varint(unread.sender.value);
    for (const auto text :
         {unread.sender_name, unread.protocol, unread.source, unread.content_type})
        to.sized(text);
    const auto count = std::min(unread.reasons.size(), unread_reasons_max);
    to.varint(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& reason = unread.reasons[i];
        to.u8(static_cast<std::uint8_t>(reason.kind));
        const auto left = unread.reasons.size() - count;
        to.sized(i + 1 == count && left > 0 ? fmt::format("{} (and {} more)", reason.message, left)
                                            : reason.message);
        to.sized(reason.place);
    }
    to.sized(unread.raw);
}

Result<Unread> decode_unread(std::string_view body) {
    ByteReader in(body);
    if (in.u8() != layout_version)
        return fail(Error::Kind::unsupported, "an unread entry of another version", "byte 0");
    Unread unread;
    const auto receive_ns = in.little_endian<std::int64_t>();
    const auto sender = in.varint();
    if (!receive_ns || !sender || *sender > UINT32_MAX) return cut_short(in);
    unread.receive_time = from_unix_ns(*receive_ns);
    unread.sender.value = static_cast<std::uint32_t>(*sender);
    for (auto* text : {&unread.sender_name, &unread.protocol, &unread.source, &unread.content_type})
        if (!read_text(in, *text)) return cut_short(in);
    const auto count = in.varint();
    if (!count || *count > unread_reasons_max) return cut_short(in);
    unread.reasons.resize(*count);
    for (auto& reason : unread.reasons)
        if (!read_reason(in, reason)) return cut_short(in);
    if (!read_text(in, unread.raw) || !in.empty()) return cut_short(in);
    return unread;
}

}  // namespace vigil::collect

#include "codec/mqtt/framer.hpp"

#include <cassert>

namespace vigil::mqtt {
namespace {

// What the first bytes of a packet say about it.
struct FixedHeader {
    std::size_t header_bytes = 0;  // 0: not all of it is here yet
    std::uint32_t remaining_length = 0;
    bool overlong = false;
};

Decoded<FixedHeader> read_fixed_header(std::string_view bytes) {
    FixedHeader header;
    for (std::size_t i = 1; i < bytes.size(); ++i) {
        const auto byte = static_cast<std::uint8_t>(bytes[i]);
        header.remaining_length |= static_cast<std::uint32_t>(byte & 0x7F) << (7 * (i - 1));
        if ((byte & 0x80) == 0) {
            header.header_bytes = i + 1;
            header.overlong = i > 1 && byte == 0;
            return header;
        }
        if (i == 4)
            return violation(ReasonCode::malformed_packet, "remaining length takes over 4 bytes");
    }
    return header;
}

Frame frame_of(std::string_view packet, const FixedHeader& header) {
    return Frame{.first_byte = static_cast<std::uint8_t>(packet[0]),
                 .overlong_length = header.overlong,
                 .body = packet.substr(header.header_bytes, header.remaining_length)};
}

}  // namespace

void PacketFramer::feed(std::string_view bytes) {
    assert(fed_.empty());
    fed_ = bytes;
    if (kept_at_ == 0) return;
    kept_.erase(0, kept_at_);
    kept_at_ = 0;
}

Decoded<std::optional<Frame>> PacketFramer::next() {
    if (kept_at_ < kept_.size()) return next_kept();
    if (kept_at_ > 0) {
        std::string().swap(kept_);  // a large packet's memory does not stay with the connection
        kept_at_ = 0;
    }
    const auto header = read_fixed_header(fed_);
    if (!header) return tl::unexpected(header.error());
    if (header->header_bytes == 0) return std::nullopt;
    const auto packet_bytes = header->header_bytes + header->remaining_length;
    if (packet_bytes > packet_bytes_max_)
        return violation(ReasonCode::packet_too_large, "packet is larger than allowed");
    if (packet_bytes > fed_.size()) return std::nullopt;
    const auto frame = frame_of(fed_, *header);
    fed_.remove_prefix(packet_bytes);
    return frame;
}

// The packet whose start was kept: its missing bytes, and no more, are taken from what was fed.
Decoded<std::optional<Frame>> PacketFramer::next_kept() {
    auto header = read_fixed_header(std::string_view(kept_).substr(kept_at_));
    while (header && header->header_bytes == 0 && !fed_.empty()) {
        take(1);
        header = read_fixed_header(std::string_view(kept_).substr(kept_at_));
    }
    if (!header) return tl::unexpected(header.error());
    if (header->header_bytes == 0) return std::nullopt;
    const auto packet_bytes = header->header_bytes + header->remaining_length;
    if (packet_bytes > packet_bytes_max_)
        return violation(ReasonCode::packet_too_large, "packet is larger than allowed");
    const auto here = kept_.size() - kept_at_;
    if (packet_bytes > here) take(packet_bytes - here);
    if (packet_bytes > kept_.size() - kept_at_) return std::nullopt;
    const auto frame = frame_of(std::string_view(kept_).substr(kept_at_), *header);
    kept_at_ += packet_bytes;
    return frame;
}

void PacketFramer::take(std::size_t bytes) {
    const auto taken = fed_.substr(0, bytes);
    kept_.append(taken);
    fed_.remove_prefix(taken.size());
}

void PacketFramer::keep_rest() {
    take(fed_.size());
}

}  // namespace vigil::mqtt

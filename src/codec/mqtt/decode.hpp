#pragma once
// Bytes to packets, with every rule of the standards that can be judged from one packet alone.

#include <cstdint>
#include <string_view>
#include <tl/expected.hpp>

#include "codec/mqtt/packet.hpp"

namespace vigil::mqtt {

// Why bytes are no packet. It carries the reason code because that is what the sender is told (MQTT
// 5.0 4.13), which vigil::Error's kinds are too coarse for; nothing here is allocated.
struct Violation {
    ReasonCode code = ReasonCode::malformed_packet;
    const char* message = "";  // for the log and the Reason String; holds nothing the sender sent
};

template <class T>
class [[nodiscard]] Decoded : public tl::expected<T, Violation> {
    using Base = tl::expected<T, Violation>;

public:
    using Base::Base;
};

inline tl::unexpected<Violation> violation(ReasonCode code, const char* message) {
    return tl::unexpected(Violation{code, message});
}

// One control packet cut out of the stream by PacketFramer.
struct Frame {
    std::uint8_t first_byte = 0;
    bool overlong_length = false;  // Remaining Length took more bytes than it needs
    std::string_view body;         // everything after the fixed header

    PacketType type() const { return static_cast<PacketType>(first_byte >> 4); }
    std::uint8_t flags() const { return first_byte & 0x0F; }
};

// The version of the connection; of a CONNECT it is ignored, the packet says it itself.
Decoded<Packet> decode(const Frame& frame, Version version);

// The two that a server meets before it knows a version, and most often.
Decoded<Connect> decode_connect(const Frame& frame);
Decoded<Publish> decode_publish(const Frame& frame, Version version);

// A block that append_property_block() wrote.
Decoded<Properties> decode_property_block(std::string_view block);

// The packet identifier of an acknowledgement that says Success with nothing else: most of them.
// Nothing: decode() it.
constexpr std::optional<std::uint16_t> plain_acknowledgement(const Frame& frame) {
    const unsigned flags = frame.type() == PacketType::pubrel ? 2 : 0;
    if (frame.body.size() != 2 || frame.flags() != flags || frame.overlong_length)
        return std::nullopt;
    const auto high = static_cast<std::uint8_t>(frame.body[0]);
    const auto low = static_cast<std::uint8_t>(frame.body[1]);
    if ((high | low) == 0) return std::nullopt;
    return static_cast<std::uint16_t>(high << 8 | low);
}

}  // namespace vigil::mqtt

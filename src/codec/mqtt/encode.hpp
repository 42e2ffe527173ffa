#pragma once
// Packets to bytes, appended to what the caller owns. What is given must be valid (texts of at most
// 65,535 bytes, identifiers that are not 0): that is our own code's duty, and asserted.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codec/mqtt/packet.hpp"

namespace vigil::mqtt {

void encode(const Connect& packet, std::string& out);  // in the packet's own version
void encode(const Connack& packet, Version version, std::string& out);
void encode(const Publish& packet, Version version, std::string& out);

// The PUBLISH of a server that passes a message on: what is the subscriber's own, and beside it
// what is forwarded as it came. In 3.1.1 there are no properties.
struct ForwardedPublish {
    std::string_view topic;       // empty: the alias stands for it
    std::string_view properties;  // a block, already encoded
    std::string_view payload;
    std::span<const std::uint32_t> subscription_identifiers;
    std::optional<std::uint32_t> message_expiry_interval;
    std::uint16_t topic_alias = 0;        // 0: none
    std::uint16_t packet_identifier = 0;  // 0 at QoS 0 only
    std::uint8_t qos = 0;
    bool retain = false, duplicate = false;
};
void encode(const ForwardedPublish& packet, Version version, std::string& out);
std::size_t encoded_size(const ForwardedPublish& packet, Version version);

void encode(const Puback& packet, Version version, std::string& out);
void encode(const Pubrec& packet, Version version, std::string& out);
void encode(const Pubrel& packet, Version version, std::string& out);
void encode(const Pubcomp& packet, Version version, std::string& out);
void encode(const Subscribe& packet, Version version, std::string& out);
void encode(const Suback& packet, Version version, std::string& out);
void encode(const Unsubscribe& packet, Version version, std::string& out);
void encode(const Unsuback& packet, Version version, std::string& out);
void encode(const Pingreq& packet, Version version, std::string& out);
void encode(const Pingresp& packet, Version version, std::string& out);
void encode(const Disconnect& packet, Version version, std::string& out);
void encode(const Auth& packet, Version version, std::string& out);
void encode(const Packet& packet, Version version, std::string& out);

// PUBACK, PUBREC, PUBREL or PUBCOMP with reason Success: the same four bytes in both versions.
inline void append_success(PacketType type, std::uint16_t packet_identifier, std::string& out) {
    const std::array<char, 4> bytes{static_cast<char>((static_cast<unsigned>(type) << 4) |
                                                      (type == PacketType::pubrel ? 2 : 0)),
                                    2, static_cast<char>(packet_identifier >> 8),
                                    static_cast<char>(packet_identifier & 0xFF)};
    out.append(bytes.data(), bytes.size());
}

// A Variable Byte Integer (MQTT 5.0 1.5.5) of at most 268,435,455.
void append_variable_byte_integer(std::uint32_t value, std::string& out);
constexpr std::size_t variable_byte_integer_size(std::uint32_t value) {
    return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20'0000 ? 3 : 4;
}
constexpr std::uint32_t variable_byte_integer_max = 268'435'455;

}  // namespace vigil::mqtt

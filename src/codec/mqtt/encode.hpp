#pragma once
// Packets to bytes, appended to what the caller owns. What is given must be valid (texts of at most
// 65,535 bytes, identifiers that are not 0): that is our own code's duty, and asserted.

#include <string>
#include <string_view>

#include "codec/mqtt/packet.hpp"

namespace vigil::mqtt {

void encode(const Connect& packet, std::string& out);  // in the packet's own version
void encode(const Connack& packet, Version version, std::string& out);
void encode(const Publish& packet, Version version, std::string& out);
// `more_properties` is a block of properties that are already encoded and come after the packet's
// own: what a server forwards as it came. Left out in 3.1.1.
void encode(const Publish& packet, std::string_view more_properties, Version version,
            std::string& out);
std::size_t encoded_size(const Publish& packet, std::string_view more_properties, Version version);
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
    const char bytes[4] = {static_cast<char>((static_cast<unsigned>(type) << 4) |
                                             (type == PacketType::pubrel ? 2 : 0)),
                           2, static_cast<char>(packet_identifier >> 8),
                           static_cast<char>(packet_identifier & 0xFF)};
    out.append(bytes, sizeof bytes);
}

// A Variable Byte Integer (MQTT 5.0 1.5.5) of at most 268,435,455.
void append_variable_byte_integer(std::uint32_t value, std::string& out);
constexpr std::size_t variable_byte_integer_size(std::uint32_t value) {
    return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20'0000 ? 3 : 4;
}
constexpr std::uint32_t variable_byte_integer_max = 268'435'455;

}  // namespace vigil::mqtt

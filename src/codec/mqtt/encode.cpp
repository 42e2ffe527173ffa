#include "codec/mqtt/encode.hpp"

#include <cassert>

namespace vigil::mqtt {
namespace {

void put_u8(std::string& out, unsigned value) {
    out.push_back(static_cast<char>(value & 0xFF));
}
void put_u16(std::string& out, std::size_t value) {
    put_u8(out, static_cast<unsigned>(value >> 8));
    put_u8(out, static_cast<unsigned>(value));
}
void put_text(std::string& out, std::string_view text) {
    assert(text.size() <= 0xFFFF);
    put_u16(out, text.size());
    out.append(text);
}

void put_fixed_header(std::string& out, PacketType type, unsigned flags, std::size_t length) {
    assert(length <= variable_byte_integer_max);
    put_u8(out, (static_cast<unsigned>(type) << 4) | flags);
    append_variable_byte_integer(static_cast<std::uint32_t>(length), out);
}

std::size_t properties_size(const Properties& properties, Version version) {
    if (version != Version::v5) return 0;
    const auto size = encoded_size(properties);
    return variable_byte_integer_size(static_cast<std::uint32_t>(size)) + size;
}
void put_properties(std::string& out, const Properties& properties, Version version) {
    if (version == Version::v5) append_properties(properties, out);
}

std::uint8_t return_code(ReasonCode reason) {
    switch (reason) {
        case ReasonCode::success:
            return 0;
        case ReasonCode::unsupported_protocol_version:
            return 1;
        case ReasonCode::client_identifier_not_valid:
            return 2;
        case ReasonCode::bad_user_name_or_password:
            return 4;
        case ReasonCode::not_authorized:
        case ReasonCode::banned:
            return 5;
        default:
            return 3;
    }
}

// PUBACK, PUBREC, PUBREL, PUBCOMP: the reason may be left out with Success, the properties where
// there are none (MQTT 5.0 3.4.2.1, 3.4.2.2.1).
template <PacketType type>
void encode_acknowledgement(const Acknowledgement<type>& packet, Version version,
                            std::string& out) {
    assert(packet.packet_identifier != 0);
    const auto properties = version == Version::v5 ? encoded_size(packet.properties) : 0;
    if (version != Version::v5 || (packet.reason == ReasonCode::success && properties == 0))
        return append_success(type, packet.packet_identifier, out);
    const auto tail = properties == 0 ? 0 : properties_size(packet.properties, version);
    put_fixed_header(out, type, type == PacketType::pubrel ? 2 : 0, 3 + tail);
    put_u16(out, packet.packet_identifier);
    put_u8(out, static_cast<unsigned>(packet.reason));
    if (tail > 0) put_properties(out, packet.properties, version);
}

// DISCONNECT and AUTH of MQTT 5.0: reason and properties, both left out where they say nothing.
template <class T>
void encode_reason(const T& packet, PacketType type, std::string& out) {
    const auto properties = encoded_size(packet.properties);
    if (properties == 0 && packet.reason == ReasonCode::success)
        return put_fixed_header(out, type, 0, 0);
    put_fixed_header(out, type, 0, 1 + properties_size(packet.properties, Version::v5));
    put_u8(out, static_cast<unsigned>(packet.reason));
    append_properties(packet.properties, out);
}

}  // namespace

void append_variable_byte_integer(std::uint32_t value, std::string& out) {
    assert(value <= variable_byte_integer_max);
    while (value >= 0x80) {
        put_u8(out, value | 0x80);
        value >>= 7;
    }
    put_u8(out, value);
}

void encode(const Connect& packet, std::string& out) {
    const auto version = packet.version;
    std::size_t length =
        10 + properties_size(packet.properties, version) + 2 + packet.client_identifier.size();
    unsigned flags = packet.clean_start ? 0x02 : 0;
    if (const auto& will = packet.will) {
        length += properties_size(will->properties, version) + 4 + will->topic.size() +
                  will->payload.size();
        flags |= 0x04U | (static_cast<unsigned>(will->qos) << 3) | (will->retain ? 0x20U : 0U);
    }
    if (packet.user_name) {
        length += 2 + packet.user_name->size();
        flags |= 0x80;
    }
    if (packet.password) {
        length += 2 + packet.password->size();
        flags |= 0x40;
    }
    put_fixed_header(out, PacketType::connect, 0, length);
    put_text(out, "MQTT");
    put_u8(out, static_cast<unsigned>(version));
    put_u8(out, flags);
    put_u16(out, packet.keep_alive);
    put_properties(out, packet.properties, version);
    put_text(out, packet.client_identifier);
    if (const auto& will = packet.will) {
        put_properties(out, will->properties, version);
        put_text(out, will->topic);
        put_text(out, will->payload);
    }
    if (packet.user_name) put_text(out, *packet.user_name);
    if (packet.password) put_text(out, *packet.password);
}

void encode(const Connack& packet, Version version, std::string& out) {
    put_fixed_header(out, PacketType::connack, 0, 2 + properties_size(packet.properties, version));
    put_u8(out, packet.session_present ? 1 : 0);
    put_u8(out, version == Version::v5 ? static_cast<unsigned>(packet.reason)
                                       : return_code(packet.reason));
    put_properties(out, packet.properties, version);
}

namespace {

constexpr unsigned publish_flags(bool duplicate, std::uint8_t qos, bool retain) {
    return (duplicate ? 8U : 0U) | (static_cast<unsigned>(qos) << 1) | (retain ? 1U : 0U);
}

}  // namespace

void encode(const Publish& packet, Version version, std::string& out) {
    assert((packet.qos > 0) == (packet.packet_identifier != 0));
    put_fixed_header(out, PacketType::publish,
                     publish_flags(packet.duplicate, packet.qos, packet.retain),
                     2 + packet.topic.size() + (packet.qos > 0 ? 2 : 0) +
                         properties_size(packet.properties, version) + packet.payload.size());
    put_text(out, packet.topic);
    if (packet.qos > 0) put_u16(out, packet.packet_identifier);
    put_properties(out, packet.properties, version);
    out.append(packet.payload);
}

namespace {

std::size_t forwarded_properties_size(const ForwardedPublish& packet) {
    auto size = packet.properties.size();
    if (packet.message_expiry_interval) size += 5;
    if (packet.topic_alias != 0) size += 3;
    for (const auto identifier : packet.subscription_identifiers)
        size += 1 + variable_byte_integer_size(identifier);
    return size;
}

std::size_t remaining_length(const ForwardedPublish& packet, std::size_t properties,
                             Version version) {
    const auto size = 2 + packet.topic.size() + (packet.qos > 0 ? 2 : 0) + packet.payload.size();
    if (version != Version::v5) return size;
    return size + variable_byte_integer_size(static_cast<std::uint32_t>(properties)) + properties;
}

void put_own_properties(const ForwardedPublish& packet, std::string& out) {
    if (const auto& interval = packet.message_expiry_interval) {
        put_u8(out, static_cast<unsigned>(PropertyId::message_expiry_interval));
        put_u16(out, *interval >> 16);
        put_u16(out, *interval & 0xFFFF);
    }
    if (packet.topic_alias != 0) {
        put_u8(out, static_cast<unsigned>(PropertyId::topic_alias));
        put_u16(out, packet.topic_alias);
    }
    for (const auto identifier : packet.subscription_identifiers) {
        put_u8(out, static_cast<unsigned>(PropertyId::subscription_identifier));
        append_variable_byte_integer(identifier, out);
    }
}

}  // namespace

std::size_t encoded_size(const ForwardedPublish& packet, Version version) {
    const auto remaining = remaining_length(packet, forwarded_properties_size(packet), version);
    return 1 + variable_byte_integer_size(static_cast<std::uint32_t>(remaining)) + remaining;
}

void encode(const ForwardedPublish& packet, Version version, std::string& out) {
    assert((packet.qos > 0) == (packet.packet_identifier != 0));
    const auto properties = forwarded_properties_size(packet);
    put_fixed_header(out, PacketType::publish,
                     publish_flags(packet.duplicate, packet.qos, packet.retain),
                     remaining_length(packet, properties, version));
    put_text(out, packet.topic);
    if (packet.qos > 0) put_u16(out, packet.packet_identifier);
    if (version == Version::v5) {
        append_variable_byte_integer(static_cast<std::uint32_t>(properties), out);
        if (properties > packet.properties.size()) put_own_properties(packet, out);
        out.append(packet.properties);
    }
    out.append(packet.payload);
}

void encode(const Puback& packet, Version version, std::string& out) {
    encode_acknowledgement(packet, version, out);
}
void encode(const Pubrec& packet, Version version, std::string& out) {
    encode_acknowledgement(packet, version, out);
}
void encode(const Pubrel& packet, Version version, std::string& out) {
    encode_acknowledgement(packet, version, out);
}
void encode(const Pubcomp& packet, Version version, std::string& out) {
    encode_acknowledgement(packet, version, out);
}

void encode(const Subscribe& packet, Version version, std::string& out) {
    std::size_t length = 2 + properties_size(packet.properties, version);
    for (const auto& filter : packet.filters) length += 3 + filter.filter.size();
    put_fixed_header(out, PacketType::subscribe, 2, length);
    put_u16(out, packet.packet_identifier);
    put_properties(out, packet.properties, version);
    for (const auto& filter : packet.filters) {
        put_text(out, filter.filter);
        unsigned options = filter.qos;
        if (version == Version::v5)
            options |= (filter.no_local ? 4U : 0U) | (filter.retain_as_published ? 8U : 0U) |
                       (static_cast<unsigned>(filter.retain_handling) << 4);
        put_u8(out, options);
    }
}

void encode(const Suback& packet, Version version, std::string& out) {
    put_fixed_header(out, PacketType::suback, 0,
                     2 + properties_size(packet.properties, version) + packet.reasons.size());
    put_u16(out, packet.packet_identifier);
    put_properties(out, packet.properties, version);
    for (const auto reason : packet.reasons)
        put_u8(out,
               version != Version::v5 && is_error(reason) ? 0x80U : static_cast<unsigned>(reason));
}

void encode(const Unsubscribe& packet, Version version, std::string& out) {
    std::size_t length = 2 + properties_size(packet.properties, version);
    for (const auto& filter : packet.filters) length += 2 + filter.size();
    put_fixed_header(out, PacketType::unsubscribe, 2, length);
    put_u16(out, packet.packet_identifier);
    put_properties(out, packet.properties, version);
    for (const auto& filter : packet.filters) put_text(out, filter);
}

void encode(const Unsuback& packet, Version version, std::string& out) {
    const bool v5 = version == Version::v5;
    put_fixed_header(
        out, PacketType::unsuback, 0,
        2 + properties_size(packet.properties, version) + (v5 ? packet.reasons.size() : 0));
    put_u16(out, packet.packet_identifier);
    put_properties(out, packet.properties, version);
    if (v5)
        for (const auto reason : packet.reasons) put_u8(out, static_cast<unsigned>(reason));
}

void encode(const Pingreq& /*packet*/, Version /*version*/, std::string& out) {
    put_fixed_header(out, PacketType::pingreq, 0, 0);
}
void encode(const Pingresp& /*packet*/, Version /*version*/, std::string& out) {
    put_fixed_header(out, PacketType::pingresp, 0, 0);
}

void encode(const Disconnect& packet, Version version, std::string& out) {
    if (version == Version::v5) return encode_reason(packet, PacketType::disconnect, out);
    put_fixed_header(out, PacketType::disconnect, 0, 0);
}

void encode(const Auth& packet, [[maybe_unused]] Version version, std::string& out) {
    assert(version == Version::v5);
    encode_reason(packet, PacketType::auth, out);
}

void encode(const Packet& packet, Version version, std::string& out) {
    std::visit(
        [&](const auto& one) {
            if constexpr (std::is_same_v<std::decay_t<decltype(one)>, Connect>)
                encode(one, out);
            else
                encode(one, version, out);
        },
        packet);
}

}  // namespace vigil::mqtt

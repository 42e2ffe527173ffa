#include "codec/mqtt/decode.hpp"

#include "codec/mqtt/reader.hpp"

namespace vigil::mqtt {
namespace {

using enum ReasonCode;

PropertyOwner owner_of(PacketType type) {
    return static_cast<PropertyOwner>(type);
}

template <class T>
Decoded<T> finished(const Reader& reader, Decoded<T>& packet) {
    if (reader.failed()) return tl::unexpected(reader.fault());
    if (!reader.empty()) return violation(malformed_packet, "bytes are left after the packet");
    return std::move(packet);
}

std::uint16_t packet_identifier(Reader& reader) {
    const auto identifier = reader.u16();
    if (identifier == 0) reader.fail(malformed_packet, "packet identifier must not be 0");
    return identifier;
}

// MQTT 5.0 3.1.2.3 to 3.1.2.9.
struct ConnectFlags {
    bool user_name, password, will_retain, will, clean_start;
    std::uint8_t will_qos;
};

ConnectFlags read_connect_flags(Reader& reader) {
    const auto bits = reader.u8();
    const ConnectFlags flags{.user_name = (bits & 0x80) != 0,
                             .password = (bits & 0x40) != 0,
                             .will_retain = (bits & 0x20) != 0,
                             .will = (bits & 0x04) != 0,
                             .clean_start = (bits & 0x02) != 0,
                             .will_qos = static_cast<std::uint8_t>((bits >> 3) & 3)};
    if ((bits & 0x01) != 0) reader.fail(malformed_packet, "reserved connect flag is set");
    if (flags.will_qos == 3) reader.fail(malformed_packet, "will QoS is 3");
    if (!flags.will && (flags.will_qos != 0 || flags.will_retain))
        reader.fail(malformed_packet, "will QoS or retain without a will");
    return flags;
}

Will read_will(Reader& reader, const ConnectFlags& flags, Version version) {
    Will will;
    will.qos = flags.will_qos;
    will.retain = flags.will_retain;
    if (version == Version::v5) read_properties(reader, PropertyOwner::will, will.properties);
    will.topic = reader.text();
    if (!is_valid_topic_name(will.topic)) reader.fail(topic_name_invalid, "will topic is no topic");
    will.payload = reader.binary();
    if (will.properties.payload_format_indicator == 1 && !is_valid_text(will.payload))
        reader.fail(payload_format_invalid, "will payload is not the UTF-8 it claims to be");
    return will;
}

template <PacketType type>
constexpr bool knows_reason(ReasonCode code) {
    switch (code) {
        case success:
            return true;
        case packet_identifier_not_found:
            return type == PacketType::pubrel || type == PacketType::pubcomp;
        case no_matching_subscribers:
        case unspecified_error:
        case implementation_specific_error:
        case not_authorized:
        case topic_name_invalid:
        case packet_identifier_in_use:
        case quota_exceeded:
        case payload_format_invalid:
            return type == PacketType::puback || type == PacketType::pubrec;
        default:
            return false;
    }
}

template <PacketType type>
Decoded<Packet> decode_acknowledgement(const Frame& frame, Version version) {
    Decoded<Packet> packet(Acknowledgement<type>{});
    auto& out = std::get<Acknowledgement<type>>(*packet);
    Reader reader(frame.body);
    out.packet_identifier = packet_identifier(reader);
    if (version == Version::v5 && !reader.empty()) {
        out.reason = static_cast<ReasonCode>(reader.u8());
        if (!knows_reason<type>(out.reason)) reader.fail(malformed_packet, "unknown reason code");
        if (!reader.empty()) read_properties(reader, owner_of(type), out.properties);
    }
    return finished(reader, packet);
}

SubscribeFilter read_subscribe_filter(Reader& reader, Version version) {
    SubscribeFilter out;
    out.filter = reader.text();
    const auto options = reader.u8();
    out.qos = options & 3;
    out.no_local = (options & 0x04) != 0;
    out.retain_as_published = (options & 0x08) != 0;
    out.retain_handling = (options >> 4) & 3;
    if (out.qos == 3) reader.fail(malformed_packet, "subscription QoS is 3");
    if ((options & (version == Version::v5 ? 0xC0 : 0xFC)) != 0)
        reader.fail(malformed_packet, "reserved subscription option is set");
    if (out.retain_handling == 3) reader.fail(protocol_error, "retain handling is 3");
    if (out.no_local && is_shared(out.filter))
        reader.fail(protocol_error, "no local on a shared subscription");
    return out;
}

Decoded<Packet> decode_subscribe(const Frame& frame, Version version) {
    Decoded<Packet> packet(Subscribe{});
    auto& out = std::get<Subscribe>(*packet);
    Reader reader(frame.body);
    out.packet_identifier = packet_identifier(reader);
    if (version == Version::v5)
        read_properties(reader, owner_of(PacketType::subscribe), out.properties);
    while (!reader.empty()) out.filters.push_back(read_subscribe_filter(reader, version));
    if (out.filters.empty()) reader.fail(protocol_error, "SUBSCRIBE without a topic filter");
    return finished(reader, packet);
}

Decoded<Packet> decode_unsubscribe(const Frame& frame, Version version) {
    Decoded<Packet> packet(Unsubscribe{});
    auto& out = std::get<Unsubscribe>(*packet);
    Reader reader(frame.body);
    out.packet_identifier = packet_identifier(reader);
    if (version == Version::v5)
        read_properties(reader, owner_of(PacketType::unsubscribe), out.properties);
    while (!reader.empty()) out.filters.push_back(reader.text());
    if (out.filters.empty()) reader.fail(protocol_error, "UNSUBSCRIBE without a topic filter");
    return finished(reader, packet);
}

// MQTT 5.0 3.9.3 and 3.11.3, MQTT 3.1.1 3.9.3.
constexpr bool knows_filter_reason(PacketType type, Version version, ReasonCode code) {
    const bool subscribes = type == PacketType::suback;
    switch (code) {
        case success:
            return true;
        case granted_qos_1:
        case granted_qos_2:
            return subscribes;
        case unspecified_error:
            return true;
        case no_subscription_existed:
            return !subscribes;
        case implementation_specific_error:
        case not_authorized:
        case topic_filter_invalid:
        case packet_identifier_in_use:
            return version == Version::v5;
        case quota_exceeded:
        case shared_subscriptions_not_supported:
        case subscription_identifiers_not_supported:
        case wildcard_subscriptions_not_supported:
            return subscribes && version == Version::v5;
        default:
            return false;
    }
}

std::vector<ReasonCode> read_filter_reasons(Reader& reader, PacketType type, Version version) {
    std::vector<ReasonCode> out;
    while (!reader.empty()) {
        out.push_back(static_cast<ReasonCode>(reader.u8()));
        if (!knows_filter_reason(type, version, out.back()))
            reader.fail(malformed_packet, "unknown reason code");
    }
    return out;
}

Decoded<Packet> decode_suback(const Frame& frame, Version version) {
    Decoded<Packet> packet(Suback{});
    auto& out = std::get<Suback>(*packet);
    Reader reader(frame.body);
    out.packet_identifier = packet_identifier(reader);
    if (version == Version::v5)
        read_properties(reader, owner_of(PacketType::suback), out.properties);
    out.reasons = read_filter_reasons(reader, PacketType::suback, version);
    return finished(reader, packet);
}

Decoded<Packet> decode_unsuback(const Frame& frame, Version version) {
    Decoded<Packet> packet(Unsuback{});
    auto& out = std::get<Unsuback>(*packet);
    Reader reader(frame.body);
    out.packet_identifier = packet_identifier(reader);
    if (version == Version::v5) {
        read_properties(reader, owner_of(PacketType::unsuback), out.properties);
        out.reasons = read_filter_reasons(reader, PacketType::unsuback, version);
    }
    return finished(reader, packet);
}

// MQTT 3.1.1 table 3.1 in the words of MQTT 5.0.
Decoded<ReasonCode> from_return_code(std::uint8_t code) {
    switch (code) {
        case 0:
            return success;
        case 1:
            return unsupported_protocol_version;
        case 2:
            return client_identifier_not_valid;
        case 3:
            return server_unavailable;
        case 4:
            return bad_user_name_or_password;
        case 5:
            return not_authorized;
        default:
            return violation(malformed_packet, "unknown CONNACK return code");
    }
}

Decoded<Packet> decode_connack(const Frame& frame, Version version) {
    Decoded<Packet> packet(Connack{});
    auto& out = std::get<Connack>(*packet);
    Reader reader(frame.body);
    const auto flags = reader.u8();
    if (flags > 1) reader.fail(malformed_packet, "reserved CONNACK flag is set");
    out.session_present = flags == 1;
    const auto code = reader.u8();
    if (version == Version::v5) {
        out.reason = static_cast<ReasonCode>(code);
        read_properties(reader, owner_of(PacketType::connack), out.properties);
    } else {
        const auto reason = from_return_code(code);
        if (!reason) return tl::unexpected(reason.error());
        out.reason = *reason;
    }
    return finished(reader, packet);
}

// MQTT 5.0 3.14.2.1, and 0x8C, which table 2-6 adds.
constexpr bool knows_disconnect_reason(ReasonCode code) {
    return code == success || code == disconnect_with_will_message ||
           (code >= unspecified_error && code <= implementation_specific_error) ||
           code == not_authorized || code == server_busy ||
           (code >= server_shutting_down && code <= topic_name_invalid) ||
           (code >= receive_maximum_exceeded && code <= wildcard_subscriptions_not_supported);
}

Decoded<Packet> decode_disconnect(const Frame& frame, Version version) {
    Decoded<Packet> packet(Disconnect{});
    auto& out = std::get<Disconnect>(*packet);
    Reader reader(frame.body);
    if (version == Version::v5 && !reader.empty()) {
        out.reason = static_cast<ReasonCode>(reader.u8());
        if (!knows_disconnect_reason(out.reason))
            reader.fail(malformed_packet, "unknown reason code");
        if (!reader.empty())
            read_properties(reader, owner_of(PacketType::disconnect), out.properties);
    }
    return finished(reader, packet);
}

Decoded<Packet> decode_auth(const Frame& frame) {
    Decoded<Packet> packet(Auth{});
    auto& out = std::get<Auth>(*packet);
    Reader reader(frame.body);
    if (!reader.empty()) {
        out.reason = static_cast<ReasonCode>(reader.u8());
        if (out.reason != success && out.reason != continue_authentication &&
            out.reason != reauthenticate)
            reader.fail(malformed_packet, "unknown reason code");
        read_properties(reader, PropertyOwner::auth, out.properties);
    }
    return finished(reader, packet);
}

template <class T>
Decoded<Packet> decode_empty(const Frame& frame) {
    if (!frame.body.empty()) return violation(malformed_packet, "bytes are left after the packet");
    return Packet(T{});
}

template <class T>
Decoded<Packet> as_packet(Decoded<T>&& decoded) {
    if (!decoded) return tl::unexpected(decoded.error());
    return Packet(std::move(*decoded));
}

// MQTT 5.0 table 2-2: all but PUBLISH have one right value.
bool has_right_flags(const Frame& frame) {
    switch (frame.type()) {
        case PacketType::publish:
            return true;
        case PacketType::pubrel:
        case PacketType::subscribe:
        case PacketType::unsubscribe:
            return frame.flags() == 2;
        default:
            return frame.flags() == 0;
    }
}

}  // namespace

Decoded<Publish> decode_publish(const Frame& frame, Version version) {
    Decoded<Publish> packet;
    auto& out = *packet;
    out.retain = (frame.flags() & 1) != 0;
    out.qos = (frame.flags() >> 1) & 3;
    out.duplicate = (frame.flags() & 8) != 0;
    if (out.qos == 3) return violation(malformed_packet, "QoS is 3");
    if (out.duplicate && out.qos == 0) return violation(malformed_packet, "DUP at QoS 0");
    if (frame.overlong_length && version == Version::v5)
        return violation(malformed_packet, "remaining length is not in its shortest form");

    Reader reader(frame.body);
    out.topic = reader.text();
    if (out.qos > 0) out.packet_identifier = packet_identifier(reader);
    if (version == Version::v5)
        read_properties(reader, owner_of(PacketType::publish), out.properties);
    if (reader.failed()) return tl::unexpected(reader.fault());
    if (has_wildcard(out.topic)) return violation(topic_name_invalid, "topic name has a wildcard");
    if (out.topic.empty() && !out.properties.topic_alias) {
        return version == Version::v5
                   ? violation(protocol_error, "PUBLISH without topic name and alias")
                   : violation(malformed_packet, "PUBLISH without topic name");
    }
    out.payload = reader.rest();
    return packet;
}

Decoded<Connect> decode_connect(const Frame& frame) {
    Decoded<Connect> packet;
    auto& out = *packet;
    if (frame.flags() != 0) return violation(malformed_packet, "reserved flags are wrong");
    Reader reader(frame.body);
    const auto name = reader.text();
    const auto level = reader.u8();
    if (reader.failed()) return tl::unexpected(reader.fault());
    if (name != "MQTT" || (level != 4 && level != 5))
        return violation(unsupported_protocol_version, "this server speaks MQTT 3.1.1 and 5.0");
    out.version = static_cast<Version>(level);
    if (frame.overlong_length && out.version == Version::v5)
        return violation(malformed_packet, "remaining length is not in its shortest form");

    const auto flags = read_connect_flags(reader);
    out.clean_start = flags.clean_start;
    out.keep_alive = reader.u16();
    if (out.version == Version::v5)
        read_properties(reader, PropertyOwner::connect, out.properties);
    else if (flags.password && !flags.user_name)
        reader.fail(malformed_packet, "password without user name");  // [MQTT-3.1.2-22] of 3.1.1
    if (out.properties.authentication_data && !out.properties.authentication_method)
        reader.fail(protocol_error, "authentication data without a method");
    out.client_identifier = reader.text();
    if (flags.will) out.will = read_will(reader, flags, out.version);
    if (flags.user_name) out.user_name = reader.text();
    if (flags.password) out.password = reader.binary();
    return finished(reader, packet);
}

Decoded<Packet> decode(const Frame& frame, Version version) {
    if (!has_right_flags(frame)) return violation(malformed_packet, "reserved flags are wrong");
    if (frame.overlong_length && version == Version::v5)
        return violation(malformed_packet, "remaining length is not in its shortest form");
    switch (frame.type()) {
        case PacketType::connect:
            return as_packet(decode_connect(frame));
        case PacketType::connack:
            return decode_connack(frame, version);
        case PacketType::publish:
            return as_packet(decode_publish(frame, version));
        case PacketType::puback:
            return decode_acknowledgement<PacketType::puback>(frame, version);
        case PacketType::pubrec:
            return decode_acknowledgement<PacketType::pubrec>(frame, version);
        case PacketType::pubrel:
            return decode_acknowledgement<PacketType::pubrel>(frame, version);
        case PacketType::pubcomp:
            return decode_acknowledgement<PacketType::pubcomp>(frame, version);
        case PacketType::subscribe:
            return decode_subscribe(frame, version);
        case PacketType::suback:
            return decode_suback(frame, version);
        case PacketType::unsubscribe:
            return decode_unsubscribe(frame, version);
        case PacketType::unsuback:
            return decode_unsuback(frame, version);
        case PacketType::pingreq:
            return decode_empty<Pingreq>(frame);
        case PacketType::pingresp:
            return decode_empty<Pingresp>(frame);
        case PacketType::disconnect:
            return decode_disconnect(frame, version);
        case PacketType::auth:
            if (version == Version::v5) return decode_auth(frame);
            break;
    }
    return violation(malformed_packet, "unknown packet type");
}

}  // namespace vigil::mqtt

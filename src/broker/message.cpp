#include "broker/message.hpp"

#include <limits>

#include "base/bytes.hpp"
#include "base/hash.hpp"

namespace vigil::broker {
namespace {

constexpr std::uint8_t format = 1;

enum Flag : std::uint8_t {
    qos_mask = 0x03,
    retain_flag = 0x04,
    expires_flag = 0x08,
    exchange_flag = 0x10,
    will_flag = 0x20,
    carrier_flag = 0x40
};
constexpr std::uint8_t share_flag = 0x08;  // of a delivery

// Encoded. Most messages have none.
std::string forwarded(const mqtt::Properties& from) {
    std::string block;
    if (!from.payload_format_indicator && !from.content_type && !from.response_topic &&
        !from.correlation_data && from.user_properties.empty())
        return block;
    mqtt::Properties out;
    out.payload_format_indicator = from.payload_format_indicator;
    out.content_type = from.content_type;
    out.response_topic = from.response_topic;
    out.correlation_data = from.correlation_data;
    out.user_properties = from.user_properties;
    mqtt::append_property_block(out, block);
    return block;
}

tl::unexpected<Error> damaged(const ByteReader& reader) {
    return fail(Error::Kind::malformed, "message entry is damaged",
                "byte " + std::to_string(reader.position()));
}

void encode_delivery(ByteWriter& writer, const Delivery& delivery) {
    writer.varint(delivery.session);
    writer.u8(static_cast<std::uint8_t>(delivery.qos | (delivery.retain ? retain_flag : 0) |
                                        (delivery.share != 0 ? share_flag : 0)));
    if (delivery.share != 0) writer.little_endian(delivery.share);
    writer.varint(delivery.subscription_identifiers.size());
    for (const auto identifier : delivery.subscription_identifiers) writer.varint(identifier);
}

std::optional<Delivery> decode_delivery(ByteReader& reader) {
    Delivery out;
    const auto session = reader.varint();
    const auto flags = reader.u8();
    if (!session || !flags) return std::nullopt;
    if ((*flags & share_flag) != 0) {
        const auto share = reader.little_endian<std::uint32_t>();
        if (!share) return std::nullopt;
        out.share = *share;
    }
    const auto count = reader.varint();
    if (!count || *count > reader.remaining()) return std::nullopt;
    out.session = *session;
    out.qos = *flags & qos_mask;
    out.retain = (*flags & retain_flag) != 0;
    for (std::uint64_t i = 0; i < *count; ++i) {
        const auto identifier = reader.varint();
        if (!identifier) return std::nullopt;
        out.subscription_identifiers.push_back(static_cast<std::uint32_t>(*identifier));
    }
    return out;
}

}  // namespace

void Message::set(std::string_view topic, std::string_view properties, std::string_view payload) {
    topic_size_ = static_cast<std::uint32_t>(topic.size());
    properties_size_ = static_cast<std::uint32_t>(properties.size());
    bytes_.clear();
    bytes_.reserve(topic.size() + properties.size() + payload.size());
    bytes_.append(topic).append(properties).append(payload);
    qos = 0;
    retain = false;
    expires.reset();
    position = {};
}

void Message::set(const mqtt::Publish& packet, Timestamp received) {
    set(packet.topic, forwarded(packet.properties), packet.payload);
    qos = packet.qos;
    retain = packet.retain;
    if (const auto interval = packet.properties.message_expiry_interval)
        expires = received + std::chrono::seconds(*interval);
}

void Message::set(const Message& other) {
    set(other.topic(), other.properties(), other.payload());
    qos = other.qos;
    retain = other.retain;
    expires = other.expires;
}

void encode_message_entry(const Message& message, const MessageEntry& entry, std::string& out) {
    ByteWriter writer(out);
    writer.u8(format);
    writer.u8(static_cast<std::uint8_t>(
        message.qos | (message.retain ? retain_flag : 0) | (message.expires ? expires_flag : 0) |
        (entry.packet_identifier != 0 ? exchange_flag : 0) | (entry.will_of != 0 ? will_flag : 0) |
        (entry.carrier ? carrier_flag : 0)));
    writer.sized(entry.carrier ? std::string_view() : message.topic());
    writer.sized(message.properties());
    if (message.expires) writer.little_endian(unix_ns(*message.expires));
    if (entry.packet_identifier != 0) {
        writer.varint(entry.publisher);
        writer.little_endian(entry.packet_identifier);
    }
    if (entry.will_of != 0) writer.varint(entry.will_of);
    if (entry.carrier) {
        writer.varint(entry.carrier->distance);
        writer.varint(entry.carrier->size);
        writer.little_endian(entry.carrier->checksum_sent);
    }
    writer.varint(entry.deliveries.size());
    for (const auto& delivery : entry.deliveries) encode_delivery(writer, delivery);
    if (!entry.carrier) writer.bytes(message.payload());
}

Result<DecodedMessageEntry> decode_message_entry(std::string_view body) {
    ByteReader reader(body);
    if (reader.u8() != format) return damaged(reader);
    const auto flags = reader.u8();
    const auto topic = reader.sized();
    const auto properties = reader.sized();
    if (!flags || !topic || !properties) return damaged(reader);

    std::optional<Timestamp> expires;
    if ((*flags & expires_flag) != 0) {
        const auto ns = reader.little_endian<std::int64_t>();
        if (!ns) return damaged(reader);
        expires = from_unix_ns(*ns);
    }
    MessageEntry entry;
    if ((*flags & exchange_flag) != 0) {
        const auto publisher = reader.varint();
        const auto identifier = reader.little_endian<std::uint16_t>();
        if (!publisher || !identifier) return damaged(reader);
        entry.publisher = *publisher;
        entry.packet_identifier = *identifier;
    }
    if ((*flags & will_flag) != 0) {
        const auto session = reader.varint();
        if (!session) return damaged(reader);
        entry.will_of = *session;
    }
    if ((*flags & carrier_flag) != 0) {
        const auto distance = reader.varint();
        const auto size = reader.varint();
        const auto checksum = reader.little_endian<std::uint32_t>();
        if (!distance || *distance == 0 || *distance > carrier_distance_max || !size ||
            *size > std::numeric_limits<std::uint32_t>::max() || !checksum)
            return damaged(reader);
        entry.carrier = {static_cast<std::uint32_t>(*distance), static_cast<std::uint32_t>(*size),
                         *checksum};
    }
    const auto count = reader.varint();
    if (!count || *count > reader.remaining()) return damaged(reader);
    for (std::uint64_t i = 0; i < *count; ++i) {
        auto delivery = decode_delivery(reader);
        if (!delivery) return damaged(reader);
        entry.deliveries.push_back(std::move(*delivery));
    }
    const auto payload = reader.rest();
    if (entry.carrier && !payload.empty()) return damaged(reader);
    Counted message(new Message(*topic, *properties, payload));
    message->qos = *flags & qos_mask;
    message->retain = (*flags & retain_flag) != 0;
    message->expires = expires;
    return DecodedMessageEntry{std::move(message), std::move(entry)};
}

Carrier carrier_of(std::string_view topic, std::string_view payload, std::uint64_t distance) {
    return {.distance = static_cast<std::uint32_t>(distance),
            .size = static_cast<std::uint32_t>(topic.size() + payload.size()),
            .checksum_sent = crc32c(payload, crc32c(topic))};
}

Counted<Message> completed(const DecodedMessageEntry& decoded, std::string_view topic,
                           std::string_view payload) {
    const auto& [message, entry] = decoded;
    if (!entry.carrier || carrier_of(topic, payload, entry.carrier->distance) != *entry.carrier)
        return nullptr;
    Counted out(new Message(topic, message->properties(), payload));
    out->qos = message->qos;
    out->retain = message->retain;
    out->expires = message->expires;
    out->position = message->position;
    return out;
}

}  // namespace vigil::broker

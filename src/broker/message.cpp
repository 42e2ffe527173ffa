#include "broker/message.hpp"

#include "base/bytes.hpp"

namespace vigil::broker {
namespace {

constexpr std::uint8_t format = 1;

enum Flag : std::uint8_t {
    qos_mask = 0x03,
    retain_flag = 0x04,
    expires_flag = 0x08,
    exchange_flag = 0x10,
    will_flag = 0x20
};

mqtt::Properties forwarded(const mqtt::Properties& from) {
    mqtt::Properties out;
    out.payload_format_indicator = from.payload_format_indicator;
    out.content_type = from.content_type;
    out.response_topic = from.response_topic;
    out.correlation_data = from.correlation_data;
    out.user_properties = from.user_properties;
    return out;
}

tl::unexpected<Error> damaged(const ByteReader& reader) {
    return fail(Error::Kind::malformed, "message entry is damaged",
                "byte " + std::to_string(reader.position()));
}

void encode_delivery(ByteWriter& writer, const Delivery& delivery) {
    writer.varint(delivery.session);
    writer.u8(static_cast<std::uint8_t>(delivery.qos | (delivery.retain ? retain_flag : 0)));
    writer.varint(delivery.subscription_identifiers.size());
    for (const auto identifier : delivery.subscription_identifiers) writer.varint(identifier);
}

std::optional<Delivery> decode_delivery(ByteReader& reader) {
    Delivery out;
    const auto session = reader.varint();
    const auto flags = reader.u8();
    const auto count = reader.varint();
    if (!session || !flags || !count || *count > reader.remaining()) return std::nullopt;
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

Message::Message(const mqtt::Publish& packet, Timestamp received)
    : qos(packet.qos), retain(packet.retain) {
    const auto properties = forwarded(packet.properties);
    const auto properties_size = mqtt::encoded_size(properties);
    topic_size_ = static_cast<std::uint32_t>(packet.topic.size());
    properties_size_ = static_cast<std::uint32_t>(properties_size);
    bytes_.reserve(packet.topic.size() + properties_size + packet.payload.size());
    bytes_.append(packet.topic);
    if (properties_size > 0) mqtt::append_property_block(properties, bytes_);
    bytes_.append(packet.payload);
    if (const auto interval = packet.properties.message_expiry_interval)
        expires = received + std::chrono::seconds(*interval);
}

Message::Message(std::string_view topic, std::string_view properties, std::string_view payload)
    : topic_size_(static_cast<std::uint32_t>(topic.size())),
      properties_size_(static_cast<std::uint32_t>(properties.size())) {
    bytes_.reserve(topic.size() + properties.size() + payload.size());
    bytes_.append(topic).append(properties).append(payload);
}

void encode_message_entry(const Message& message, const MessageEntry& entry, std::string& out) {
    ByteWriter writer(out);
    writer.u8(format);
    writer.u8(static_cast<std::uint8_t>(
        message.qos | (message.retain ? retain_flag : 0) | (message.expires ? expires_flag : 0) |
        (entry.packet_identifier != 0 ? exchange_flag : 0) | (entry.will_of != 0 ? will_flag : 0)));
    writer.sized(message.topic());
    writer.sized(message.properties());
    if (message.expires) writer.little_endian(unix_ns(*message.expires));
    if (entry.packet_identifier != 0) {
        writer.varint(entry.publisher);
        writer.little_endian(entry.packet_identifier);
    }
    if (entry.will_of != 0) writer.varint(entry.will_of);
    writer.varint(entry.deliveries.size());
    for (const auto& delivery : entry.deliveries) encode_delivery(writer, delivery);
    writer.bytes(message.payload());
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
    const auto count = reader.varint();
    if (!count || *count > reader.remaining()) return damaged(reader);
    for (std::uint64_t i = 0; i < *count; ++i) {
        auto delivery = decode_delivery(reader);
        if (!delivery) return damaged(reader);
        entry.deliveries.push_back(std::move(*delivery));
    }
    auto message = std::make_shared<Message>(*topic, *properties, reader.rest());
    message->qos = *flags & qos_mask;
    message->retain = (*flags & retain_flag) != 0;
    message->expires = expires;
    return DecodedMessageEntry{std::move(message), std::move(entry)};
}

}  // namespace vigil::broker

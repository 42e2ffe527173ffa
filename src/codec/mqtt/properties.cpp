#include "codec/mqtt/properties.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "codec/mqtt/encode.hpp"
#include "codec/mqtt/reader.hpp"

namespace vigil::mqtt {
namespace {

enum class DataType : std::uint8_t {
    none,  // no such property
    byte,
    two_bytes,
    four_bytes,
    variable,
    text,
    binary,
    pair
};

struct Rule {
    DataType type = DataType::none;
    std::uint16_t owners = 0;  // bit n: may stand in packet type n (0: in a will)
};

constexpr std::uint16_t in(std::initializer_list<int> owners) {
    unsigned bits = 0;
    for (const int owner : owners) bits |= 1U << owner;
    return static_cast<std::uint16_t>(bits);
}

constexpr int publish_owner = 3;

// MQTT 5.0 table 2-4.
constexpr auto rules = [] {
    using enum DataType;
    std::array<Rule, 0x2B> table{};
    constexpr int will = 0, connect = 1, connack = 2, publish = publish_owner, subscribe = 8,
                  disconnect = 14, auth = 15;
    table[0x01] = {byte, in({publish, will})};
    table[0x02] = {four_bytes, in({publish, will})};
    table[0x03] = {text, in({publish, will})};
    table[0x08] = {text, in({publish, will})};
    table[0x09] = {binary, in({publish, will})};
    table[0x0B] = {variable, in({publish, subscribe})};
    table[0x11] = {four_bytes, in({connect, connack, disconnect})};
    table[0x12] = {text, in({connack})};
    table[0x13] = {two_bytes, in({connack})};
    table[0x15] = {text, in({connect, connack, auth})};
    table[0x16] = {binary, in({connect, connack, auth})};
    table[0x17] = {byte, in({connect})};
    table[0x18] = {four_bytes, in({will})};
    table[0x19] = {byte, in({connect})};
    table[0x1A] = {text, in({connack})};
    table[0x1C] = {text, in({connack, disconnect})};
    table[0x1F] = {text, in({connack, 4, 5, 6, 7, 9, 11, disconnect, auth})};
    table[0x21] = {two_bytes, in({connect, connack})};
    table[0x22] = {two_bytes, in({connect, connack})};
    table[0x23] = {two_bytes, in({publish})};
    table[0x24] = {byte, in({connack})};
    table[0x25] = {byte, in({connack})};
    table[0x26] = {pair, in({will, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15})};
    table[0x27] = {four_bytes, in({connect, connack})};
    table[0x28] = {byte, in({connack})};
    table[0x29] = {byte, in({connack})};
    table[0x2A] = {byte, in({connack})};
    return table;
}();

DataType type_of(std::uint8_t id) {
    return id < rules.size() ? rules[id].type : DataType::none;
}

void skip_value(Reader& reader, DataType type) {
    switch (type) {
        case DataType::byte:
            reader.u8();
            break;
        case DataType::two_bytes:
            reader.u16();
            break;
        case DataType::four_bytes:
            reader.u32();
            break;
        case DataType::variable:
            reader.variable_byte_integer();
            break;
        case DataType::pair:
            reader.binary();
            [[fallthrough]];
        case DataType::text:
        case DataType::binary:
            reader.binary();
            break;
        case DataType::none:
            break;
    }
}

// All one-byte properties are 0 or 1.
std::uint8_t boolean(Reader& reader) {
    const auto value = reader.u8();
    if (value > 1) reader.fail(ReasonCode::protocol_error, "property must be 0 or 1");
    return value;
}

template <class T>
T not_zero(Reader& reader, T value, ReasonCode code = ReasonCode::protocol_error) {
    if (value == 0) reader.fail(code, "property must not be 0");
    return value;
}

void read_value(Reader& reader, PropertyId id, Properties& out) {
    using enum PropertyId;
    switch (id) {
        case payload_format_indicator:
            out.payload_format_indicator = boolean(reader);
            break;
        case message_expiry_interval:
            out.message_expiry_interval = reader.u32();
            break;
        case content_type:
            out.content_type = reader.text();
            break;
        case response_topic:
            out.response_topic = reader.text();
            if (!is_valid_topic_name(*out.response_topic))
                reader.fail(ReasonCode::protocol_error, "response topic is no topic name");
            break;
        case correlation_data:
            out.correlation_data = reader.binary();
            break;
        case subscription_identifier:
            not_zero(reader, reader.variable_byte_integer());
            break;
        case session_expiry_interval:
            out.session_expiry_interval = reader.u32();
            break;
        case assigned_client_identifier:
            out.assigned_client_identifier = reader.text();
            break;
        case server_keep_alive:
            out.server_keep_alive = reader.u16();
            break;
        case authentication_method:
            out.authentication_method = reader.text();
            break;
        case authentication_data:
            out.authentication_data = reader.binary();
            break;
        case request_problem_information:
            out.request_problem_information = boolean(reader);
            break;
        case will_delay_interval:
            out.will_delay_interval = reader.u32();
            break;
        case request_response_information:
            out.request_response_information = boolean(reader);
            break;
        case response_information:
            out.response_information = reader.text();
            break;
        case server_reference:
            out.server_reference = reader.text();
            break;
        case reason_string:
            out.reason_string = reader.text();
            break;
        case receive_maximum:
            out.receive_maximum = not_zero(reader, reader.u16());
            break;
        case topic_alias_maximum:
            out.topic_alias_maximum = reader.u16();
            break;
        case topic_alias:
            out.topic_alias = not_zero(reader, reader.u16(), ReasonCode::topic_alias_invalid);
            break;
        case maximum_qos:
            out.maximum_qos = boolean(reader);
            break;
        case retain_available:
            out.retain_available = boolean(reader);
            break;
        case user_property:
            reader.text();
            reader.text();
            break;
        case maximum_packet_size:
            out.maximum_packet_size = not_zero(reader, reader.u32());
            break;
        case wildcard_subscription_available:
            out.wildcard_subscription_available = boolean(reader);
            break;
        case subscription_identifier_available:
            out.subscription_identifier_available = boolean(reader);
            break;
        case shared_subscription_available:
            out.shared_subscription_available = boolean(reader);
            break;
    }
}

void put_u16(std::string& out, std::uint32_t value) {
    out.push_back(static_cast<char>((value >> 8) & 0xFF));
    out.push_back(static_cast<char>(value & 0xFF));
}

// Visits every property in a fixed order: once to measure, once to write.
template <class Visitor>
void visit(const Properties& p, Visitor&& visitor) {
    using enum PropertyId;
    const auto one = [&](PropertyId id, const auto& value) {
        if (value) visitor(id, *value);
    };
    one(payload_format_indicator, p.payload_format_indicator);
    one(message_expiry_interval, p.message_expiry_interval);
    one(content_type, p.content_type);
    one(response_topic, p.response_topic);
    one(correlation_data, p.correlation_data);
    for (const auto identifier : p.subscription_identifiers) visitor.variable(identifier);
    one(session_expiry_interval, p.session_expiry_interval);
    one(assigned_client_identifier, p.assigned_client_identifier);
    one(server_keep_alive, p.server_keep_alive);
    one(authentication_method, p.authentication_method);
    one(authentication_data, p.authentication_data);
    one(request_problem_information, p.request_problem_information);
    one(will_delay_interval, p.will_delay_interval);
    one(request_response_information, p.request_response_information);
    one(response_information, p.response_information);
    one(server_reference, p.server_reference);
    one(reason_string, p.reason_string);
    one(receive_maximum, p.receive_maximum);
    one(topic_alias_maximum, p.topic_alias_maximum);
    one(topic_alias, p.topic_alias);
    one(maximum_qos, p.maximum_qos);
    one(retain_available, p.retain_available);
    one(maximum_packet_size, p.maximum_packet_size);
    one(wildcard_subscription_available, p.wildcard_subscription_available);
    one(subscription_identifier_available, p.subscription_identifier_available);
    one(shared_subscription_available, p.shared_subscription_available);
    for (const auto& [name, value] : p.user_properties) visitor.pair(name, value);
}

struct Measure {
    std::size_t size = 0;
    void operator()(PropertyId /*id*/, std::string_view text) { size += 3 + text.size(); }
    template <std::integral T>
    void operator()(PropertyId /*id*/, T /*value*/) {
        size += 1 + sizeof(T);
    }
    void variable(std::uint32_t value) { size += 1 + variable_byte_integer_size(value); }
    void pair(std::string_view name, std::string_view value) {
        size += 5 + name.size() + value.size();
    }
};

struct Write {
    std::string& out;
    void operator()(PropertyId id, std::string_view text) const {
        assert(text.size() <= 0xFFFF);
        out.push_back(static_cast<char>(id));
        put_u16(out, static_cast<std::uint32_t>(text.size()));
        out.append(text);
    }
    template <std::integral T>
    void operator()(PropertyId id, T value) const {
        out.push_back(static_cast<char>(id));
        for (std::size_t i = sizeof(T); i-- > 0;)
            out.push_back(static_cast<char>((value >> (8 * i)) & 0xFF));
    }
    void variable(std::uint32_t value) const { SubscriptionIdentifiers::add(out, value); }
    void pair(std::string_view name, std::string_view value) const {
        UserProperties::add(out, name, value);
    }
};

}  // namespace

namespace {

// Returns which properties there were, a bit each.
std::uint64_t read_block(Reader& block, std::uint32_t owners, Properties& out) {
    std::uint64_t seen = 0;
    while (!block.empty()) {
        // An identifier is a Variable Byte Integer; all that are defined fit one byte.
        const auto id = block.u8();
        if (type_of(id) == DataType::none) {
            block.fail(ReasonCode::malformed_packet, "unknown property");
            break;
        }
        if ((rules[id].owners & owners) == 0) {
            block.fail(ReasonCode::protocol_error, "property not allowed in this packet");
            break;
        }
        const auto bit = std::uint64_t{1} << id;
        const auto known = static_cast<PropertyId>(id);
        const bool repeats =
            known == PropertyId::user_property ||
            (known == PropertyId::subscription_identifier && owners == in({publish_owner}));
        if ((seen & bit) != 0 && !repeats)
            block.fail(ReasonCode::protocol_error, "property appears twice");
        seen |= bit;
        read_value(block, known, out);
    }
    return seen;
}

void keep_repeated(std::string_view block, std::uint64_t seen, Properties& out) {
    const auto was_seen = [&](PropertyId id) { return (seen >> static_cast<int>(id) & 1) != 0; };
    if (was_seen(PropertyId::user_property)) out.user_properties = UserProperties(block);
    if (was_seen(PropertyId::subscription_identifier))
        out.subscription_identifiers = SubscriptionIdentifiers(block);
}

}  // namespace

void read_properties(Reader& reader, PropertyOwner owner, Properties& out) {
    const auto length = reader.variable_byte_integer();
    if (length == 0) return;
    const auto block = reader.take(length);
    Reader properties(block);
    const auto seen = read_block(properties, in({static_cast<int>(owner)}), out);
    if (properties.failed())
        return reader.fail(properties.fault().code, properties.fault().message);
    keep_repeated(block, seen, out);
}

Decoded<Properties> decode_property_block(std::string_view block) {
    Decoded<Properties> out;
    Reader reader(block);
    const auto seen = read_block(reader, 0xFFFF, *out);
    if (reader.failed()) return tl::unexpected(reader.fault());
    keep_repeated(block, seen, *out);
    return out;
}

void UserProperties::Iterator::advance() {
    Reader reader(rest_);
    while (!reader.empty()) {
        const auto id = reader.u8();
        if (static_cast<PropertyId>(id) != PropertyId::user_property) {
            skip_value(reader, type_of(id));
            continue;
        }
        pair_.first = reader.binary();
        pair_.second = reader.binary();
        rest_ = reader.rest();
        return;
    }
    done_ = true;
}

bool UserProperties::operator==(const UserProperties& other) const {
    auto mine = begin(), theirs = other.begin();
    for (; mine != end() && theirs != other.end(); ++mine, ++theirs)
        if (*mine != *theirs) return false;
    return mine == end() && theirs == other.end();
}

void UserProperties::add(std::string& block, std::string_view name, std::string_view value) {
    assert(name.size() <= 0xFFFF && value.size() <= 0xFFFF);
    block.push_back(static_cast<char>(PropertyId::user_property));
    put_u16(block, static_cast<std::uint32_t>(name.size()));
    block.append(name);
    put_u16(block, static_cast<std::uint32_t>(value.size()));
    block.append(value);
}

void SubscriptionIdentifiers::Iterator::advance() {
    Reader reader(rest_);
    while (!reader.empty()) {
        const auto id = reader.u8();
        if (static_cast<PropertyId>(id) != PropertyId::subscription_identifier) {
            skip_value(reader, type_of(id));
            continue;
        }
        value_ = reader.variable_byte_integer();
        rest_ = reader.rest();
        return;
    }
    done_ = true;
}

bool SubscriptionIdentifiers::operator==(const SubscriptionIdentifiers& other) const {
    auto mine = begin(), theirs = other.begin();
    for (; mine != end() && theirs != other.end(); ++mine, ++theirs)
        if (*mine != *theirs) return false;
    return mine == end() && theirs == other.end();
}

void SubscriptionIdentifiers::add(std::string& block, std::uint32_t identifier) {
    assert(identifier != 0);
    block.push_back(static_cast<char>(PropertyId::subscription_identifier));
    append_variable_byte_integer(identifier, block);
}

std::size_t encoded_size(const Properties& properties) {
    Measure measure;
    visit(properties, measure);
    return measure.size;
}

void append_property_block(const Properties& properties, std::string& out) {
    visit(properties, Write{out});
}

void append_properties(const Properties& properties, std::string& out) {
    append_variable_byte_integer(static_cast<std::uint32_t>(encoded_size(properties)), out);
    append_property_block(properties, out);
}

}  // namespace vigil::mqtt

// What one packet alone can break: the bytes, and the reason code its sender is told.
#include "codec/mqtt/decode.hpp"

#include <gmock/gmock.h>

#include "codec/mqtt/samples.hpp"

namespace vigil::mqtt {
namespace {

using namespace std::string_literals;
using enum ReasonCode;

ReasonCode fault(const std::string& bytes, Version version = Version::v5) {
    const auto packet = decoded(bytes, version);
    return packet ? success : packet.error().code;
}

std::string with_length(char first, const std::string& body) {
    std::string out(1, first);
    append_variable_byte_integer(static_cast<std::uint32_t>(body.size()), out);
    return out + body;
}

// flags, keep alive 0, no properties, then the payload.
std::string connect_v5(char flags, const std::string& payload) {
    return with_length('\x10', "\0\4MQTT\5"s + flags + "\0\0\0"s + payload);
}
std::string connect_v3(char flags, const std::string& payload) {
    return with_length('\x10', "\0\4MQTT\4"s + flags + "\0\0"s + payload);
}
std::string publish(char first, const std::string& properties, const std::string& topic = "\0\1a"s,
                    const std::string& packet = {}) {
    return with_length(first, topic + packet + static_cast<char>(properties.size()) + properties);
}

TEST(Decode, reserved_flags_of_the_fixed_header_are_checked) {
    for (const auto& sample : samples()) {
        auto bytes = encoded(sample.packet, sample.version);
        if (std::holds_alternative<Publish>(sample.packet)) continue;
        for (int flags = 0; flags < 16; ++flags) {
            const auto right = static_cast<unsigned char>(bytes[0]);
            auto wrong = bytes;
            wrong[0] = static_cast<char>((right & 0xF0) | flags);
            EXPECT_EQ(fault(wrong, sample.version),
                      flags == (right & 0x0F) ? success : malformed_packet)
                << sample.name << " " << flags;
        }
    }
    EXPECT_EQ(fault("\x00\x00"s), malformed_packet);
    EXPECT_EQ(fault("\xF0\x00"s, Version::v3_1_1), malformed_packet);  // AUTH is of 5.0
}

TEST(Decode, bytes_after_the_end_of_a_packet_are_malformed) {
    EXPECT_EQ(fault("\xC0\x01x"s), malformed_packet);
    EXPECT_EQ(fault("\xE0\x03\x00\x00x"s), malformed_packet);
    EXPECT_EQ(fault(connect_v5('\2', "\0\1ax"s)), malformed_packet);
    EXPECT_EQ(fault("\x40\x03\x00\x01\x00"s, Version::v3_1_1), malformed_packet);
}

TEST(Decode, variable_byte_integers_are_short_and_at_most_four_bytes) {
    EXPECT_EQ(fault(with_length('\x30', "\0\1a\x80\x00"s)), malformed_packet);
    EXPECT_EQ(fault(with_length('\x30', "\0\1a\xFF\xFF\xFF\xFF\x7F"s)), malformed_packet);
    EXPECT_EQ(fault(with_length('\x30', "\0\1a\x00"s)), success);
}

TEST(Decode, connect_protocol_name_and_version) {
    EXPECT_EQ(fault(with_length('\x10', "\0\6MQIsdp\3\2\0\0\0\1a"s)), unsupported_protocol_version);
    EXPECT_EQ(fault(with_length('\x10', "\0\4MQTT\3\2\0\0\0\1a"s)), unsupported_protocol_version);
    EXPECT_EQ(fault(with_length('\x10', "\0\4MQTT\6\2\0\0\0\0\1a"s)), unsupported_protocol_version);
    EXPECT_EQ(fault(with_length('\x10', "\0\4mqtt\5\2\0\0\0\0\1a"s)), unsupported_protocol_version);
}

TEST(Decode, connect_flags_must_agree_with_each_other) {
    EXPECT_EQ(fault(connect_v5('\2', "\0\1a"s)), success);
    EXPECT_EQ(fault(connect_v5('\3', "\0\1a"s)), malformed_packet);  // reserved
    EXPECT_EQ(fault(connect_v3('\3', "\0\1a"s)), malformed_packet);
    EXPECT_EQ(fault(connect_v5('\x1E', "\0\1a\0\0\1t\0\0"s)), malformed_packet);  // will QoS 3
    EXPECT_EQ(fault(connect_v5('\x0A', "\0\1a"s)), malformed_packet);  // will QoS without a will
    EXPECT_EQ(fault(connect_v5('\x22', "\0\1a"s)), malformed_packet);  // will retain without one
    EXPECT_EQ(fault(connect_v3('\x42', "\0\1a\0\1p"s)), malformed_packet);  // password alone
    EXPECT_EQ(fault(connect_v5('\x42', "\0\1a\0\1p"s)), success);
}

TEST(Decode, connect_payload_has_what_the_flags_say_in_order) {
    EXPECT_EQ(fault(connect_v5('\2', ""s)), malformed_packet);              // no client identifier
    EXPECT_EQ(fault(connect_v5('\6', "\0\1a"s)), malformed_packet);         // no will
    EXPECT_EQ(fault(connect_v5('\x82', "\0\1a"s)), malformed_packet);       // no user name
    EXPECT_EQ(fault(connect_v5('\xC2', "\0\1a\0\1u"s)), malformed_packet);  // no password
    EXPECT_EQ(fault(connect_v5('\2', "\0\1a\0\1u"s)), malformed_packet);  // a user name unannounced
    const auto bytes = connect_v5('\xC6', "\0\1a\0\0\1t\0\1w\0\1u\0\1p"s);
    const auto packet = decode_connect(frame_of(bytes));
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->client_identifier, "a");
    EXPECT_EQ(packet->will->topic, "t");
    EXPECT_EQ(packet->will->payload, "w");
    EXPECT_EQ(packet->user_name, "u");
    EXPECT_EQ(packet->password, "p");
}

TEST(Decode, connect_texts_are_utf_8) {
    EXPECT_EQ(fault(connect_v5('\2', "\0\1\xFF"s)), malformed_packet);
    EXPECT_EQ(fault(connect_v5('\2', "\0\1\0"s)), malformed_packet);
    EXPECT_EQ(fault(connect_v5('\6', "\0\1a\0\0\1\xFF\0\0"s)), malformed_packet);
    EXPECT_EQ(fault(connect_v5('\x82', "\0\1a\0\1\xFF"s)), malformed_packet);
    EXPECT_EQ(fault(connect_v3('\x82', "\0\1a\0\1\xFF"s)), malformed_packet);
    EXPECT_EQ(fault(connect_v5('\6', "\0\1a\0\0\1#\0\0"s)), topic_name_invalid);
}

TEST(Decode, authentication_data_needs_a_method) {
    EXPECT_EQ(fault(with_length('\x10', "\0\4MQTT\5\2\0\0\4\x16\0\1d\0\1a"s)), protocol_error);
}

TEST(Decode, publish_flags) {
    EXPECT_EQ(fault(publish('\x36', "", "\0\1a"s, "\0\1"s)), malformed_packet);  // QoS 3
    EXPECT_EQ(fault(publish('\x38', "")), malformed_packet);                     // DUP at QoS 0
    EXPECT_EQ(fault(with_length('\x36', "\0\1a\0\1"s), Version::v3_1_1), malformed_packet);
}

TEST(Decode, publish_topic_name) {
    EXPECT_EQ(fault(publish('\x30', "", "\0\1#"s)), topic_name_invalid);
    EXPECT_EQ(fault(publish('\x30', "", "\0\3a/+"s)), topic_name_invalid);
    EXPECT_EQ(fault(publish('\x30', "", "\0\1\xFF"s)), malformed_packet);
    EXPECT_EQ(fault(publish('\x30', "", "\0\1\0"s)), malformed_packet);
    EXPECT_EQ(fault(publish('\x30', "", "\0\0"s)), protocol_error);  // and no alias
    EXPECT_EQ(fault(publish('\x30', "\x23\0\1"s, "\0\0"s)), success);
    EXPECT_EQ(fault(with_length('\x30', "\0\0"s), Version::v3_1_1), malformed_packet);
}

TEST(Decode, packet_identifier_is_there_and_not_0_where_it_must_be) {
    EXPECT_EQ(fault(publish('\x32', "", "\0\1a"s, "\0\0"s)), malformed_packet);
    EXPECT_EQ(fault("\x40\x02\x00\x00"s), malformed_packet);
    EXPECT_EQ(fault(with_length('\x82', "\0\0\0\0\1a\0"s)), malformed_packet);
    EXPECT_EQ(fault(with_length('\xA2', "\0\0\0\0\1a"s)), malformed_packet);
    // At QoS 0 there is none: the two bytes are properties and payload.
    const auto bytes = with_length('\x30', "\0\1a\0\1"s);
    const auto packet = decode_publish(frame_of(bytes), Version::v5);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->packet_identifier, 0);
    EXPECT_EQ(packet->payload, "\1");
}

TEST(Decode, properties_are_known_and_stand_where_they_may_once) {
    EXPECT_EQ(fault(publish('\x30', "\x7F\0"s)), malformed_packet);
    EXPECT_EQ(fault(publish('\x30', "\x11\0\0\0\1"s)), protocol_error);  // of CONNECT
    EXPECT_EQ(fault(publish('\x30', "\x01\0\x01\0"s)), protocol_error);  // twice
    EXPECT_EQ(fault(publish('\x30', "\x26\0\1a\0\1b\x26\0\1a\0\1b"s)), success);
    EXPECT_EQ(fault(publish('\x30', "\x02\0\0"s)), malformed_packet);  // cut short
    EXPECT_EQ(fault(publish('\x30', "\x0B\1\x0B\2"s)), success);
    EXPECT_EQ(fault(with_length('\x82', "\0\1\4\x0B\1\x0B\2\0\1a\0"s)), protocol_error);
}

TEST(Decode, property_values_are_in_range) {
    EXPECT_EQ(fault(publish('\x30', "\x01\2"s)), protocol_error);  // format indicator
    EXPECT_EQ(fault(publish('\x30', "\x0B\0"s)), protocol_error);  // subscription identifier 0
    EXPECT_EQ(fault(publish('\x30', "\x23\0\0"s)), topic_alias_invalid);
    EXPECT_EQ(fault(publish('\x30', "\x08\0\3a/#"s)), protocol_error);     // response topic
    EXPECT_EQ(fault(publish('\x30', "\x03\0\1\xFF"s)), malformed_packet);  // content type
    EXPECT_EQ(fault(publish('\x30', "\x26\0\1\xFF\0\1b"s)), malformed_packet);
    EXPECT_EQ(fault(publish('\x30', "\x26\0\1a\0\1\0"s)), malformed_packet);
    const auto connect = [](const std::string& properties) {
        return with_length('\x10', "\0\4MQTT\5\2\0\0"s + static_cast<char>(properties.size()) +
                                       properties + "\0\1a"s);
    };
    EXPECT_EQ(fault(connect("\x21\0\0"s)), protocol_error);      // receive maximum
    EXPECT_EQ(fault(connect("\x27\0\0\0\0"s)), protocol_error);  // maximum packet size
    EXPECT_EQ(fault(connect("\x17\2"s)), protocol_error);        // request problem information
    EXPECT_EQ(fault(connect("\x19\2"s)), protocol_error);
}

TEST(Decode, subscribe_options) {
    const auto subscribe = [](char options, const std::string& filter = "\0\1a"s) {
        return with_length('\x82', "\0\1\0"s + filter + options);
    };
    EXPECT_EQ(fault(subscribe('\x2E')), success);
    EXPECT_EQ(fault(subscribe('\x03')), malformed_packet);  // QoS 3
    EXPECT_EQ(fault(subscribe('\x40')), malformed_packet);
    EXPECT_EQ(fault(subscribe('\x80')), malformed_packet);
    EXPECT_EQ(fault(subscribe('\x30')), protocol_error);                       // retain handling 3
    EXPECT_EQ(fault(subscribe('\x04', "\0\x0A$share/g/a"s)), protocol_error);  // no local
    EXPECT_EQ(fault(with_length('\x82', "\0\1\0\1a\4"s), Version::v3_1_1), malformed_packet);
    EXPECT_EQ(fault(with_length('\x82', "\0\1\0\1a\3"s), Version::v3_1_1), malformed_packet);
}

TEST(Decode, subscribe_and_unsubscribe_name_a_filter_in_utf_8) {
    EXPECT_EQ(fault(with_length('\x82', "\0\1\0"s)), protocol_error);
    EXPECT_EQ(fault(with_length('\xA2', "\0\1\0"s)), protocol_error);
    EXPECT_EQ(fault(with_length('\x82', "\0\1"s), Version::v3_1_1), protocol_error);
    EXPECT_EQ(fault(with_length('\xA2', "\0\1"s), Version::v3_1_1), protocol_error);
    EXPECT_EQ(fault(with_length('\x82', "\0\1\0\0\1\xFF\0"s)), malformed_packet);
    EXPECT_EQ(fault(with_length('\xA2', "\0\1\0\0\1\xFF"s)), malformed_packet);
}

TEST(Decode, reason_codes_are_those_of_the_packet) {
    EXPECT_EQ(fault("\x40\x03\x00\x01\x10"s), success);
    EXPECT_EQ(fault("\x40\x03\x00\x01\x92"s), malformed_packet);
    EXPECT_EQ(fault("\x50\x03\x00\x01\x97"s), success);
    EXPECT_EQ(fault("\x62\x03\x00\x01\x92"s), success);
    EXPECT_EQ(fault("\x62\x03\x00\x01\x97"s), malformed_packet);
    EXPECT_EQ(fault("\x70\x03\x00\x01\x92"s), success);
    EXPECT_EQ(fault("\x70\x03\x00\x01\x10"s), malformed_packet);
    EXPECT_EQ(fault("\x90\x03\x00\x01\x80"s, Version::v3_1_1), success);
    EXPECT_EQ(fault("\x90\x03\x00\x01\x87"s, Version::v3_1_1), malformed_packet);
    EXPECT_EQ(fault("\x90\x04\x00\x01\x00\x11"s), malformed_packet);
    EXPECT_EQ(fault("\xB0\x04\x00\x01\x00\x11"s), success);
    EXPECT_EQ(fault("\xE0\x01\x04"s), success);
    EXPECT_EQ(fault("\xE0\x01\x01"s), malformed_packet);
    EXPECT_EQ(fault("\xF0\x02\x18\x00"s), success);
    EXPECT_EQ(fault("\xF0\x02\x04\x00"s), malformed_packet);
}

TEST(Decode, connack_flags_and_return_codes) {
    EXPECT_EQ(fault("\x20\x03\x02\x00\x00"s), malformed_packet);
    EXPECT_EQ(fault("\x20\x02\x00\x06"s, Version::v3_1_1), malformed_packet);
    const auto packet = decoded("\x20\x02\x00\x05"s, Version::v3_1_1);
    ASSERT_TRUE(packet);
    EXPECT_EQ(std::get<Connack>(*packet).reason, not_authorized);
}

TEST(Decode, a_byte_order_mark_is_part_of_the_text) {
    const auto bytes = publish('\x30', "", "\0\4\xEF\xBB\xBF"s + "a"s);
    const auto packet = decode_publish(frame_of(bytes), Version::v5);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->topic, "\xEF\xBB\xBF"s + "a"s);
}

TEST(Decode, without_properties_the_length_is_0) {
    EXPECT_EQ(encoded(Connack{}, Version::v5), "\x20\x03\x00\x00\x00"s);
    EXPECT_EQ(encoded(Suback{1, {success}, {}}, Version::v5), "\x90\x04\x00\x01\x00\x00"s);
}

}  // namespace
}  // namespace vigil::mqtt

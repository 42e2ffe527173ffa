#include <gmock/gmock.h>

#include "codec/mqtt/samples.hpp"

namespace vigil::mqtt {
namespace {

TEST(MqttRoundTrip, every_packet_of_both_versions_survives) {
    for (const auto& sample : samples()) {
        const auto bytes = encoded(sample.packet, sample.version);
        const auto packet = decoded(bytes, sample.version);
        ASSERT_TRUE(packet) << sample.name << ": " << packet.error().message;
        EXPECT_EQ(*packet, sample.packet) << sample.name;
        EXPECT_EQ(encoded(*packet, sample.version), bytes) << sample.name;
    }
}

TEST(MqttRoundTrip, a_packet_cut_short_anywhere_is_never_taken_for_a_whole_one_of_its_length) {
    for (const auto& sample : samples()) {
        const auto bytes = encoded(sample.packet, sample.version);
        const auto frame = frame_of(bytes);
        for (std::size_t size = 0; size < frame.body.size(); ++size) {
            auto shorter = frame;
            shorter.body = frame.body.substr(0, size);
            const auto packet = decode(shorter, sample.version);
            // A cut can leave another valid packet, say a shorter payload: it must encode to it.
            if (packet) {
                const auto again = encoded(*packet, sample.version);
                EXPECT_EQ(decoded(again, sample.version).value(), *packet) << sample.name;
            }
        }
    }
}

TEST(MqttRoundTrip, a_forwarded_publish_is_the_publish_that_it_says) {
    const std::uint32_t identifiers[] = {1, 268'435'455};
    std::string forwarded;
    Properties own;
    own.content_type = "text/plain";
    UserProperties::add(forwarded, "ward", "7");
    const auto user_properties = forwarded;
    own.user_properties = UserProperties(user_properties);
    forwarded.clear();
    append_property_block(own, forwarded);
    const std::string payload(20'000, 'x');
    ForwardedPublish packet{.topic = "ward/7",
                            .properties = forwarded,
                            .payload = payload,
                            .subscription_identifiers = identifiers,
                            .message_expiry_interval = 0x01020304,
                            .topic_alias = 300,
                            .packet_identifier = 9,
                            .qos = 2,
                            .retain = true,
                            .duplicate = true};
    Publish expected;
    expected.topic = packet.topic;
    expected.payload = payload;
    expected.packet_identifier = 9;
    expected.qos = 2;
    expected.retain = expected.duplicate = true;
    std::string bytes;
    encode(packet, Version::v3_1_1, bytes);
    EXPECT_EQ(decoded(bytes, Version::v3_1_1).value(), Packet(expected));
    EXPECT_EQ(encoded_size(packet, Version::v3_1_1), bytes.size());

    expected.properties = own;
    expected.properties.message_expiry_interval = 0x01020304;
    expected.properties.topic_alias = 300;
    std::string block;
    for (const auto identifier : identifiers) SubscriptionIdentifiers::add(block, identifier);
    expected.properties.subscription_identifiers = SubscriptionIdentifiers(block);
    bytes.clear();
    encode(packet, Version::v5, bytes);
    EXPECT_EQ(decoded(bytes, Version::v5).value(), Packet(expected));
    EXPECT_EQ(encoded_size(packet, Version::v5), bytes.size());
}

TEST(MqttRoundTrip, a_plain_acknowledgement_is_what_decode_says_it_is) {
    const auto plain = [](std::string_view bytes) {
        return plain_acknowledgement(frame_of(bytes));
    };
    EXPECT_EQ(plain("\x40\x02\x12\x34"), 0x1234);
    EXPECT_EQ(plain("\x62\x02\x12\x34"), 0x1234);
    using namespace std::string_view_literals;
    for (const auto other : {"\x40\x02\x00\x00"sv, "\x41\x02\x12\x34"sv, "\x60\x02\x12\x34"sv,
                             "\x40\x03\x12\x34\x10"sv, "\x40\x01\x12"sv})
        EXPECT_FALSE(plain(other));
}

TEST(MqttRoundTrip, success_takes_four_bytes) {
    std::string out;
    append_success(PacketType::puback, 0x1234, out);
    EXPECT_EQ(out, "\x40\x02\x12\x34");
    EXPECT_EQ(out, encoded(Puback{0x1234, ReasonCode::success, {}}, Version::v5));
    out.clear();
    append_success(PacketType::pubrel, 1, out);
    EXPECT_EQ(out, encoded(Pubrel{1, ReasonCode::success, {}}, Version::v3_1_1));
}

}  // namespace
}  // namespace vigil::mqtt

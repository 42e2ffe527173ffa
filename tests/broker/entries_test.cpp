// The broker's entries of the log: what is written is read again, and damage is told.
#include <gmock/gmock.h>

#include "broker/message.hpp"
#include "broker/session_entry.hpp"

namespace vigil::broker {
namespace {

constexpr Timestamp noon = from_unix_ns(1'767'268'800'000'000'000);

std::string message_body() {
    mqtt::Publish packet;
    packet.topic = "ward/7/note";
    packet.payload = "hello";
    packet.qos = 2;
    packet.retain = true;
    packet.properties.content_type = "text/plain";
    packet.properties.message_expiry_interval = 60;
    MessageEntry entry{
        .publisher = 300, .packet_identifier = 9, .will_of = 4, .carrier = {}, .deliveries = {}};
    entry.deliveries = {
        {.session = 5, .qos = 1, .retain = true, .share = 0, .subscription_identifiers = {1, 2}},
        {.session = 900, .qos = 2, .retain = false, .share = 7, .subscription_identifiers = {}}};
    std::string body;
    Message message;
    message.set(packet, noon);
    encode_message_entry(message, entry, body);
    return body;
}

std::vector<SessionEntry> session_entries() {
    Principal principal{
        .kind = Principal::Kind::device, .id = "bed-7", .device = DeviceId{77}, .account = {}};
    StoredWill will{.topic = "w",
                    .properties = "p",
                    .payload = "gone",
                    .qos = 1,
                    .retain = true,
                    .delay_s = 5,
                    .message_expiry_s = 60};
    return {Opened{1, 0xFFFF'FFFF'FFFF'FFFF, principal, "client", 3600, will},
            Opened{1, 2, principal, "", 0, std::nullopt},
            Subscribed{1, {"$share/g/a/+", 2, false, true, 268'435'455}, true},
            Unsubscribed{1, "a/#"},
            Sending{1, {{1, 10}, {65'535, 1'000'000'000'000}}},
            Acknowledged{1, {1, 2, 3}},
            Released{1, {7}},
            Received{1, 8},
            Completed{1, 8},
            Disconnected{1, noon, 3600, true},
            Ended{1, 0x97, 12, 100, 200},
            Queued{1, 10, 300, 2, true, noon, {1, 2}},
            Queued{1, 10, 300, 2, false, std::nullopt, {}},
            Exchanged{1, {65'537}},
            QueuedShared{{1, 10, 300, 2, true, noon, {1, 2}}, 0xFFFF'FFFF},
            Overtaken{1, 1'000'000'000'000}};
}

TEST(MessageEntry, is_read_as_it_was_written) {
    const auto decoded = decode_message_entry(message_body());
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->message->topic(), "ward/7/note");
    EXPECT_EQ(decoded->message->payload(), "hello");
    EXPECT_EQ(decoded->message->expires, noon + std::chrono::seconds(60));
    EXPECT_EQ(decoded->message->qos, 2);
    EXPECT_TRUE(decoded->message->retain);
    EXPECT_EQ(decoded->entry.publisher, 300U);
    EXPECT_EQ(decoded->entry.packet_identifier, 9);
    EXPECT_EQ(decoded->entry.will_of, 4U);
    ASSERT_EQ(decoded->entry.deliveries.size(), 2U);
    EXPECT_EQ(decoded->entry.deliveries[0].subscription_identifiers.size(), 2U);
    std::string again;
    encode_message_entry(*decoded->message, decoded->entry, again);
    EXPECT_EQ(again, message_body());
}

TEST(MessageEntry, cut_short_before_its_payload_is_damaged) {
    const auto body = message_body();
    for (std::size_t size = 0; size < body.size() - 5; ++size)
        EXPECT_FALSE(decode_message_entry(std::string_view(body).substr(0, size))) << size;
}

TEST(MessageEntry, with_a_carrier_holds_neither_topic_nor_payload) {
    const Message message("bed-7/telemetry", "", "72");
    MessageEntry entry;
    entry.carrier = carrier_of(message.topic(), message.payload(), 1);
    std::string body;
    encode_message_entry(message, entry, body);
    EXPECT_EQ(body.find("telemetry"), std::string::npos);
    const auto decoded = decode_message_entry(body);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->entry.carrier, entry.carrier);
    const auto whole = completed(*decoded, "bed-7/telemetry", "72");
    ASSERT_NE(whole, nullptr);
    EXPECT_EQ(whole->topic(), "bed-7/telemetry");
    EXPECT_EQ(whole->payload(), "72");
    EXPECT_EQ(completed(*decoded, "bed-7/telemetry", "73"), nullptr);
    EXPECT_FALSE(decode_message_entry(body + "x"));
}

TEST(SessionEntry, is_read_as_it_was_written) {
    for (const auto& entry : session_entries()) {
        std::string body, again;
        encode_session_entry(entry, body);
        const auto decoded = decode_session_entry(body);
        ASSERT_TRUE(decoded) << entry.index() << decoded.error().message;
        EXPECT_EQ(decoded->index(), entry.index());
        encode_session_entry(*decoded, again);
        EXPECT_EQ(again, body);
    }
}

TEST(SessionEntry, cut_short_or_with_more_behind_it_is_damaged) {
    for (const auto& entry : session_entries()) {
        std::string body;
        encode_session_entry(entry, body);
        for (std::size_t size = 0; size < body.size(); ++size)
            EXPECT_FALSE(decode_session_entry(std::string_view(body).substr(0, size)))
                << entry.index() << " " << size;
        EXPECT_FALSE(decode_session_entry(body + "x"));
    }
    EXPECT_FALSE(decode_session_entry("\1\x7F"));
    EXPECT_FALSE(decode_session_entry("\2\1"));
}

}  // namespace
}  // namespace vigil::broker

// To the client: flow control, resending, expiry, aliases, bounds of queues.
#include "broker/stage.hpp"

namespace vigil::broker {
namespace {

using mqtt::Puback;
using mqtt::Pubcomp;
using mqtt::Pubrec;
using mqtt::ReasonCode;
using mqtt::Version;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::unique_ptr<Client> subscriber(Stage& stage, const mqtt::Connect& connect,
                                   std::uint8_t qos = 2) {
    auto client = stage.connected(connect);
    client->subscribe("#", qos);
    stage.commit();
    client->received();
    return client;
}

mqtt::Publish expiring(std::string_view payload, std::uint32_t interval_s, std::uint8_t qos = 0) {
    mqtt::Publish out;
    out.topic = "t";
    out.payload = payload;
    out.qos = qos;
    out.packet_identifier = qos > 0 ? 1 : 0;
    out.properties.message_expiry_interval = interval_s;
    return out;
}

TEST(Delivery, qos_1_is_over_with_its_puback) {
    Stage stage;
    auto nurse = subscriber(stage, connect_packet("nurse"));
    auto client = stage.connected("a");
    client->publish("t", "1", 1, 1);
    stage.settle();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH t 1 q1 #1"));
    nurse->send(Puback{1, ReasonCode::success, {}});
    nurse->send(Puback{1, ReasonCode::success, {}});  // a second one changes nothing
    client->publish("t", "2", 1, 2);
    stage.settle();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH t 2 q1 #2"));
    EXPECT_FALSE(nurse->closed);
}

TEST(Delivery, qos_2_goes_by_pubrec_pubrel_and_pubcomp) {
    Stage stage;
    auto nurse = subscriber(stage, connect_packet("nurse"));
    auto client = stage.connected("a");
    client->publish("t", "1", 2, 1);
    stage.settle();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH t 1 q2 #1"));
    nurse->send(Pubrec{1, ReasonCode::success, {}});
    EXPECT_THAT(nurse->received(), ElementsAre("PUBREL 1"));
    nurse->send(Pubrec{1, ReasonCode::success, {}});
    EXPECT_THAT(nurse->received(), ElementsAre("PUBREL 1"));
    nurse->send(Pubcomp{1, ReasonCode::success, {}});
    nurse->send(Pubrec{1, ReasonCode::success, {}});
    EXPECT_THAT(nurse->received(), ElementsAre("PUBREL 1 0x92"));
}

TEST(Delivery, the_wrong_acknowledgement_is_a_protocol_error) {
    Stage stage;
    auto nurse = subscriber(stage, connect_packet("nurse"));
    auto client = stage.connected("a");
    client->publish("t", "1", 2, 1);
    stage.settle();
    nurse->received();
    nurse->send(Puback{1, ReasonCode::success, {}});
    EXPECT_THAT(nurse->received(), ElementsAre("DISCONNECT 0x82"));
}

TEST(Delivery, a_refusing_acknowledgement_ends_it_for_good) {
    Stage stage;
    auto nurse = subscriber(stage, connect_packet("nurse", false, 60));
    auto client = stage.connected("a");
    client->publish("t", "1", 1, 1);
    client->publish("t", "2", 2, 2);
    stage.settle();
    nurse->send(Puback{1, ReasonCode::quota_exceeded, {}});
    nurse->send(Pubrec{2, ReasonCode::quota_exceeded, {}});
    nurse->drop();
    auto back = stage.connected("nurse", false, 60);
    stage.settle();
    EXPECT_THAT(back->received(), IsEmpty());
}

TEST(Delivery, packet_identifiers_are_durable_before_they_are_used) {
    Stage stage;
    auto nurse = subscriber(stage, connect_packet("nurse", false, 60));
    auto client = stage.connected("a");
    client->publish("t", "1", 1, 1);
    stage.commit();  // the message
    EXPECT_THAT(nurse->received(), IsEmpty());
    ASSERT_THAT(stage.log.buffered, SizeIs(1));
    const auto record = decode_session_entry(stage.log.buffered[0].body);
    ASSERT_TRUE(record);
    EXPECT_TRUE(std::holds_alternative<Sending>(*record));
    stage.commit();  // its packet identifier
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH t 1 q1 #1"));
}

TEST(Delivery, pubrel_leaves_after_the_record_of_its_pubrec) {
    Stage stage;
    auto nurse = subscriber(stage, connect_packet("nurse", false, 60));
    auto client = stage.connected("a");
    client->publish("t", "1", 2, 1);
    stage.settle();
    nurse->received();
    nurse->send(Pubrec{1, ReasonCode::success, {}});
    EXPECT_THAT(nurse->received(), IsEmpty());
    stage.commit();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBREL 1"));
}

TEST(Delivery, keeps_to_the_client_s_receive_maximum) {
    Stage stage;
    auto connect = connect_packet("nurse");
    connect.properties.receive_maximum = 2;
    auto nurse = subscriber(stage, connect);
    auto client = stage.connected("a");
    for (std::uint16_t i = 1; i <= 4; ++i) client->publish("t", std::to_string(i), 1, i);
    stage.settle();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH t 1 q1 #1", "PUBLISH t 2 q1 #2"));
    nurse->send(mqtt::Pingreq{});
    nurse->subscribe("x");
    EXPECT_THAT(nurse->received(), ElementsAre("PINGRESP", "SUBACK 1 0x00"));
    nurse->send(Puback{2, ReasonCode::success, {}});
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH t 3 q1 #3"));
}

TEST(Delivery, packet_identifiers_in_use_are_passed_over) {
    Stage stage;
    auto connect = connect_packet("nurse");
    connect.properties.receive_maximum = 2;
    auto nurse = subscriber(stage, connect);
    auto client = stage.connected("a");
    client->publish("t", "first", 1, 1);
    stage.settle();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH t first q1 #1"));
    std::uint16_t last = 0;
    for (int i = 0; i < 65'535; ++i) {
        client->publish("t", "more", 1, 2);
        stage.commit();
        nurse->drained();
        nurse->received();
        last = nurse->last<mqtt::Publish>().packet_identifier;
        ASSERT_NE(last, 0);
        ASSERT_NE(last, 1);
        nurse->send(Puback{last, ReasonCode::success, {}});
    }
    EXPECT_EQ(last, 2);  // once round, over 0 and 1
}

TEST(Delivery, what_was_not_acknowledged_is_sent_again_in_order_and_marked) {
    Stage stage;
    auto nurse = subscriber(stage, connect_packet("nurse", false, 60));
    auto client = stage.connected("a");
    for (std::uint16_t i = 1; i <= 3; ++i) client->publish("t", std::to_string(i), 2, i);
    stage.settle();
    EXPECT_THAT(nurse->received(), SizeIs(3));
    nurse->send(Pubrec{2, ReasonCode::success, {}});
    stage.settle();
    nurse->received();
    nurse->drop();
    auto back = stage.client();
    back->send(connect_packet("nurse", false, 60));
    stage.settle();
    EXPECT_THAT(back->received(), ElementsAre("CONNACK present", "PUBLISH t 1 q2 #1 DUP",
                                              "PUBREL 2", "PUBLISH t 3 q2 #3 DUP"));
    stage.pass(seconds(30));
    stage.settle();
    EXPECT_THAT(back->received(), IsEmpty());  // never again on this connection
}

TEST(Delivery, what_was_not_acknowledged_is_sent_again_at_no_other_time) {
    Stage stage;
    auto connect = connect_packet("nurse", false, 600);
    connect.keep_alive = 0;
    auto nurse = subscriber(stage, connect);
    auto client = stage.connected("a");
    client->publish("t", "1", 1, 1);
    client->publish("t", "2", 2, 2);
    stage.settle();
    nurse->received();
    nurse->send(Pubrec{2, ReasonCode::success, {}});
    stage.settle();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBREL 2"));
    for (int minute = 0; minute < 30; ++minute) {
        nurse->send(mqtt::Pingreq{});
        stage.pass(seconds(60));
        stage.settle();
    }
    for (const auto& packet : nurse->received()) EXPECT_EQ(packet, "PINGRESP");
    EXPECT_FALSE(nurse->closed);
}

TEST(Delivery, messages_expire_and_say_how_long_they_still_live) {
    Stage stage;
    auto nurse = subscriber(stage, connect_packet("nurse", false, 3600));
    nurse->drop();
    auto client = stage.connected("a");
    client->send(expiring("short", 5, 1));
    client->send(expiring("long", 100, 1));
    stage.settle();
    stage.pass(seconds(10));
    auto back = stage.connected("nurse", false, 3600);
    stage.settle();
    EXPECT_THAT(back->received(), ElementsAre("PUBLISH t long q1 #1"));
    EXPECT_EQ(back->last<mqtt::Publish>().properties.message_expiry_interval, 90U);
    EXPECT_EQ(stage.broker().statistics().dropped_expired, 1U);
}

TEST(Delivery, a_message_that_was_sent_does_not_expire) {
    Stage stage;
    auto nurse = subscriber(stage, connect_packet("nurse", false, 3600));
    auto client = stage.connected("a");
    client->send(expiring("1", 5, 2));
    stage.settle();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH t 1 q2 #1"));
    nurse->drop();
    stage.pass(seconds(10));
    auto back = stage.connected("nurse", false, 3600);
    stage.settle();
    EXPECT_THAT(back->received(), ElementsAre("PUBLISH t 1 q2 #1 DUP"));
    back->send(Pubrec{1, ReasonCode::success, {}});
    stage.settle();
    EXPECT_THAT(back->received(), ElementsAre("PUBREL 1"));
}

TEST(Delivery, retained_messages_expire_too) {
    Stage stage;
    auto client = stage.connected("a");
    auto publish = expiring("1", 5);
    publish.retain = true;
    client->send(publish);
    stage.commit();
    stage.pass(seconds(6));
    auto nurse = stage.connected("nurse");
    nurse->subscribe("#");
    EXPECT_THAT(nurse->received(), ElementsAre("SUBACK 1 0x00"));
}

TEST(Delivery, a_packet_larger_than_the_client_takes_is_passed_over) {
    Stage stage;
    auto connect = connect_packet("nurse");
    connect.properties.maximum_packet_size = 30;
    auto nurse = subscriber(stage, connect);
    auto client = stage.connected("a");
    client->publish("t", std::string(22, 'x'), 1, 1);
    client->publish("t", std::string(23, 'x'), 1, 2);
    client->publish("t", "small", 1, 3);
    stage.settle();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH t " + std::string(22, 'x') + " q1 #1",
                                               "PUBLISH t small q1 #2"));
    EXPECT_EQ(stage.broker().statistics().dropped_too_large, 1U);
}

TEST(Delivery, uses_topic_aliases_only_up_to_the_client_s_maximum) {
    Stage stage;
    auto plain = subscriber(stage, connect_packet("plain"), 0);
    auto connect = connect_packet("nurse");
    connect.properties.topic_alias_maximum = 1;
    auto nurse = subscriber(stage, connect, 0);
    auto client = stage.connected("a");
    const auto sent = [&](std::string_view topic) {
        client->publish(topic, "1");
        stage.turn();
        nurse->received();
        const auto& publish = nurse->last<mqtt::Publish>();
        return std::pair(std::string(publish.topic),
                         int{publish.properties.topic_alias.value_or(0)});
    };
    EXPECT_EQ(sent("one"), std::pair(std::string("one"), 1));
    EXPECT_EQ(sent("one"), std::pair(std::string(), 1));
    EXPECT_EQ(sent("two"), std::pair(std::string("two"), 0));
    plain->received();
    EXPECT_FALSE(plain->last<mqtt::Publish>().properties.topic_alias);
}

TEST(Delivery, a_queue_over_its_bound_ends_its_session_and_the_gap_is_told) {
    BrokerLimits limits;
    limits.queue_messages_max = 3;
    Stage stage(limits);
    auto nurse = subscriber(stage, connect_packet("nurse", false, 60));
    nurse->drop();
    auto client = stage.connected("a");
    for (std::uint16_t i = 1; i <= 4; ++i) client->publish("t", "1", 1, i);
    stage.settle();
    EXPECT_THAT(client->received(), SizeIs(4));  // the publisher has its acknowledgements
    ASSERT_THAT(stage.broker().gaps(), SizeIs(1));
    const auto& gap = stage.broker().gaps().front();
    EXPECT_EQ(gap.client_identifier, "nurse");
    EXPECT_EQ(gap.messages, 4U);
    EXPECT_LT(gap.first, gap.last);
    auto back = stage.client();
    back->send(connect_packet("nurse", false, 60));
    EXPECT_THAT(back->received(), ElementsAre("CONNACK"));
}

TEST(Delivery, a_slow_subscriber_is_cut_off_and_slows_nobody) {
    BrokerLimits limits;
    limits.queue_bytes_max = 1 << 20;
    Stage stage(limits);
    auto slow = subscriber(stage, connect_packet("slow"), 0);
    auto quick = subscriber(stage, connect_packet("quick"), 0);
    auto client = stage.connected("a");
    const std::string payload(64 * 1024, 'x');
    std::size_t received = 0;
    for (int i = 0; i < 40; ++i) {
        client->publish("t", payload);
        stage.turn();
        quick->drained();
        received += quick->received().size();
    }
    EXPECT_EQ(received, 40U);
    EXPECT_TRUE(slow->closed);
    const auto got = slow->received();
    EXPECT_EQ(got.back(), "DISCONNECT 0x97");
    // No more was given to the network than it had room for.
    EXPECT_LE(slow->kept.size(), session::ByteSession::send_bytes_max + 2 * payload.size());
    EXPECT_EQ(stage.broker().statistics().sessions_over_queue, 1U);
}

TEST(Delivery, a_long_queue_is_read_back_from_the_log_in_steps) {
    BrokerLimits limits;
    limits.in_flight_max = 100;
    Stage stage(limits);
    auto nurse = subscriber(stage, connect_packet("nurse", false, 60));
    nurse->drop();
    auto client = stage.connected("a");
    for (std::uint16_t i = 1; i <= 150; ++i) client->publish("t", std::to_string(i), 1, i);
    stage.settle();
    auto back = stage.connected("nurse", false, 60);
    ASSERT_THAT(stage.backlog.requests, SizeIs(1));
    EXPECT_THAT(stage.backlog.requests[0].second, SizeIs(Backlog::positions_max));
    std::vector<std::string> payloads, expected;
    for (int round = 0; round < 20; ++round) {
        stage.settle();
        back->received();
        const auto packets = back->packets;
        for (const auto& packet : packets) {
            const auto& publish = std::get<mqtt::Publish>(packet);
            payloads.emplace_back(publish.payload);
        }
        for (const auto& packet : packets)
            back->send(
                Puback{std::get<mqtt::Publish>(packet).packet_identifier, ReasonCode::success, {}});
    }
    for (int i = 1; i <= 150; ++i) expected.push_back(std::to_string(i));
    EXPECT_EQ(payloads, expected);
    EXPECT_EQ(stage.broker().needed_from().offset, 0U);
}

TEST(Delivery, what_the_log_no_longer_has_is_a_gap_and_the_rest_goes_on) {
    Stage stage;
    auto nurse = subscriber(stage, connect_packet("nurse", false, 60));
    nurse->drop();
    auto client = stage.connected("a");
    for (std::uint16_t i = 1; i <= 3; ++i) {
        client->publish("t", std::to_string(i), 1, i);
        stage.commit();
    }
    const auto oldest = stage.broker().needed_from();
    EXPECT_NE(oldest.offset, 0U);
    ASSERT_TRUE(stage.log.trim({0, oldest.offset + 1}));
    auto back = stage.connected("nurse", false, 60);
    stage.settle();
    EXPECT_THAT(back->received(), ElementsAre("PUBLISH t 2 q1 #1", "PUBLISH t 3 q1 #2"));
    ASSERT_THAT(stage.broker().gaps(), SizeIs(1));
    EXPECT_EQ(stage.broker().gaps().front().messages, 1U);
    EXPECT_EQ(stage.broker().gaps().front().time, noon);
}

TEST(Delivery, a_subscriber_of_readings_gets_them_after_their_commit_and_with_their_properties) {
    Stage stage;
    auto nurse = subscriber(stage, connect_packet("nurse", false, 60));
    nurse->drop();
    auto client = stage.connected("a");
    mqtt::Publish publish;
    publish.topic = "x/telemetry";
    publish.payload = "72";
    publish.qos = 1;
    publish.packet_identifier = 1;
    publish.properties.content_type = "application/json";
    client->send(publish);
    stage.settle();
    EXPECT_THAT(client->received(), ElementsAre("PUBACK 1"));
    auto back = stage.connected("nurse", false, 60);
    stage.settle();
    EXPECT_THAT(back->received(), ElementsAre("PUBLISH x/telemetry 72 q1 #1"));
    EXPECT_EQ(back->last<mqtt::Publish>().properties.content_type, "application/json");
}

TEST(Delivery, readings_that_wait_for_a_subscriber_stand_in_the_log_once) {
    Stage stage;
    auto nurse = subscriber(stage, connect_packet("nurse", false, 600));
    nurse->drop();
    stage.settle();
    const std::string payload(1000, 'x');
    const auto entries = stage.log.entries.size();
    auto client = stage.connected("a");
    client->publish("ward/telemetry", payload, 1, 1);
    client->publish("ward/telemetry", "garbage", 2, 2);
    stage.settle();
    std::size_t bytes = 0;
    for (auto i = entries; i < stage.log.entries.size(); ++i)
        bytes += stage.log.entries[i].body.size();
    EXPECT_LT(bytes, payload.size() + 200);

    stage.restart();
    auto back = stage.connected("nurse", false, 600);
    stage.settle();
    EXPECT_THAT(back->received(), ElementsAre("PUBLISH ward/telemetry " + payload + " q1 #1",
                                              "PUBLISH ward/telemetry garbage q2 #2"));
}

TEST(Delivery, readings_whose_raw_form_is_gone_are_a_gap_and_never_another_message) {
    Stage stage;
    auto nurse = subscriber(stage, connect_packet("nurse", false, 600));
    nurse->drop();
    auto client = stage.connected("a");
    client->publish("ward/telemetry", "1", 1, 1);
    client->publish("ward/telemetry", "2", 1, 2);
    client->publish("ward/telemetry", "3", 1, 3);
    stage.settle();
    std::vector<FakeLog::Kept*> batches;
    for (auto& one : stage.log.entries)
        if (one.kind == store::EntryKind::batch) batches.push_back(&one);
    ASSERT_THAT(batches, SizeIs(3));
    batches[0]->body = "ward/telemetry\n";         // retention took it
    batches[1]->body = "other/telemetry\nsecret";  // not what was meant
    auto back = stage.connected("nurse", false, 600);
    stage.settle();
    EXPECT_THAT(back->received(), ElementsAre("PUBLISH ward/telemetry 3 q1 #1"));
    ASSERT_THAT(stage.broker().gaps(), SizeIs(1));
    EXPECT_EQ(stage.broker().gaps().front().messages, 2U);
}

TEST(Delivery, a_retained_reading_is_kept_whole) {
    Stage stage;
    auto client = stage.connected("a");
    client->publish("ward/telemetry", "1", 1, 1, false, true);
    stage.settle();
    stage.restart();
    auto nurse = stage.connected("nurse", false, 600);
    nurse->subscribe("#", 1);
    stage.settle();
    EXPECT_THAT(nurse->received(),
                ElementsAre("SUBACK 1 0x01", "PUBLISH ward/telemetry 1 q1 #1 RETAIN"));
}

TEST(Delivery, a_dropped_connection_in_mid_commit_harms_nobody) {
    Stage stage;
    auto nurse = subscriber(stage, connect_packet("nurse"));
    auto client = stage.connected("a");
    client->publish("t", "1", 1, 1);
    client.reset();
    nurse.reset();
    stage.settle();
    EXPECT_EQ(stage.broker().connections(), 0U);
}

}  // namespace
}  // namespace vigil::broker

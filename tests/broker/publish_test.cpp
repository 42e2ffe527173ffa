// From the client: PUBLISH at every QoS, its acknowledgements, aliases, refusals, slowing.
#include "broker/stage.hpp"

namespace vigil::broker {
namespace {

using mqtt::Version;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::string_literals;

std::unique_ptr<Client> device(Stage& stage, Version version = Version::v5) {
    auto connect = connect_packet("d1", true, 0, version);
    connect.user_name = "d1";
    return stage.connected(connect);
}

TEST(Publish, puback_leaves_only_after_the_commit) {
    for (const auto version : {Version::v3_1_1, Version::v5}) {
        Stage stage;
        auto client = stage.connected("a", true, 0, version);
        client->publish("ward/telemetry", "72", 1, 7);
        client->publish("ward/telemetry", "73", 1, 8);
        stage.turn();
        EXPECT_THAT(client->received(), IsEmpty());
        stage.commit(1);
        EXPECT_THAT(client->received(), ElementsAre("PUBACK 7"));
        stage.commit();
        EXPECT_THAT(client->received(), ElementsAre("PUBACK 8"));
    }
}

TEST(Publish, what_carries_no_readings_is_kept_as_a_message_before_its_puback) {
    Stage stage;
    auto client = stage.connected("a");
    client->publish("ward/note", "hello", 1, 7);
    EXPECT_THAT(client->received(), IsEmpty());
    ASSERT_EQ(stage.log.buffered.size(), 1U);
    EXPECT_EQ(stage.log.buffered[0].kind, store::EntryKind::message);
    const auto kept = decode_message_entry(stage.log.buffered[0].body);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->message->topic(), "ward/note");
    EXPECT_EQ(kept->message->payload(), "hello");
    stage.commit();
    EXPECT_THAT(client->received(), ElementsAre("PUBACK 7 0x10"));  // nobody subscribes
}

TEST(Publish, without_a_commit_nobody_is_told_and_the_publisher_is_cut_off) {
    Stage stage;
    auto nurse = stage.connected("nurse");
    nurse->subscribe("#");
    nurse->received();
    auto client = stage.connected("a");
    client->publish("ward/telemetry", "72", 1, 7);
    stage.fail_commit();
    EXPECT_THAT(client->received(), ElementsAre("DISCONNECT 0x89"));
    EXPECT_TRUE(client->closed);
    EXPECT_THAT(nurse->received(), IsEmpty());
    auto again = stage.connected("a");
    again->publish("ward/telemetry", "72", 1, 7, true);
    stage.commit();
    EXPECT_THAT(again->received(), ElementsAre("PUBACK 7"));
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH ward/telemetry 72 q0"));
}

TEST(Publish, what_inbound_found_bad_is_acknowledged_as_bad_once_it_is_kept) {
    Stage stage;
    auto five = stage.connected("a");
    five->publish("x/telemetry", "garbage", 1, 1);
    five->publish("x/telemetry", "garbage", 2, 2);
    EXPECT_THAT(five->received(), IsEmpty());
    stage.commit();
    EXPECT_THAT(five->received(), ElementsAre("PUBACK 1 0x99", "PUBREC 2 0x99"));
    auto three = stage.connected("b", true, 0, Version::v3_1_1);
    three->publish("x/telemetry", "garbage", 1, 1);
    stage.commit();
    EXPECT_THAT(three->received(), ElementsAre("PUBACK 1"));
}

TEST(Publish, the_reason_string_says_what_is_wrong_with_a_payload) {
    Stage stage;
    auto client = stage.connected("a");
    client->publish("x/telemetry", "garbage", 1, 1);
    client->publish("x/telemetry", "garbage", 2, 2);
    client->publish("x/telemetry", "72", 1, 3);
    stage.commit();
    EXPECT_THAT(client->received(), ElementsAre("PUBACK 1 0x99", "PUBREC 2 0x99", "PUBACK 3"));
    EXPECT_EQ(client->last<mqtt::Pubrec>().properties.reason_string, "byte 1: not JSON");
    EXPECT_EQ(std::get<mqtt::Puback>(client->packets[0]).properties.reason_string,
              "byte 1: not JSON");
}

TEST(Publish, no_reason_string_where_the_client_wants_none_or_has_no_room) {
    Stage stage;
    auto silent = connect_packet("silent"), small = connect_packet("small");
    silent.properties.request_problem_information = 0;
    small.properties.maximum_packet_size = 20;
    for (const auto& connect : {silent, small}) {
        auto client = stage.connected(connect);
        client->publish("x/telemetry", "garbage", 1, 1);
        client->publish("x/telemetry", "garbage", 2, 2);
        stage.commit();
        EXPECT_THAT(client->received(), ElementsAre("PUBACK 1 0x99", "PUBREC 2 0x99"));
        EXPECT_FALSE(client->last<mqtt::Pubrec>().properties.reason_string);
        EXPECT_FALSE(client->last<mqtt::Puback>().properties.reason_string);
    }
}

TEST(Publish, what_was_refused_for_want_of_room_is_told_and_nobody_gets_it) {
    Stage stage;
    stage.inbound.full = true;
    auto nurse = stage.connected("nurse");
    nurse->subscribe("#");
    nurse->received();
    auto five = stage.connected("a");
    five->publish("x/telemetry", "1", 1, 1, false, true);
    five->publish("x/telemetry", "1", 2, 2);
    stage.settle();
    EXPECT_THAT(five->received(), ElementsAre("PUBACK 1 0x97", "PUBREC 2 0x97"));
    auto three = stage.connected("b", true, 0, Version::v3_1_1);
    three->publish("x/telemetry", "1", 1, 1);
    stage.settle();
    EXPECT_THAT(three->received(), IsEmpty());  // a PUBACK would say that it was taken
    EXPECT_TRUE(three->closed);
    EXPECT_THAT(nurse->received(), IsEmpty());
    EXPECT_EQ(stage.broker().retained_messages(), 0U);
}

TEST(Publish, after_a_puback_the_same_identifier_is_a_new_message) {
    Stage stage;
    auto client = stage.connected("a");
    client->publish("x/telemetry", "1", 1, 1);
    stage.commit();
    client->publish("x/telemetry", "1", 1, 1, true);
    stage.commit();
    EXPECT_THAT(client->received(), ElementsAre("PUBACK 1", "PUBACK 1"));
    ASSERT_EQ(stage.inbound.exchanges.size(), 2U);
    EXPECT_NE(stage.inbound.exchanges[0], stage.inbound.exchanges[1]);
}

TEST(Publish, qos_0_is_not_acknowledged) {
    Stage stage;
    auto nurse = stage.connected("nurse");
    nurse->subscribe("#", 2);
    nurse->received();
    auto client = stage.connected("a");
    client->publish("ward/note", "hello");
    client->publish("ward/telemetry", "72");
    stage.turn();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH ward/note hello q0"));
    stage.commit();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH ward/telemetry 72 q0"));
    EXPECT_THAT(client->received(), IsEmpty());
}

TEST(Publish, qos_2_is_received_once_however_often_it_is_sent) {
    for (const auto version : {Version::v3_1_1, Version::v5}) {
        Stage stage;
        auto nurse = stage.connected("nurse");
        nurse->subscribe("#");
        nurse->received();
        auto client = stage.connected("a", true, 0, version);
        client->publish("x/telemetry", "72", 2, 5);
        client->publish("x/telemetry", "72", 2, 5, true);
        EXPECT_THAT(client->received(), IsEmpty());
        stage.commit();
        EXPECT_THAT(client->received(), ElementsAre("PUBREC 5"));
        client->publish("x/telemetry", "72", 2, 5, true);
        stage.turn();
        EXPECT_THAT(client->received(), ElementsAre("PUBREC 5"));
        client->send(mqtt::Pubrel{5, mqtt::ReasonCode::success, {}});
        stage.turn();
        EXPECT_THAT(client->received(), ElementsAre("PUBCOMP 5"));
        EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH x/telemetry 72 q0"));
        client->publish("x/telemetry", "73", 2, 5);
        stage.commit();
        EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH x/telemetry 73 q0"));
    }
}

TEST(Publish, a_release_of_nothing_is_told_so) {
    Stage stage;
    auto client = stage.connected("a");
    client->send(mqtt::Pubrel{9, mqtt::ReasonCode::success, {}});
    stage.turn();
    EXPECT_THAT(client->received(), ElementsAre("PUBCOMP 9 0x92"));
}

TEST(Publish, a_refused_qos_2_exchange_is_over_with_its_pubrec) {
    Stage stage;
    auto client = stage.connected("a");
    client->publish("x/telemetry", "garbage", 2, 5);
    stage.commit();
    EXPECT_THAT(client->received(), ElementsAre("PUBREC 5 0x99"));
    client->publish("x/telemetry", "72", 2, 5);
    stage.commit();
    EXPECT_THAT(client->received(), ElementsAre("PUBREC 5"));
    EXPECT_EQ(stage.inbound.exchanges.size(), 2U);
}

TEST(Publish, a_refused_qos_2_exchange_is_over_after_a_restart_too) {
    Stage stage;
    auto nurse = stage.connected("nurse", false, 600);
    nurse->subscribe("#", 1);
    auto client = stage.connected("a", false, 600);
    client->publish("x/telemetry", "garbage", 2, 1);
    stage.settle();
    EXPECT_THAT(client->received(), ElementsAre("PUBREC 1 0x99"));
    stage.restart();
    auto back = stage.connected("a", false, 600);
    back->publish("x/telemetry", "72", 2, 1);
    stage.settle();
    EXPECT_THAT(stage.inbound.exchanges, testing::SizeIs(2));
}

TEST(Publish, with_a_session_that_stays_pubcomp_waits_for_the_record_of_the_release) {
    Stage stage;
    auto client = stage.connected("a", true, 60);
    client->publish("x/telemetry", "72", 2, 5);
    stage.commit();
    EXPECT_THAT(client->received(), ElementsAre("PUBREC 5"));
    client->send(mqtt::Pubrel{5, mqtt::ReasonCode::success, {}});
    stage.turn();
    EXPECT_THAT(client->received(), IsEmpty());
    stage.commit();
    EXPECT_THAT(client->received(), ElementsAre("PUBCOMP 5"));
}

TEST(Publish, acknowledgements_leave_in_the_order_of_the_messages) {
    Stage stage;
    auto client = device(stage);
    client->publish("vigil/d1/telemetry", "1", 1, 1);
    client->publish("elsewhere", "2", 1, 2);  // refused at once, but answered in its turn
    client->publish("vigil/d1/telemetry", "3", 2, 3);
    client->publish("elsewhere", "4", 2, 4);
    stage.turn();
    EXPECT_THAT(client->received(), IsEmpty());
    stage.commit();
    EXPECT_THAT(client->received(),
                ElementsAre("PUBACK 1", "PUBACK 2 0x87", "PUBREC 3", "PUBREC 4 0x87"));
}

TEST(Publish, what_a_device_may_not_is_refused_and_never_silently) {
    Stage stage;
    auto five = device(stage);
    five->publish("vigil/d2/telemetry", "1", 1, 1);
    stage.turn();
    EXPECT_THAT(five->received(), ElementsAre("PUBACK 1 0x87"));
    five->publish("vigil/d2/telemetry", "1");
    EXPECT_THAT(five->received(), ElementsAre("DISCONNECT 0x87"));
    EXPECT_TRUE(five->closed);
    auto three = device(stage, Version::v3_1_1);
    three->publish("vigil/d2/telemetry", "1", 1, 1);
    EXPECT_THAT(three->received(), IsEmpty());
    EXPECT_TRUE(three->closed);
    EXPECT_TRUE(stage.log.buffered.empty());
    EXPECT_EQ(stage.broker().statistics().publish_refused, 3U);
}

TEST(Publish, the_gatekeeper_is_asked_once_a_topic_until_rights_change) {
    Stage stage;
    auto client = device(stage);
    for (std::uint16_t i = 1; i <= 3; ++i) client->publish("vigil/d1/telemetry", "1", 1, i);
    EXPECT_EQ(stage.gatekeeper.asked, 1);
    stage.gatekeeper.forbidden_topics.insert("vigil/d1/telemetry");
    ++stage.gatekeeper.generation_now;
    client->publish("vigil/d1/telemetry", "1", 1, 4);
    stage.commit();
    EXPECT_THAT(client->received(),
                ElementsAre("PUBACK 1", "PUBACK 2", "PUBACK 3", "PUBACK 4 0x87"));
}

TEST(Publish, topics_have_bounds) {
    Stage stage;
    auto client = stage.connected("a");
    client->publish(std::string(1024, 't'), "1", 1, 1);
    client->publish(std::string(1025, 't'), "1", 1, 2);
    std::string deep = "0";
    for (int i = 0; i < 32; ++i) deep += "/";
    client->publish(deep, "1", 1, 3);
    stage.commit();
    EXPECT_THAT(client->received(), ElementsAre("PUBACK 1 0x10", "PUBACK 2 0x90", "PUBACK 3 0x90"));
}

TEST(Publish, more_than_the_receive_maximum_ends_the_connection) {
    BrokerLimits limits;
    limits.receive_maximum = 2;
    Stage stage(limits);
    auto client = stage.connected("a");
    client->publish("x/telemetry", "1", 1, 1);
    client->publish("x/telemetry", "2", 2, 2);
    stage.commit();
    client->received();
    client->publish("x/telemetry", "3", 1, 3);
    EXPECT_FALSE(client->closed);  // the first has been acknowledged, the second has not
    client->publish("x/telemetry", "4", 1, 4);
    EXPECT_THAT(client->received(), ElementsAre("DISCONNECT 0x93"));
}

TEST(Publish, a_3_1_1_client_is_read_no_faster_than_it_is_acknowledged) {
    BrokerLimits limits;
    limits.receive_maximum = 2;
    Stage stage(limits);
    auto client = stage.connected("a", true, 0, Version::v3_1_1);
    for (std::uint16_t i = 1; i <= 3; ++i) client->publish("x/telemetry", "1", 1, i);
    EXPECT_FALSE(client->reading);
    stage.commit();
    EXPECT_TRUE(client->reading);
    stage.commit();
    EXPECT_THAT(client->received(), ElementsAre("PUBACK 1", "PUBACK 2", "PUBACK 3"));
}

TEST(Publish, a_log_that_is_behind_slows_publishers_and_nobody_else) {
    Stage stage;
    auto publisher = stage.connected("a");
    auto reader = stage.connected("b");
    stage.log.extra_pending_bytes = 33 << 20;
    publisher->publish("x/telemetry", "1", 1, 1);
    reader->send(mqtt::Pingreq{});
    EXPECT_FALSE(publisher->reading);
    EXPECT_TRUE(reader->reading);
    publisher->publish("x/telemetry", "2", 1, 2);
    EXPECT_EQ(stage.inbound.exchanges.size(), 1U);  // kept unread
    stage.log.extra_pending_bytes = 0;
    stage.commit();
    EXPECT_TRUE(publisher->reading);
    EXPECT_EQ(stage.inbound.exchanges.size(), 2U);
    stage.commit();
    EXPECT_THAT(publisher->received(), ElementsAre("PUBACK 1", "PUBACK 2"));
}

mqtt::Publish aliased(std::string_view topic, std::uint16_t alias) {
    mqtt::Publish out;
    out.topic = topic;
    out.payload = "1";
    out.properties.topic_alias = alias;
    return out;
}

TEST(TopicAlias, stands_for_the_topic_it_was_given_with) {
    Stage stage;
    auto nurse = stage.connected("nurse");
    nurse->subscribe("#");
    nurse->received();
    auto client = stage.connected("a");
    client->send(aliased("one", 1));
    client->send(aliased("sixteen", 16));
    client->send(aliased("", 1));
    client->send(aliased("other", 1));
    client->send(aliased("", 1));
    stage.turn();
    EXPECT_THAT(nurse->received(),
                ElementsAre("PUBLISH one 1 q0", "PUBLISH sixteen 1 q0", "PUBLISH one 1 q0",
                            "PUBLISH other 1 q0", "PUBLISH other 1 q0"));
}

TEST(TopicAlias, outside_the_announced_range_is_invalid) {
    Stage stage;
    auto client = stage.connected("a");
    client->send(aliased("t", 17));
    EXPECT_THAT(client->received(), ElementsAre("DISCONNECT 0x94"));
    auto zero = stage.connected("b");
    zero->bytes("\x30\x08\x00\x01t\x03\x23\x00\x00x"s);
    EXPECT_THAT(zero->received(), ElementsAre("DISCONNECT 0x94"));
}

TEST(TopicAlias, does_not_outlive_its_connection) {
    Stage stage;
    auto client = stage.connected("a", true, 60);
    client->send(aliased("t", 1));
    client->drop();
    auto again = stage.connected("a", false, 60);
    again->send(aliased("", 1));
    EXPECT_THAT(again->received(), ElementsAre("DISCONNECT 0x82"));
}

TEST(Publish, a_subscription_identifier_from_a_client_is_a_protocol_error) {
    Stage stage;
    auto client = stage.connected("a");
    client->bytes("\x30\x07\x00\x01t\x02\x0B\x01x"s);
    EXPECT_THAT(client->received(), ElementsAre("DISCONNECT 0x82"));
}

TEST(Publish, inbound_hears_of_devices_coming_and_going) {
    Stage stage;
    auto client = device(stage);
    client->send(mqtt::Disconnect{});
    EXPECT_THAT(stage.inbound.presence, ElementsAre("+d1", "-d1"));
}

}  // namespace
}  // namespace vigil::broker

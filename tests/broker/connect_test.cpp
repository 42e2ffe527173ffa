// CONNECT, CONNACK, keep alive and the end of connections.
#include "broker/stage.hpp"

namespace vigil::broker {
namespace {

using mqtt::Connack;
using mqtt::Version;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::string_literals;
using std::chrono::seconds;

std::vector<std::string> answer_to(Stage& stage, const mqtt::Connect& connect) {
    auto client = stage.client(connect.version);
    client->send(connect);
    return client->received();
}

TEST(Connect, is_answered_before_anything_else) {
    for (const auto version : {Version::v3_1_1, Version::v5}) {
        Stage stage;
        auto client = stage.client(version);
        std::string pipelined;
        mqtt::encode(connect_packet("a", true, 0, version), pipelined);
        mqtt::encode(mqtt::Pingreq{}, version, pipelined);
        client->bytes(pipelined);
        EXPECT_THAT(client->received(), ElementsAre("CONNACK", "PINGRESP"));
        EXPECT_FALSE(client->closed);
    }
}

TEST(Connect, must_be_the_first_packet) {
    Stage stage;
    auto client = stage.client();
    client->send(mqtt::Pingreq{});
    EXPECT_THAT(client->received(), IsEmpty());
    EXPECT_TRUE(client->closed);
}

TEST(Connect, a_second_one_is_a_protocol_error) {
    Stage stage;
    auto client = stage.connected("a");
    client->send(connect_packet("a"));
    EXPECT_THAT(client->received(), ElementsAre("DISCONNECT 0x82"));
    EXPECT_TRUE(client->closed);
    auto old = stage.connected("b", true, 0, Version::v3_1_1);
    old->send(connect_packet("b", true, 0, Version::v3_1_1));
    EXPECT_THAT(old->received(), IsEmpty());
    EXPECT_TRUE(old->closed);
}

TEST(Connect, of_another_protocol_or_version_is_told_so) {
    Stage stage;
    auto newer = stage.client(Version::v5);
    newer->bytes("\x10\x0E\x00\x04MQTT\x06\x02\x00\x00\x00\x00\x01\x61"s);
    EXPECT_THAT(newer->received(), ElementsAre("CONNACK 0x84"));
    EXPECT_TRUE(newer->closed);
    auto older = stage.client(Version::v3_1_1);
    older->bytes("\x10\x0F\x00\x06MQIsdp\x03\x02\x00\x00\x00\x01\x61"s);
    EXPECT_THAT(older->received(), ElementsAre("CONNACK 0x84"));
    EXPECT_TRUE(older->closed);
}

TEST(Connect, malformed_is_closed_with_a_reason_in_5_and_without_a_word_in_3_1_1) {
    Stage stage;
    auto five = stage.client(Version::v5);
    five->bytes("\x10\x0E\x00\x04MQTT\x05\x03\x00\x00\x00\x00\x01\x61"s);
    EXPECT_THAT(five->received(), ElementsAre("CONNACK 0x81"));
    EXPECT_TRUE(five->closed);
    auto three = stage.client(Version::v3_1_1);
    three->bytes("\x10\x0D\x00\x04MQTT\x04\x03\x00\x00\x00\x01\x61"s);
    EXPECT_THAT(three->received(), IsEmpty());
    EXPECT_TRUE(three->closed);
}

TEST(Connect, a_refused_one_is_closed_and_what_follows_it_ignored) {
    Stage stage;
    auto connect = connect_packet("a");
    connect.user_name = "staff";
    connect.password = "wrong";
    auto client = stage.client();
    std::string bytes;
    mqtt::encode(connect, bytes);
    mqtt::encode(mqtt::Pingreq{}, Version::v5, bytes);
    client->bytes(bytes);
    EXPECT_THAT(client->received(), ElementsAre("CONNACK 0x86"));
    EXPECT_FALSE(client->last<Connack>().session_present);
    EXPECT_TRUE(client->closed);
    EXPECT_THAT(stage.inbound.presence, IsEmpty());
    EXPECT_EQ(stage.broker().statistics().connects_refused, 1U);
}

TEST(Connect, the_gatekeeper_s_refusals_have_their_reason_codes) {
    Stage stage;
    stage.gatekeeper.refusal = Error::Kind::busy;
    EXPECT_THAT(answer_to(stage, connect_packet("a")), ElementsAre("CONNACK 0x97"));
    stage.gatekeeper.refusal = Error::Kind::internal;
    EXPECT_THAT(answer_to(stage, connect_packet("a")), ElementsAre("CONNACK 0x88"));
    EXPECT_THAT(answer_to(stage, connect_packet("a", true, 0, Version::v3_1_1)),
                ElementsAre("CONNACK 0x88"));
}

TEST(Connect, credentials_reach_the_gatekeeper_whole) {
    Stage stage;
    auto connect = connect_packet("a");
    connect.user_name = "d1";
    const auto token = "\0t"s;
    connect.password = token;
    session::Peer peer;
    peer.certificate_pem = "PEM";
    Client client(stage, Version::v5, peer);
    client.send(connect);
    ASSERT_EQ(stage.gatekeeper.seen.size(), 1U);
    EXPECT_EQ(stage.gatekeeper.seen[0].client_identifier, "a");
    EXPECT_EQ(stage.gatekeeper.seen[0].user_name, "d1");
    EXPECT_EQ(stage.gatekeeper.seen[0].password, "\0t"s);
    EXPECT_EQ(stage.gatekeeper.seen[0].peer.certificate_pem, "PEM");
}

TEST(Connect, waits_for_a_slow_gatekeeper_without_reading_on) {
    Stage stage;
    stage.gatekeeper.asynchronous = true;
    auto client = stage.client();
    std::string bytes;
    mqtt::encode(connect_packet("a"), bytes);
    mqtt::encode(mqtt::Pingreq{}, Version::v5, bytes);
    client->bytes(bytes);
    EXPECT_THAT(client->received(), IsEmpty());
    EXPECT_FALSE(client->reading);
    stage.gatekeeper.waiting.at(0)();
    stage.turn();
    EXPECT_THAT(client->received(), ElementsAre("CONNACK", "PINGRESP"));
    EXPECT_TRUE(client->reading);
}

TEST(Connect, an_answer_for_a_connection_that_is_gone_is_ignored) {
    Stage stage;
    stage.gatekeeper.asynchronous = true;
    auto client = stage.client();
    client->send(connect_packet("a"));
    client.reset();
    stage.gatekeeper.waiting.at(0)();
    EXPECT_EQ(stage.broker().sessions(), 0U);
}

TEST(Connect, a_client_without_identifier_is_given_one) {
    Stage stage;
    auto one = stage.client(), other = stage.client();
    one->send(connect_packet(""));
    other->send(connect_packet(""));
    EXPECT_THAT(one->received(), ElementsAre("CONNACK"));
    EXPECT_THAT(other->received(), ElementsAre("CONNACK"));
    const auto first = one->last<Connack>().properties.assigned_client_identifier;
    const auto second = other->last<Connack>().properties.assigned_client_identifier;
    ASSERT_TRUE(first && second);
    EXPECT_NE(*first, *second);
    EXPECT_FALSE(one->closed || other->closed);
    auto named = stage.client();
    named->send(connect_packet("a"));
    named->received();
    EXPECT_FALSE(named->last<Connack>().properties.assigned_client_identifier);
}

TEST(Connect, a_3_1_1_client_without_identifier_must_ask_for_a_clean_session) {
    Stage stage;
    EXPECT_THAT(answer_to(stage, connect_packet("", true, 0, Version::v3_1_1)),
                ElementsAre("CONNACK"));
    auto client = stage.client(Version::v3_1_1);
    client->send(connect_packet("", false, 0, Version::v3_1_1));
    EXPECT_THAT(client->received(), ElementsAre("CONNACK 0x85"));
    EXPECT_TRUE(client->closed);
}

TEST(Connect, identifiers_of_all_lengths_up_to_the_bound_are_taken) {
    Stage stage;
    const std::string letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (std::size_t size = 1; size <= 23; ++size)
        EXPECT_THAT(answer_to(stage, connect_packet(letters.substr(3 * size % 39, size))),
                    ElementsAre("CONNACK"));
    EXPECT_THAT(answer_to(stage, connect_packet(std::string(256, 'x'))), ElementsAre("CONNACK"));
    EXPECT_THAT(answer_to(stage, connect_packet(std::string(257, 'x'))),
                ElementsAre("CONNACK 0x85"));
    EXPECT_THAT(answer_to(stage, connect_packet(std::string(257, 'x'), true, 0, Version::v3_1_1)),
                ElementsAre("CONNACK 0x85"));
}

TEST(Connect, connack_tells_the_bounds) {
    Stage stage;
    auto connect = connect_packet("a", true, 0xFFFFFFFF);
    connect.keep_alive = 65535;
    auto client = stage.client();
    client->send(connect);
    client->received();
    const auto& properties = client->last<Connack>().properties;
    EXPECT_EQ(properties.receive_maximum, 1024);
    EXPECT_EQ(properties.maximum_packet_size, 1U << 20);
    EXPECT_EQ(properties.topic_alias_maximum, 16);
    EXPECT_EQ(properties.server_keep_alive, 3600);
    EXPECT_EQ(properties.session_expiry_interval, 7U * 24 * 3600);
    EXPECT_FALSE(properties.maximum_qos || properties.retain_available ||
                 properties.wildcard_subscription_available ||
                 properties.shared_subscription_available ||
                 properties.subscription_identifier_available);  // absent: everything is there
}

TEST(Connect, connack_leaves_out_what_the_client_takes_no_room_for) {
    Stage stage;
    auto connect = connect_packet("a");
    connect.will = mqtt::Will{};
    connect.will->topic = "secret/x";
    auto client = stage.client();
    client->send(connect);
    EXPECT_THAT(client->received(), ElementsAre("CONNACK 0x87"));
    EXPECT_TRUE(client->last<Connack>().properties.reason_string);
    connect.properties.maximum_packet_size = 20;
    auto small = stage.client();
    small->send(connect);
    EXPECT_THAT(small->received(), ElementsAre("CONNACK 0x87"));
    EXPECT_FALSE(small->last<Connack>().properties.reason_string);
}

TEST(Connect, response_information_only_on_request) {
    Stage stage;
    auto connect = connect_packet("a");
    connect.user_name = "d1";
    auto client = stage.client();
    client->send(connect);
    client->received();
    EXPECT_FALSE(client->last<Connack>().properties.response_information);
    connect.properties.request_response_information = 1;
    auto curious = stage.client();
    curious->send(connect);
    curious->received();
    EXPECT_EQ(curious->last<Connack>().properties.response_information, "vigil/d1/");
}

TEST(Connect, enhanced_authentication_is_refused) {
    Stage stage;
    auto connect = connect_packet("a");
    connect.properties.authentication_method = "SCRAM-SHA-256";
    auto client = stage.client();
    client->send(connect);
    EXPECT_THAT(client->received(), ElementsAre("CONNACK 0x8C"));
    EXPECT_TRUE(client->closed);
    EXPECT_FALSE(client->last<Connack>().properties.authentication_method);
}

TEST(Connect, auth_without_a_method_is_a_protocol_error) {
    Stage stage;
    auto client = stage.connected("a");
    client->send(mqtt::Auth{mqtt::ReasonCode::reauthenticate, {}});
    EXPECT_THAT(client->received(), ElementsAre("DISCONNECT 0x82"));
    EXPECT_TRUE(client->closed);
}

TEST(Connect, silence_before_connect_is_bounded) {
    Stage stage;
    auto client = stage.client();
    client->bytes("\x10");
    stage.pass(seconds(10));
    EXPECT_TRUE(client->closed);
}

TEST(Connect, too_many_connections_or_sessions_are_refused) {
    BrokerLimits limits;
    limits.connections_max = 1;
    Stage stage(limits);
    auto first = stage.connected("a");
    EXPECT_THAT(answer_to(stage, connect_packet("b")), ElementsAre("CONNACK 0x89"));
    limits = {};
    limits.sessions_max = 1;
    Stage small(limits);
    auto only = small.connected("a");
    EXPECT_THAT(answer_to(small, connect_packet("b")), ElementsAre("CONNACK 0x97"));
}

TEST(KeepAlive, one_and_a_half_times_its_length_without_a_packet_ends_the_connection) {
    for (const auto version : {Version::v3_1_1, Version::v5}) {
        Stage stage;
        auto connect = connect_packet("a", true, 0, version);
        connect.keep_alive = 10;
        auto client = stage.connected(connect);
        stage.pass(seconds(14));
        client->send(mqtt::Pingreq{});
        stage.pass(seconds(14));
        EXPECT_FALSE(client->closed);
        EXPECT_THAT(client->received(), ElementsAre("PINGRESP"));
        stage.pass(seconds(1));
        EXPECT_TRUE(client->closed);
        if (version == Version::v5) EXPECT_THAT(client->received(), ElementsAre("DISCONNECT 0x8D"));
    }
}

TEST(KeepAlive, of_0_is_off_in_3_1_1_and_the_server_s_own_in_5) {
    Stage stage;
    auto old = stage.connected("a", true, 0, Version::v3_1_1);
    auto client = stage.client();
    client->send(connect_packet("b"));
    client->received();
    EXPECT_EQ(client->last<Connack>().properties.server_keep_alive, 3600);
    stage.pass(seconds(3600 * 3 / 2));
    EXPECT_FALSE(old->closed);
    EXPECT_TRUE(client->closed);
}

TEST(Disconnect, malformed_packets_end_the_connection_with_their_reason) {
    Stage stage;
    auto client = stage.connected("a");
    client->bytes("\xC1\x00"s);
    EXPECT_THAT(client->received(), ElementsAre("DISCONNECT 0x81"));
    EXPECT_TRUE(client->closed);
    EXPECT_FALSE(client->last<mqtt::Disconnect>().properties.session_expiry_interval);
    auto old = stage.connected("b", true, 0, Version::v3_1_1);
    old->bytes("\xC1\x00"s);
    EXPECT_THAT(old->received(), IsEmpty());
    EXPECT_TRUE(old->closed);
}

TEST(Disconnect, nothing_follows_it) {
    Stage stage;
    auto client = stage.connected("a");
    client->publish("x/telemetry", "1", 1, 1);
    client->bytes("\xE1\x00\xC0\x00"s);
    stage.commit();
    EXPECT_THAT(client->received(), ElementsAre("DISCONNECT 0x81"));
}

TEST(Disconnect, packets_that_only_servers_send_are_protocol_errors) {
    Stage stage;
    for (const mqtt::Packet& packet :
         {mqtt::Packet(mqtt::Connack{}), mqtt::Packet(mqtt::Suback{1, {}, {}}),
          mqtt::Packet(mqtt::Unsuback{1, {}, {}}), mqtt::Packet(mqtt::Pingresp{})}) {
        auto client = stage.connected("a");
        client->send(packet);
        EXPECT_THAT(client->received(), ElementsAre("DISCONNECT 0x82"));
        EXPECT_TRUE(client->closed);
    }
}

TEST(Disconnect, its_reason_string_is_left_out_where_the_client_takes_no_such_packet) {
    Stage stage;
    auto connect = connect_packet("a");
    connect.properties.maximum_packet_size = 16;
    auto client = stage.client();
    client->send(connect);
    client->received();
    client->bytes("\xC1\x00"s);
    EXPECT_THAT(client->received(), ElementsAre("DISCONNECT 0x81"));
    EXPECT_FALSE(client->last<mqtt::Disconnect>().properties.reason_string);
}

TEST(Disconnect, a_packet_over_the_announced_size_is_told_so) {
    BrokerLimits limits;
    limits.packet_bytes_max = 100;
    Stage stage(limits);
    auto client = stage.connected("a");
    client->publish("t", std::string(100, 'x'));
    EXPECT_THAT(client->received(), ElementsAre("DISCONNECT 0x95"));
    EXPECT_TRUE(client->closed);
}

TEST(Disconnect, a_principal_whose_rights_ended_is_sent_away) {
    Stage stage;
    auto connect = connect_packet("a");
    connect.user_name = "d1";
    auto device = stage.connected(connect);
    auto other = stage.connected("b");
    stage.broker().disconnect(Principal::Kind::device, "d1",
                              mqtt::ReasonCode::administrative_action);
    stage.turn();
    EXPECT_THAT(device->received(), ElementsAre("DISCONNECT 0x98"));
    EXPECT_TRUE(device->closed);
    EXPECT_FALSE(other->closed);
}

TEST(Disconnect, reaches_who_was_just_let_in_but_is_not_connected_yet) {
    Stage stage;
    stage.gatekeeper.asynchronous = true;
    auto connect = connect_packet("a");
    connect.user_name = "d1";
    auto device = stage.client();
    device->send(connect);
    stage.gatekeeper.waiting.at(0)();
    stage.broker().disconnect(Principal::Kind::device, "d1", mqtt::ReasonCode::not_authorized);
    stage.turn();
    EXPECT_THAT(device->received(), IsEmpty()) << "no CONNACK that says welcome";
    EXPECT_TRUE(device->closed);
}

}  // namespace
}  // namespace vigil::broker

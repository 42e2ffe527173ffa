// Sessions, take-over, expiry and wills.
#include "broker/stage.hpp"

namespace vigil::broker {
namespace {

using mqtt::Version;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

std::unique_ptr<Client> watcher(Stage& stage) {
    auto nurse = stage.connected("nurse");
    nurse->subscribe("#", 1);
    nurse->received();
    return nurse;
}

mqtt::Connect with_will(std::string_view identifier, std::uint32_t delay_s = 0,
                        std::uint32_t expiry_s = 0, Version version = Version::v5) {
    auto connect = connect_packet(identifier, true, expiry_s, version);
    connect.will = mqtt::Will{};
    connect.will->topic = "will";
    connect.will->payload = "gone";
    if (delay_s > 0) connect.will->properties.will_delay_interval = delay_s;
    return connect;
}

TEST(Session, is_resumed_where_it_was_kept_and_new_where_not) {
    Stage stage;
    auto first = stage.client();
    first->send(connect_packet("a", false, 60));
    EXPECT_THAT(first->received(), ElementsAre("CONNACK"));
    first->drop();
    auto second = stage.client();
    second->send(connect_packet("a", false, 60));
    EXPECT_THAT(second->received(), ElementsAre("CONNACK present"));
    second->drop();
    auto third = stage.client();
    third->send(connect_packet("a", true, 60));
    EXPECT_THAT(third->received(), ElementsAre("CONNACK"));
}

TEST(Session, of_3_1_1_stays_unless_it_is_clean) {
    Stage stage;
    const auto connect = [&](bool clean) {
        auto client = stage.client(Version::v3_1_1);
        client->send(connect_packet("a", clean, 0, Version::v3_1_1));
        return client->received();
    };
    EXPECT_THAT(connect(false), ElementsAre("CONNACK"));
    EXPECT_THAT(connect(false), ElementsAre("CONNACK present"));
    EXPECT_THAT(connect(true), ElementsAre("CONNACK"));
    EXPECT_THAT(connect(false), ElementsAre("CONNACK"));
}

TEST(Session, ends_with_its_connection_where_nothing_else_was_asked_for) {
    Stage stage;
    auto client = stage.connected("a");
    client->subscribe("t", 1);
    client->drop();
    EXPECT_EQ(stage.broker().sessions(), 0U);
}

TEST(Session, expires) {
    Stage stage;
    auto client = stage.connected("a", true, 60);
    stage.pass(seconds(100));
    EXPECT_EQ(stage.broker().sessions(), 1U);  // not while it is connected
    client->drop();
    stage.pass(seconds(59));
    EXPECT_EQ(stage.broker().sessions(), 1U);
    stage.pass(seconds(1));
    EXPECT_EQ(stage.broker().sessions(), 0U);
}

TEST(Session, disconnect_may_change_its_expiry_but_not_from_0) {
    Stage stage;
    auto client = stage.connected("a", true, 60);
    mqtt::Disconnect packet;
    packet.properties.session_expiry_interval = 10;
    client->send(packet);
    EXPECT_TRUE(client->closed);
    stage.pass(seconds(10));
    EXPECT_EQ(stage.broker().sessions(), 0U);
    auto fleeting = stage.connected("b");
    fleeting->send(packet);
    EXPECT_THAT(fleeting->received(), ElementsAre("DISCONNECT 0x82"));
}

TEST(Session, is_taken_over_by_a_second_connection) {
    Stage stage;
    auto first = stage.connected("a", true, 60);
    auto second = stage.client();
    second->send(connect_packet("a", false, 60));
    stage.turn();
    EXPECT_THAT(first->received(), ElementsAre("DISCONNECT 0x8E"));
    EXPECT_TRUE(first->closed);
    EXPECT_THAT(second->received(), ElementsAre("CONNACK present"));
    second->send(mqtt::Pingreq{});
    EXPECT_THAT(second->received(), ElementsAre("PINGRESP"));
    auto old = stage.connected("b", false, 0, Version::v3_1_1);
    auto other = stage.connected("b", false, 0, Version::v3_1_1);
    stage.turn();
    EXPECT_THAT(old->received(), IsEmpty());
    EXPECT_TRUE(old->closed);
    EXPECT_FALSE(other->closed);
}

TEST(Session, a_client_identifier_belongs_to_who_uses_it) {
    Stage stage;
    auto mine = connect_packet("same", true, 60), theirs = connect_packet("same", false, 60);
    mine.user_name = "d1";
    theirs.user_name = "d2";
    auto first = stage.connected(mine);
    auto second = stage.client();
    second->send(theirs);
    stage.turn();
    EXPECT_THAT(second->received(), ElementsAre("CONNACK"));
    EXPECT_FALSE(first->closed);
}

TEST(Session, keeps_qos_1_and_2_for_a_client_that_is_away) {
    for (const auto version : {Version::v3_1_1, Version::v5}) {
        Stage stage;
        auto nurse = stage.connected("nurse", false, 60, version);
        nurse->subscribe("#", 2);
        stage.commit();
        nurse->drop();
        auto client = stage.connected("a");
        client->publish("note", "0", 0);
        client->publish("note", "1", 1, 1);
        client->publish("x/telemetry", "2", 2, 2);
        stage.commit();
        auto back = stage.client(version);
        back->send(connect_packet("nurse", false, 60, version));
        stage.settle();
        EXPECT_THAT(back->received(), ElementsAre("CONNACK present", "PUBLISH note 1 q1 #1",
                                                  "PUBLISH x/telemetry 2 q2 #2"));
    }
}

TEST(Will, without_delay_is_published_when_the_connection_breaks) {
    for (const auto version : {Version::v3_1_1, Version::v5}) {
        Stage stage;
        auto nurse = watcher(stage);
        auto client = stage.connected(with_will("a", 0, 0, version));
        client->drop();
        stage.commit();
        EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH will gone q0"));
    }
}

TEST(Will, is_discarded_by_a_normal_disconnect_and_only_by_that) {
    Stage stage;
    auto nurse = watcher(stage);
    auto polite = stage.connected(with_will("a"));
    polite->send(mqtt::Disconnect{});
    auto old = stage.connected(with_will("b", 0, 0, Version::v3_1_1));
    old->send(mqtt::Disconnect{});
    stage.commit();
    EXPECT_THAT(nurse->received(), IsEmpty());
    auto asking = stage.connected(with_will("c"));
    asking->send(mqtt::Disconnect{mqtt::ReasonCode::disconnect_with_will_message, {}});
    stage.commit();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH will gone q0"));
    auto broken = stage.connected(with_will("d"));
    broken->bytes("\xC1");
    broken->bytes(std::string_view("\0", 1));
    stage.commit();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH will gone q0"));
}

TEST(Will, a_client_without_one_leaves_none) {
    Stage stage;
    auto nurse = watcher(stage);
    auto client = stage.connected("a");
    client->drop();
    stage.commit();
    EXPECT_THAT(nurse->received(), IsEmpty());
}

TEST(Will, waits_for_its_delay_and_is_dropped_if_the_client_comes_back) {
    Stage stage;
    auto nurse = watcher(stage);
    auto client = stage.connected(with_will("a", 10, 60));
    client->drop();
    stage.pass(seconds(9));
    stage.commit();
    EXPECT_THAT(nurse->received(), IsEmpty());
    auto back = stage.connected("a", false, 60);
    stage.pass(seconds(10));
    stage.commit();
    EXPECT_THAT(nurse->received(), IsEmpty());
    back->drop();
    auto again = stage.connected(with_will("b", 10, 60));
    again->drop();
    stage.pass(seconds(10));
    stage.commit();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH will gone q0"));
}

TEST(Will, is_published_when_the_session_ends_before_its_delay) {
    Stage stage;
    auto nurse = watcher(stage);
    auto client = stage.connected(with_will("a", 100, 5));
    client->drop();
    stage.pass(seconds(5));
    stage.commit();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH will gone q0"));
    auto other = stage.connected(with_will("b", 100, 60));
    other->drop();
    auto clean = stage.connected("b", true);
    stage.commit();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH will gone q0"));
}

TEST(Will, without_delay_is_published_on_take_over) {
    Stage stage;
    auto nurse = watcher(stage);
    auto first = stage.connected(with_will("a", 0, 60));
    auto second = stage.connected("a", false, 60);
    stage.commit();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH will gone q0"));
}

TEST(Will, is_published_once) {
    Stage stage;
    auto nurse = watcher(stage);
    auto client = stage.connected(with_will("a", 0, 60));
    client->drop();
    stage.commit();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH will gone q0"));
    stage.pass(seconds(61));
    stage.commit();
    EXPECT_THAT(nurse->received(), IsEmpty());
}

TEST(Will, retain_and_properties_are_as_it_said) {
    Stage stage;
    auto nurse = watcher(stage);
    auto connect = with_will("a");
    connect.will->retain = true;
    connect.will->qos = 1;
    connect.will->properties.content_type = "text/plain";
    std::string users;
    mqtt::UserProperties::add(users, "b", "1");
    mqtt::UserProperties::add(users, "a", "2");
    connect.will->properties.user_properties = mqtt::UserProperties(users);
    auto client = stage.connected(connect);
    client->drop();
    stage.commit();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH will gone q1 #1"));
    const auto& properties = nurse->last<mqtt::Publish>().properties;
    EXPECT_EQ(properties.content_type, "text/plain");
    EXPECT_EQ(properties.user_properties, mqtt::UserProperties(users));
    EXPECT_EQ(stage.broker().retained_messages(), 1U);
    auto plain = stage.connected(with_will("b"));
    plain->drop();
    stage.commit();
    EXPECT_EQ(stage.broker().retained_messages(), 1U);
}

TEST(Will, on_a_topic_that_is_not_allowed_refuses_the_connect) {
    Stage stage;
    auto connect = with_will("a");
    connect.will->topic = "secret/x";
    auto client = stage.client();
    client->send(connect);
    EXPECT_THAT(client->received(), ElementsAre("CONNACK 0x87"));
    EXPECT_TRUE(client->closed);
}

}  // namespace
}  // namespace vigil::broker

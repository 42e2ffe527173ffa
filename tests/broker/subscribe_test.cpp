// SUBSCRIBE, UNSUBSCRIBE and who gets what: routing, options, retained messages.
#include "broker/stage.hpp"

namespace vigil::broker {
namespace {

using mqtt::Version;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

mqtt::Subscribe subscribe_packet(std::vector<mqtt::SubscribeFilter> filters) {
    mqtt::Subscribe out;
    out.packet_identifier = 11;
    out.filters = std::move(filters);
    return out;
}

TEST(Subscribe, each_filter_has_its_answer_in_order) {
    Stage stage;
    auto connect = connect_packet("a");
    connect.user_name = "d1";
    auto client = stage.connected(connect);
    client->send(subscribe_packet({{"vigil/d1/#", 2, false, false, 0},
                                   {"vigil/d2/#", 1, false, false, 0},
                                   {"vigil/d1/a#", 1, false, false, 0},
                                   {"vigil/d1/+", 1, false, false, 0},
                                   {"vigil/d1/x", 0, false, false, 0}}));
    EXPECT_THAT(client->received(), ElementsAre("SUBACK 11 0x02 0x87 0x8F 0x01 0x00"));
    auto old = stage.connected("b", true, 0, Version::v3_1_1);
    old->send(subscribe_packet({{"a", 2, false, false, 0}, {"secret/x", 1, false, false, 0}}));
    EXPECT_THAT(old->received(), ElementsAre("SUBACK 11 0x02 0x80"));
}

TEST(Subscribe, has_bounds) {
    BrokerLimits limits;
    limits.subscriptions_max = 2;
    Stage stage(limits);
    auto client = stage.connected("a");
    const std::string deep = "+" + std::string(32, '/');
    client->send(subscribe_packet({{"a", 0, false, false, 0},
                                   {deep, 0, false, false, 0},
                                   {"b", 0, false, false, 0},
                                   {"c", 0, false, false, 0},
                                   {"a", 1, false, false, 0}}));
    EXPECT_THAT(client->received(), ElementsAre("SUBACK 11 0x00 0x8F 0x00 0x97 0x01"));
}

TEST(Subscribe, again_to_the_same_filter_replaces_the_subscription) {
    Stage stage;
    auto nurse = stage.connected("nurse"), other = stage.connected("other");
    for (auto* client : {nurse.get(), other.get()}) {
        client->subscribe("t", 2);
        client->subscribe("t", 0);
        client->received();
    }
    auto client = stage.connected("a");
    client->publish("t", "1", 2, 1);
    stage.settle();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH t 1 q0"));
    EXPECT_THAT(other->received(), ElementsAre("PUBLISH t 1 q0"));
}

TEST(Subscribe, of_a_session_that_stays_is_answered_once_it_is_durable) {
    Stage stage;
    auto client = stage.connected("a", true, 60);
    client->subscribe("t", 1);
    stage.turn();
    EXPECT_THAT(client->received(), IsEmpty());
    stage.commit();
    EXPECT_THAT(client->received(), ElementsAre("SUBACK 1 0x01"));
}

TEST(Routing, qos_is_the_lesser_of_the_message_s_and_the_granted) {
    Stage stage;
    auto low = stage.connected("low"), high = stage.connected("high");
    low->subscribe("t", 0);
    high->subscribe("t", 2);
    low->received(), high->received();
    auto client = stage.connected("a");
    client->publish("t", "1", 1, 1);
    client->publish("t", "2", 0);
    client->publish("t", "3", 2, 2);
    stage.commit();
    EXPECT_THAT(low->received(), ElementsAre("PUBLISH t 1 q0", "PUBLISH t 2 q0", "PUBLISH t 3 q0"));
    EXPECT_THAT(high->received(),
                ElementsAre("PUBLISH t 1 q1 #1", "PUBLISH t 2 q0", "PUBLISH t 3 q2 #2"));
}

TEST(Routing, dup_and_retain_of_the_incoming_packet_are_not_passed_on) {
    Stage stage;
    auto nurse = stage.connected("nurse");
    nurse->subscribe("t", 1);
    nurse->received();
    auto client = stage.connected("a");
    client->publish("t", "1", 1, 1, true, true);
    stage.commit();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH t 1 q1 #1"));
}

TEST(Routing, overlapping_subscriptions_yield_one_message_at_the_highest_qos_with_all_identifiers) {
    Stage stage;
    auto nurse = stage.connected("nurse");
    auto subscribe = subscribe_packet({{"a/#", 0, false, false, 0}});
    std::string seven, nine;
    mqtt::SubscriptionIdentifiers::add(seven, 7);
    mqtt::SubscriptionIdentifiers::add(nine, 9);
    subscribe.properties.subscription_identifiers = mqtt::SubscriptionIdentifiers(seven);
    nurse->send(subscribe);
    subscribe.filters = {{"a/+", 2, false, false, 0}};
    subscribe.properties.subscription_identifiers = mqtt::SubscriptionIdentifiers(nine);
    nurse->send(subscribe);
    nurse->received();
    auto client = stage.connected("a");
    client->publish("a/b", "1", 1, 1);
    stage.commit();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH a/b 1 q1 #1"));
    std::vector<std::uint32_t> identifiers;
    for (const auto one : nurse->last<mqtt::Publish>().properties.subscription_identifiers)
        identifiers.push_back(one);
    EXPECT_THAT(identifiers, UnorderedElementsAre(7, 9));
}

TEST(Routing, no_local_keeps_a_client_from_hearing_itself) {
    Stage stage;
    auto self = stage.connected("a"), other = stage.connected("b");
    self->send(subscribe_packet({{"t", 0, true, false, 0}}));
    other->send(subscribe_packet({{"t", 0, true, false, 0}}));
    self->received(), other->received();
    self->publish("t", "1");
    stage.turn();
    EXPECT_THAT(self->received(), IsEmpty());
    EXPECT_THAT(other->received(), ElementsAre("PUBLISH t 1 q0"));
}

TEST(Routing, properties_are_forwarded_unaltered_and_in_order_but_not_to_3_1_1) {
    Stage stage;
    auto five = stage.connected("five"), three = stage.connected("three", true, 0, Version::v3_1_1);
    five->subscribe("t");
    three->subscribe("t");
    five->received(), three->received();
    auto client = stage.connected("a");
    mqtt::Publish publish;
    publish.topic = "t";
    publish.payload = "1";
    std::string users;
    mqtt::UserProperties::add(users, "b", "1");
    mqtt::UserProperties::add(users, "a", "2");
    mqtt::UserProperties::add(users, "b", "3");
    auto& p = publish.properties;
    p.payload_format_indicator = 1;
    p.content_type = "text/plain";
    p.response_topic = "r";
    p.correlation_data = std::string_view("\0c", 2);
    p.user_properties = mqtt::UserProperties(users);
    client->send(publish);
    stage.turn();
    EXPECT_THAT(five->received(), ElementsAre("PUBLISH t 1 q0"));
    EXPECT_EQ(five->last<mqtt::Publish>().properties, p);
    EXPECT_THAT(three->received(), ElementsAre("PUBLISH t 1 q0"));
}

TEST(Routing, keeps_the_order_of_a_publisher) {
    Stage stage;
    auto nurse = stage.connected("nurse");
    nurse->subscribe("#", 1);
    nurse->received();
    auto client = stage.connected("a");
    client->publish("x/telemetry", "1", 1, 1);
    client->publish("x/telemetry", "2");
    client->publish("note", "3");  // needs no commit, but waits its turn
    client->publish("x/telemetry", "4", 1, 2);
    stage.commit(1);
    stage.commit();
    EXPECT_THAT(nurse->received(),
                ElementsAre("PUBLISH x/telemetry 1 q1 #1", "PUBLISH x/telemetry 2 q0",
                            "PUBLISH note 3 q0", "PUBLISH x/telemetry 4 q1 #2"));
}

TEST(Routing, wildcards_do_not_see_dollar_topics) {
    Stage stage;
    auto nurse = stage.connected("nurse");
    nurse->send(subscribe_packet(
        {{"#", 0, false, false, 0}, {"+/x", 0, false, false, 0}, {"$own/#", 0, false, false, 0}}));
    nurse->received();
    auto client = stage.connected("a");
    client->publish("$SYS/x", "1");
    client->publish("$own/x", "2");
    stage.turn();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH $own/x 2 q0"));
}

TEST(Unsubscribe, compares_filters_character_by_character_and_always_answers) {
    Stage stage;
    auto nurse = stage.connected("nurse");
    nurse->subscribe("a/+");
    nurse->received();
    mqtt::Unsubscribe packet;
    packet.packet_identifier = 12;
    packet.filters = {"a/b", "a/+", "a/+", "a#"};
    nurse->send(packet);
    EXPECT_THAT(nurse->received(), ElementsAre("UNSUBACK 12 0x11 0x00 0x11 0x8F"));
    auto client = stage.connected("a");
    client->publish("a/b", "1");
    stage.turn();
    EXPECT_THAT(nurse->received(), IsEmpty());
    auto old = stage.connected("b", true, 0, Version::v3_1_1);
    old->send(packet);
    EXPECT_THAT(old->received(), ElementsAre("UNSUBACK 12"));
}

TEST(Unsubscribe, lets_deliveries_that_began_be_completed) {
    Stage stage;
    auto nurse = stage.connected("nurse");
    nurse->subscribe("t", 2);
    auto client = stage.connected("a");
    client->publish("t", "1", 2, 1);
    stage.commit();
    mqtt::Unsubscribe packet;
    packet.packet_identifier = 12;
    packet.filters = {"t"};
    nurse->send(packet);
    nurse->received();
    nurse->send(mqtt::Pubrec{1, mqtt::ReasonCode::success, {}});
    EXPECT_THAT(nurse->received(), ElementsAre("PUBREL 1"));
}

TEST(Retained, are_sent_with_retain_to_new_subscriptions) {
    for (const auto version : {Version::v3_1_1, Version::v5}) {
        Stage stage;
        auto client = stage.connected("a");
        client->publish("a/b", "old", 1, 1, false, true);
        client->publish("a/b", "new", 1, 2, false, true);
        client->publish("a/b", "passing", 1, 3);
        stage.commit();
        auto nurse = stage.connected("nurse", true, 0, version);
        nurse->subscribe("a/#", 2);
        EXPECT_THAT(nurse->received(),
                    ElementsAre("SUBACK 1 0x02", "PUBLISH a/b new q1 #1 RETAIN"));
    }
}

TEST(Retained, one_on_its_way_to_the_log_is_not_missed_by_a_subscription_that_comes_between) {
    Stage stage;
    auto client = stage.connected("a");
    client->publish("t", "1", 1, 1, false, true);
    auto nurse = stage.connected("nurse");
    nurse->subscribe("t", 1);
    EXPECT_THAT(nurse->received(), IsEmpty());
    stage.commit();
    EXPECT_THAT(nurse->received(), ElementsAre("SUBACK 1 0x01", "PUBLISH t 1 q1 #1 RETAIN"));
}

TEST(Retained, an_empty_payload_removes_them_and_is_not_kept) {
    Stage stage;
    auto nurse = stage.connected("nurse");
    nurse->subscribe("t");
    auto client = stage.connected("a");
    client->publish("t", "1", 0, 0, false, true);
    stage.commit();
    EXPECT_EQ(stage.broker().retained_messages(), 1U);
    nurse->received();
    client->publish("t", "", 0, 0, false, true);
    stage.commit();
    EXPECT_EQ(stage.broker().retained_messages(), 0U);
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH t  q0"));
}

TEST(Retained, retain_handling_says_when_they_are_sent) {
    Stage stage;
    auto client = stage.connected("a");
    client->publish("t", "1", 0, 0, false, true);
    stage.commit();
    auto nurse = stage.connected("nurse");
    const auto subscribed = [&](std::uint8_t handling) {
        nurse->send(subscribe_packet({{"t", 0, false, false, handling}}));
        stage.turn();
        return nurse->received();
    };
    EXPECT_THAT(subscribed(2), ElementsAre("SUBACK 11 0x00"));
    EXPECT_THAT(subscribed(1), ElementsAre("SUBACK 11 0x00"));
    EXPECT_THAT(subscribed(0), ElementsAre("SUBACK 11 0x00", "PUBLISH t 1 q0 RETAIN"));
    auto fresh = stage.connected("fresh");
    fresh->send(subscribe_packet({{"t", 0, false, false, 1}}));
    EXPECT_THAT(fresh->received(), ElementsAre("SUBACK 11 0x00", "PUBLISH t 1 q0 RETAIN"));
}

TEST(Retained, retain_as_published_keeps_the_flag) {
    Stage stage;
    auto plain = stage.connected("plain"), keeping = stage.connected("keeping");
    plain->send(subscribe_packet({{"t", 0, false, false, 0}}));
    keeping->send(subscribe_packet({{"t", 0, false, true, 0}}));
    plain->received(), keeping->received();
    auto client = stage.connected("a");
    client->publish("t", "1", 0, 0, false, true);
    client->publish("t", "2", 0, 0, false, false);
    stage.commit();
    EXPECT_THAT(plain->received(), ElementsAre("PUBLISH t 1 q0", "PUBLISH t 2 q0"));
    EXPECT_THAT(keeping->received(), ElementsAre("PUBLISH t 1 q0 RETAIN", "PUBLISH t 2 q0"));
}

TEST(Retained, are_not_sent_to_shared_subscriptions) {
    Stage stage;
    auto client = stage.connected("a");
    client->publish("t", "1", 0, 0, false, true);
    stage.commit();
    auto nurse = stage.connected("nurse");
    nurse->subscribe("$share/g/t");
    EXPECT_THAT(nurse->received(), ElementsAre("SUBACK 1 0x00"));
}

TEST(Retained, have_bounds) {
    BrokerLimits limits;
    limits.retained_messages_max = 1;
    Stage stage(limits);
    auto client = stage.connected("a");
    client->publish("t", "1", 1, 1, false, true);
    stage.commit();
    client->publish("u", "1", 1, 2, false, true);
    client->publish("t", "2", 1, 3, false, true);
    stage.commit();
    EXPECT_THAT(client->received(), ElementsAre("PUBACK 1 0x10", "PUBACK 2 0x97", "PUBACK 3 0x10"));
}

TEST(Retained, outlive_the_session_that_published_them) {
    Stage stage;
    auto client = stage.connected("a");
    client->publish("t", "1", 1, 1, false, true);
    stage.commit();
    client->drop();
    EXPECT_EQ(stage.broker().sessions(), 0U);
    EXPECT_EQ(stage.broker().retained_messages(), 1U);
}

std::unique_ptr<Client> device(Stage& stage, const char* name) {
    auto connect = connect_packet(name);
    connect.user_name = name;
    return stage.connected(connect);
}

std::unique_ptr<Client> service(Stage& stage, const char* name, std::string_view filter) {
    auto connect = connect_packet(name);
    connect.user_name = name;
    auto client = stage.connected(connect);
    client->subscribe(filter, 1);
    stage.commit();
    client->received();
    return client;
}

TEST(Withheld, what_a_patient_does_not_agree_to_reaches_the_others_alone) {
    Stage stage;
    auto engine = service(stage, "engine", "vigil/#"),
         billing = service(stage, "billing", "vigil/#");
    auto seven = device(stage, "d7"), eight = device(stage, "d8");
    stage.gatekeeper.withheld.insert({"billing", 7});
    seven->publish("vigil/d7/telemetry", "1", 1, 1);
    eight->publish("vigil/d8/telemetry", "2", 1, 1);
    seven->publish("vigil/d7/set-clock", "3", 1, 2);
    stage.commit();
    EXPECT_THAT(engine->received(), ElementsAre("PUBLISH vigil/d7/telemetry 1 q1 #1",
                                                "PUBLISH vigil/d8/telemetry 2 q1 #2",
                                                "PUBLISH vigil/d7/set-clock 3 q1 #3"));
    EXPECT_THAT(billing->received(), ElementsAre("PUBLISH vigil/d8/telemetry 2 q1 #1",
                                                 "PUBLISH vigil/d7/set-clock 3 q1 #2"));
    EXPECT_THAT(seven->received(), ElementsAre("PUBACK 1", "PUBACK 2"));
    stage.gatekeeper.withheld.clear();
    seven->publish("vigil/d7/telemetry", "4", 1, 3);
    stage.commit();
    EXPECT_THAT(billing->received(), ElementsAre("PUBLISH vigil/d7/telemetry 4 q1 #3"));
}

TEST(Withheld, of_a_shared_subscription_those_get_it_who_may) {
    Stage stage;
    auto engine = service(stage, "engine", "$share/g/vigil/#"),
         billing = service(stage, "billing", "$share/g/vigil/#");
    auto seven = device(stage, "d7");
    stage.gatekeeper.withheld.insert({"billing", 7});
    for (std::uint16_t i = 1; i <= 3; ++i)
        seven->publish("vigil/d7/telemetry", std::to_string(i), 1, i);
    stage.commit();
    EXPECT_THAT(engine->received(), testing::SizeIs(3));
    EXPECT_THAT(billing->received(), IsEmpty());
    stage.gatekeeper.withheld.insert({"engine", 7});
    seven->publish("vigil/d7/telemetry", "4", 1, 4);
    stage.commit();
    EXPECT_THAT(engine->received(), IsEmpty());
}

TEST(Withheld, what_is_retained_is_asked_for_again) {
    Stage stage;
    auto seven = device(stage, "d7");
    seven->publish("vigil/d7/telemetry", "1", 1, 1, false, true);
    stage.commit();
    stage.gatekeeper.withheld.insert({"billing", 7});
    auto connect = connect_packet("billing");
    connect.user_name = "billing";
    auto billing = stage.connected(connect);
    billing->subscribe("vigil/#", 1);
    EXPECT_THAT(billing->received(), ElementsAre("SUBACK 1 0x01"));
}

TEST(Withheld, what_a_member_leaves_goes_to_no_other_who_may_not) {
    Stage stage;
    auto connect = connect_packet("engine", true, 60);
    connect.user_name = "engine";
    auto engine = stage.connected(connect);
    engine->subscribe("$share/g/vigil/#", 1);
    stage.commit();
    auto billing = service(stage, "billing", "$share/g/vigil/#");
    engine->received();
    stage.gatekeeper.withheld.insert({"billing", 7});
    auto seven = device(stage, "d7");
    seven->publish("vigil/d7/telemetry", "1", 1, 1);
    stage.settle();
    EXPECT_THAT(engine->received(), testing::SizeIs(1)) << "and does not acknowledge it";
    auto again = connect_packet("engine", true, 0);
    again.user_name = "engine";
    engine = stage.connected(again);
    stage.settle();
    EXPECT_THAT(billing->received(), IsEmpty());
}

}  // namespace
}  // namespace vigil::broker

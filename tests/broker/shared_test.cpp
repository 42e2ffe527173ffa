// Shared subscriptions: MQTT 5.0 4.8.2.
#include "broker/stage.hpp"

namespace vigil::broker {
namespace {

using mqtt::Puback;
using mqtt::Pubrec;
using mqtt::ReasonCode;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::unique_ptr<Client> member(Stage& stage, std::string_view identifier, std::uint32_t expiry_s,
                               std::uint8_t qos = 2) {
    auto out = stage.connected(identifier, true, expiry_s);
    out->subscribe("$share/g/t", qos);
    stage.commit();
    out->received();
    return out;
}

TEST(Shared, each_message_goes_to_one_member_at_its_own_qos) {
    Stage stage;
    auto one = stage.connected("one"), two = stage.connected("two");
    one->subscribe("$share/g/t", 0);
    two->subscribe("$share/g/t", 1);
    one->received(), two->received();
    auto client = stage.connected("a");
    for (std::uint16_t i = 1; i <= 4; ++i) client->publish("t", std::to_string(i), 1, i);
    stage.commit();
    EXPECT_THAT(one->received(), ElementsAre("PUBLISH t 1 q0", "PUBLISH t 3 q0"));
    EXPECT_THAT(two->received(), ElementsAre("PUBLISH t 2 q1 #1", "PUBLISH t 4 q1 #2"));
}

TEST(Shared, members_that_are_away_are_passed_over) {
    Stage stage;
    auto one = stage.connected("one", true, 60), two = stage.connected("two", true, 60);
    one->subscribe("$share/g/t", 1);
    two->subscribe("$share/g/t", 1);
    stage.commit();
    two->received();
    one->drop();
    auto client = stage.connected("a");
    client->publish("t", "1", 1, 1);
    client->publish("t", "2", 1, 2);
    stage.settle();
    EXPECT_THAT(two->received(), ElementsAre("PUBLISH t 1 q1 #1", "PUBLISH t 2 q1 #2"));
}

TEST(Shared, a_message_that_a_member_refuses_goes_to_nobody_else) {
    Stage stage;
    auto one = stage.connected("one"), two = stage.connected("two");
    one->subscribe("$share/g/t", 1);
    two->subscribe("$share/g/t", 1);
    two->received();
    auto client = stage.connected("a");
    client->publish("t", "1", 1, 1);
    stage.commit();
    one->send(mqtt::Puback{1, mqtt::ReasonCode::unspecified_error, {}});
    stage.settle();
    EXPECT_THAT(two->received(), IsEmpty());
}

TEST(Shared, an_unfinished_qos_2_delivery_waits_for_its_member_and_goes_to_nobody_else) {
    Stage stage;
    auto one = stage.connected("one", true, 60), two = stage.connected("two", true, 60);
    one->subscribe("$share/g/t", 2);
    two->subscribe("$share/g/t", 2);
    stage.commit();
    one->received(), two->received();
    auto client = stage.connected("a");
    client->publish("t", "1", 2, 1);
    stage.settle();
    EXPECT_THAT(one->received(), ElementsAre("PUBLISH t 1 q2 #1"));
    one->drop();
    stage.settle();
    auto back = stage.client();
    back->send(connect_packet("one", false, 60));
    stage.settle();
    EXPECT_THAT(back->received(), ElementsAre("CONNACK present", "PUBLISH t 1 q2 #1 DUP"));
    back->drop();
    stage.pass(std::chrono::seconds(61));
    stage.settle();
    EXPECT_THAT(two->received(), IsEmpty());
}

// Two members; "one" has been sent 1 at QoS 1 and 2 at QoS 2, and goes.
struct LeftBehind {
    explicit LeftBehind(std::uint32_t expiry_s) {
        one = member(stage, "one", expiry_s);
        client = stage.connected("a");
        client->publish("t", "1", 1, 1);
        client->publish("t", "2", 2, 2);
        stage.settle();
        EXPECT_THAT(one->received(), ElementsAre("PUBLISH t 1 q1 #1", "PUBLISH t 2 q2 #2"));
        if (expiry_s > 0) {
            one->drop();
            client->publish("t", "3", 1, 3);  // waits for it
            client->publish("t", "4", 2, 4);
            stage.settle();
        }
    }
    Stage stage;
    std::unique_ptr<Client> one, two, client;
};

TEST(Shared, what_a_member_never_acknowledged_goes_to_another_when_its_session_ends) {
    LeftBehind left(60);
    left.two = member(left.stage, "two", 600, 1);
    left.stage.pass(seconds(61));
    left.stage.settle();
    // 2 was sent at QoS 2: nobody else may get it.
    EXPECT_THAT(left.two->received(),
                ElementsAre("PUBLISH t 1 q1 #1", "PUBLISH t 3 q1 #2", "PUBLISH t 4 q1 #3"));
    ASSERT_THAT(left.stage.broker().gaps(), SizeIs(1));
    EXPECT_EQ(left.stage.broker().gaps().front().messages, 1U);
}

TEST(Shared, what_was_handed_on_survives_a_restart) {
    LeftBehind left(60);
    left.two = member(left.stage, "two", 600, 1);
    left.two->drop();
    left.stage.pass(seconds(61));
    left.stage.settle();
    left.stage.restart();
    auto back = left.stage.connected("two", false, 600);
    left.stage.settle();
    EXPECT_THAT(back->received(),
                ElementsAre("PUBLISH t 1 q1 #1", "PUBLISH t 3 q1 #2", "PUBLISH t 4 q1 #3"));
}

TEST(Shared, what_was_in_memory_only_is_kept_for_a_member_that_outlives_a_restart) {
    LeftBehind left(0);
    left.two = member(left.stage, "two", 600);
    left.one->drop();
    left.two->drop();
    left.stage.settle();
    left.stage.restart();
    auto back = left.stage.connected("two", false, 600);
    left.stage.settle();
    EXPECT_THAT(back->received(), ElementsAre("PUBLISH t 1 q1 #1"));
}

TEST(Shared, what_a_member_left_behind_is_a_gap_where_there_is_no_other) {
    LeftBehind left(60);
    auto other = left.stage.connected("other");
    other->subscribe("$share/another/t", 1);
    other->received();
    left.stage.pass(seconds(61));
    left.stage.settle();
    EXPECT_THAT(other->received(), IsEmpty());
    ASSERT_THAT(left.stage.broker().gaps(), SizeIs(1));
    EXPECT_EQ(left.stage.broker().gaps().front().messages, 4U);
}

TEST(Shared, what_a_member_left_behind_ends_nobody_else_s_session) {
    BrokerLimits limits;
    limits.queue_messages_max = 2;
    Stage stage(limits);
    auto one = member(stage, "one", 60), two = member(stage, "two", 600);
    one->drop();
    two->drop();
    auto client = stage.connected("a");
    for (std::uint16_t i = 1; i <= 4; ++i) client->publish("t", std::to_string(i), 1, i);
    stage.settle();
    stage.pass(seconds(61));
    stage.settle();
    EXPECT_EQ(stage.broker().sessions(), 2U);  // two's and the publisher's
    ASSERT_THAT(stage.broker().gaps(), SizeIs(1));
    EXPECT_EQ(stage.broker().gaps().front().messages, 2U);
}

}  // namespace
}  // namespace vigil::broker

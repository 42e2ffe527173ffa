// What all sessions together may hold, in memory and back in the log (promise 2).
#include "broker/stage.hpp"

namespace vigil::broker {
namespace {

using mqtt::Puback;
using mqtt::Pubcomp;
using mqtt::ReasonCode;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::unique_ptr<Client> subscriber(Stage& stage, std::string_view identifier,
                                   std::string_view filter, std::uint8_t qos = 1,
                                   std::uint32_t expiry_s = 600) {
    auto client = stage.connected(identifier, false, expiry_s);
    client->subscribe(filter, qos);
    stage.settle();
    client->received();
    return client;
}

class Publisher {
public:
    explicit Publisher(Stage& stage) : stage_(stage), client_(stage.connected("publisher")) {}
    // Each is a commit of its own, its publisher acknowledged.
    void publish(std::string_view topic, int count, std::uint8_t qos = 1,
                 std::string_view payload = "1") {
        for (int i = 0; i < count; ++i) {
            client_->publish(topic, payload, qos, qos > 0 ? ++packet_ : std::uint16_t{0});
            stage_.settle();
            if (qos == 2) client_->send(mqtt::Pubrel{packet_, ReasonCode::success, {}});
            stage_.settle();
        }
        const auto answers = client_->received();
        EXPECT_EQ(answers.size(), static_cast<std::size_t>(qos * count));
    }

private:
    Stage& stage_;
    std::unique_ptr<Client> client_;
    std::uint16_t packet_ = 0;
};

BrokerLimits of_all(std::size_t messages, std::size_t bytes = std::size_t{1} << 30) {
    BrokerLimits limits;
    limits.all_queues_messages_max = messages;
    limits.all_queues_bytes_max = bytes;
    return limits;
}

// --- All queues together

TEST(AllQueues, over_their_bound_the_session_that_holds_most_ends_and_no_other) {
    Stage stage(of_all(20));
    auto most = subscriber(stage, "most", "a/#"), little = subscriber(stage, "little", "b/#");
    most->drop();
    little->drop();
    Publisher publisher(stage);
    publisher.publish("a/t", 14);
    publisher.publish("b/t", 6);
    EXPECT_THAT(stage.broker().gaps(), IsEmpty());
    EXPECT_EQ(stage.broker().waiting().messages, 20U);
    publisher.publish("b/t", 1);
    ASSERT_THAT(stage.broker().gaps(), SizeIs(1));
    EXPECT_EQ(stage.broker().gaps()[0].client_identifier, "most");
    EXPECT_EQ(stage.broker().gaps()[0].messages, 14U);
    EXPECT_EQ(stage.broker().statistics().sessions_over_all_queues, 1U);
    EXPECT_EQ(stage.broker().waiting().messages, 7U);

    stage.restart();
    ASSERT_THAT(stage.broker().gaps(), SizeIs(1));
    auto back = stage.client();
    back->send(connect_packet("most", false, 600));
    EXPECT_THAT(back->received(), ElementsAre("CONNACK"));
    back = stage.client();
    back->send(connect_packet("little", false, 600));
    stage.settle();
    EXPECT_THAT(back->received(), SizeIs(8));  // CONNACK and its seven
}

TEST(AllQueues, a_connected_client_is_told_why) {
    Stage stage(of_all(20));
    auto slow = subscriber(stage, "slow", "#");
    Publisher publisher(stage);
    publisher.publish("t", 21);  // in flight is held for it as well
    const auto received = slow->received();
    ASSERT_FALSE(received.empty());
    EXPECT_EQ(received.back(), "DISCONNECT 0x97");
    EXPECT_TRUE(slow->closed);
    EXPECT_EQ(stage.broker().waiting().messages, 0U);
    EXPECT_EQ(stage.broker().waiting().bytes, 0U);
}

TEST(AllQueues, who_holds_most_bytes_ends_where_bytes_are_too_many) {
    Stage stage(of_all(1'000, 10'000));
    auto large = subscriber(stage, "large", "a/#"), many = subscriber(stage, "many", "b/#");
    large->drop();
    many->drop();
    Publisher publisher(stage);
    publisher.publish("b/t", 50);
    publisher.publish("a/t", 3, 1, std::string(4'000, 'x'));
    ASSERT_THAT(stage.broker().gaps(), SizeIs(1));
    EXPECT_EQ(stage.broker().gaps()[0].client_identifier, "large");
}

TEST(AllQueues, are_bounded_without_a_commit_too) {
    Stage stage(of_all(20));
    auto slow = subscriber(stage, "slow", "#", 0, 0);
    auto client = stage.connected("publisher");
    for (int i = 0; i < 21; ++i) client->publish("t", "1", 0);
    client->publish("t", "1", 0);
    EXPECT_LE(stage.broker().waiting().messages, 20U);
}

TEST(AllQueues, what_was_sent_and_acknowledged_is_counted_no_longer) {
    Stage stage(of_all(20));
    auto nurse = subscriber(stage, "nurse", "#", 2);
    Publisher publisher(stage);
    publisher.publish("t", 3);
    publisher.publish("t", 1, 2);
    EXPECT_EQ(stage.broker().waiting().messages, 4U);
    for (std::uint16_t packet = 1; packet <= 3; ++packet)
        nurse->send(Puback{packet, ReasonCode::success, {}});
    EXPECT_EQ(stage.broker().waiting().messages, 1U);
    nurse->send(mqtt::Pubrec{4, ReasonCode::success, {}});
    stage.settle();
    nurse->send(Pubcomp{4, ReasonCode::success, {}});
    stage.settle();
    EXPECT_EQ(stage.broker().waiting().messages, 0U);
    EXPECT_EQ(stage.broker().waiting().bytes, 0U);
    nurse->drop();
    publisher.publish("t", 5);
    EXPECT_EQ(stage.broker().waiting().messages, 5U);
    stage.restart();
    EXPECT_EQ(stage.broker().waiting().messages, 5U);
    stage.pass(seconds(700));
    stage.settle();
    EXPECT_EQ(stage.broker().waiting().messages, 0U) << "its session has expired";
}

TEST(AllQueues, thousands_that_hold_a_little_make_room_for_many_messages_at_once) {
    Stage stage(of_all(3'200));
    std::vector<std::unique_ptr<Client>> all;
    for (int i = 0; i < 400; ++i) {
        all.push_back(subscriber(stage, "nurse-" + std::to_string(i), "#"));
        all.back()->drop();
    }
    Publisher publisher(stage);
    publisher.publish("t", 9);
    EXPECT_EQ(stage.broker().waiting().messages, 333U * 9);  // 15/16 of the bound
    EXPECT_THAT(stage.broker().gaps(), SizeIs(67));
}

TEST(AllQueues, a_will_to_its_own_topic_does_not_outlive_who_is_ended) {
    auto limits = of_all(20);
    limits.queue_messages_max = 15;
    Stage stage(limits);
    auto connect = connect_packet("slow");
    connect.will = mqtt::Will{.topic = "t", .payload = "gone", .properties = {}};
    auto slow = stage.connected(connect);
    slow->subscribe("t", 0);
    stage.settle();
    auto other = subscriber(stage, "other", "t", 0, 0);
    auto client = stage.connected("publisher");
    for (int i = 0; i < 30; ++i) client->publish("t", "1", 0);
    stage.settle();
    EXPECT_LE(stage.broker().waiting().messages, 20U);
}

// --- The log's bound in bytes

class LogBound : public testing::Test {
protected:
    LogBound() : publisher(stage) {}
    Position end() { return stage.log.end(); }
    void let_go(Position before) {
        stage.broker().let_go(stage.broker().behind(before), before, stage.now);
    }
    std::vector<std::string> come_back() {
        auto nurse = stage.client();
        nurse->send(connect_packet("nurse", false, 600));
        stage.settle();
        auto received = nurse->received();
        nurse->drop();
        return received;
    }
    // Enough entries that nobody waits for, so that no carrier stands so near.
    void others() { publisher.publish("other", 20); }

    Stage stage;
    Publisher publisher;
};

TEST_F(LogBound, an_absent_client_loses_what_stands_before_it_and_nothing_else) {
    auto nurse = subscriber(stage, "nurse", "t");
    nurse->drop();
    publisher.publish("t", 3, 1, "old");
    others();
    const auto bound = end();
    others();
    publisher.publish("t", 2, 1, "new");
    EXPECT_LT(stage.broker().needed_from(), bound);
    let_go(bound);
    EXPECT_THAT(stage.broker().gaps(), IsEmpty()) << "not before it is committed";
    stage.settle();
    EXPECT_GE(stage.broker().needed_from(), bound);
    EXPECT_THAT(stage.broker().behind(bound), IsEmpty());
    ASSERT_TRUE(stage.log.trim(bound));
    for (int restarted = 0; restarted < 2; ++restarted) {
        ASSERT_THAT(stage.broker().gaps(), SizeIs(1));
        EXPECT_EQ(stage.broker().gaps()[0].client_identifier, "nurse");
        EXPECT_EQ(stage.broker().gaps()[0].messages, 3U);
        EXPECT_EQ(stage.broker().waiting().messages, 2U);
        if (restarted == 0) stage.restart(stage.broker().snapshot());
    }
    EXPECT_THAT(come_back(),
                ElementsAre("CONNACK present", "PUBLISH t new q1 #1", "PUBLISH t new q1 #2"));
}

TEST_F(LogBound, the_same_comes_of_replaying_the_log) {
    auto nurse = subscriber(stage, "nurse", "t");
    nurse->drop();
    publisher.publish("t", 3);
    others();
    let_go(end());
    stage.settle();
    const auto gaps = stage.broker().gaps().size();
    stage.restart();
    EXPECT_EQ(stage.broker().gaps().size(), gaps);
    EXPECT_EQ(stage.broker().needed_from().offset, 0U);
    EXPECT_THAT(come_back(), ElementsAre("CONNACK present"));
}

TEST_F(LogBound, a_connected_client_so_far_behind_is_ended) {
    auto nurse = subscriber(stage, "nurse", "t");
    publisher.publish("t", 3);
    nurse->received();
    others();
    let_go(end());
    stage.settle();
    EXPECT_THAT(nurse->received(), ElementsAre("DISCONNECT 0x97"));
    ASSERT_THAT(stage.broker().gaps(), SizeIs(1));
    EXPECT_EQ(stage.broker().gaps()[0].messages, 3U);
    EXPECT_EQ(stage.broker().statistics().sessions_overtaken, 1U);
    EXPECT_EQ(stage.broker().needed_from().offset, 0U);
    EXPECT_THAT(come_back(), ElementsAre("CONNACK"));
}

TEST_F(LogBound, who_keeps_up_is_left_alone) {
    auto nurse = subscriber(stage, "nurse", "t");
    publisher.publish("t", 1);
    nurse->send(Puback{1, ReasonCode::success, {}});
    others();
    let_go(end());
    stage.settle();
    EXPECT_FALSE(nurse->closed);
    EXPECT_THAT(stage.broker().gaps(), IsEmpty());
}

TEST_F(LogBound, a_packet_identifier_of_a_lost_qos_2_message_is_let_go_of_by_pubrel) {
    auto nurse = subscriber(stage, "nurse", "t", 2);
    publisher.publish("t", 1, 2);
    publisher.publish("t", 1, 1);
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH t 1 q2 #1", "PUBLISH t 1 q1 #2"));
    nurse->drop();
    others();
    let_go(end());
    stage.settle();
    ASSERT_THAT(stage.broker().gaps(), SizeIs(1));
    EXPECT_EQ(stage.broker().gaps()[0].messages, 2U);
    EXPECT_EQ(stage.broker().needed_from().offset, 0U);
    stage.restart();
    nurse = stage.client();
    nurse->send(connect_packet("nurse", false, 600));
    stage.settle();
    EXPECT_THAT(nurse->received(), ElementsAre("CONNACK present", "PUBREL 1"));
    nurse->send(Pubcomp{1, ReasonCode::success, {}});
    stage.settle();
    EXPECT_EQ(stage.broker().waiting().messages, 0U);
}

TEST_F(LogBound, a_commit_that_fails_takes_nothing_and_it_is_tried_again) {
    auto nurse = subscriber(stage, "nurse", "t");
    nurse->drop();
    publisher.publish("t", 3);
    others();
    let_go(end());
    stage.fail_commit();
    EXPECT_THAT(stage.broker().gaps(), IsEmpty());
    EXPECT_EQ(stage.broker().waiting().messages, 3U);
    let_go(end());
    stage.settle();
    EXPECT_THAT(stage.broker().gaps(), SizeIs(1));
    EXPECT_EQ(stage.broker().waiting().messages, 0U);
}

TEST_F(LogBound, what_a_topic_retains_is_not_read_from_the_log) {
    auto client = stage.connected("retainer");
    client->publish("t", "state", 1, 1, false, true);
    stage.settle();
    others();
    auto nurse = stage.connected("nurse", false, 600);
    nurse->subscribe("t", 1);
    stage.settle();
    nurse->drop();
    EXPECT_EQ(stage.broker().needed_from().offset, 0U) << "it would hold back all of the log";
    let_go(end());
    stage.settle();
    EXPECT_THAT(stage.broker().gaps(), IsEmpty());
    ASSERT_TRUE(stage.log.trim(end()));
    EXPECT_THAT(come_back(), ElementsAre("CONNACK present", "PUBLISH t state q1 #1 DUP RETAIN"));
}

TEST_F(LogBound, what_is_lost_is_handed_to_no_other_member_of_a_shared_subscription) {
    auto one = subscriber(stage, "one", "$share/g/t");
    publisher.publish("t", 1);
    EXPECT_THAT(one->received(), SizeIs(1));
    auto two = subscriber(stage, "two", "$share/g/t");
    others();
    const auto bound = end();
    let_go(bound);
    stage.settle();
    EXPECT_THAT(one->received(), ElementsAre("DISCONNECT 0x97"));
    EXPECT_THAT(two->received(), IsEmpty());
    EXPECT_FALSE(two->closed);
    EXPECT_THAT(stage.broker().behind(bound), IsEmpty());
}

TEST_F(LogBound, a_session_that_only_the_log_still_knows_is_ended_there) {
    stage.broker().let_go({SessionNumber{4711}}, end(), stage.now);
    ASSERT_THAT(stage.log.buffered, SizeIs(1));
    const auto record = decode_session_entry(stage.log.buffered[0].body);
    ASSERT_TRUE(record);
    EXPECT_TRUE(std::holds_alternative<Ended>(*record));
}

}  // namespace
}  // namespace vigil::broker

// What survives a restart: everything that somebody was told.
#include "broker/stage.hpp"

namespace vigil::broker {
namespace {

using mqtt::Puback;
using mqtt::Pubrec;
using mqtt::Pubrel;
using mqtt::ReasonCode;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Each test runs from the log alone, from a snapshot taken just before the restart, and from one
// taken at its beginning with the log after it.
enum class From : std::uint8_t { log, snapshot, old_snapshot };

class Restart : public testing::TestWithParam<From> {
protected:
    Restart() {
        nurse = stage.connected("nurse", false, 600);
        nurse->subscribe("#", 2);
        stage.settle();
        nurse->received();
        old_snapshot = stage.broker().snapshot();
        client = stage.connected("a", false, 600);
        stage.settle();
    }
    void restart() {
        if (GetParam() == From::log) return stage.restart();
        if (GetParam() == From::old_snapshot) return stage.restart(old_snapshot);
        stage.restart(stage.broker().snapshot());
    }
    void reconnect() {
        nurse = stage.client();
        nurse->send(connect_packet("nurse", false, 600));
        client = stage.client();
        client->send(connect_packet("a", false, 600));
        stage.settle();
    }

    Stage stage;
    std::string old_snapshot;
    std::unique_ptr<Client> nurse, client;
};

TEST_P(Restart, sessions_and_subscriptions) {
    restart();
    reconnect();
    EXPECT_THAT(nurse->received(), ElementsAre("CONNACK present"));
    EXPECT_THAT(client->received(), ElementsAre("CONNACK present"));
    client->publish("t", "1", 1, 1);
    stage.settle();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH t 1 q1 #1"));
}

TEST_P(Restart, messages_that_wait_for_a_client) {
    nurse->drop();
    client->publish("t", "1", 1, 1);
    client->publish("x/telemetry", "2", 1, 2);
    stage.settle();
    restart();
    reconnect();
    EXPECT_THAT(nurse->received(),
                ElementsAre("CONNACK present", "PUBLISH t 1 q1 #1", "PUBLISH x/telemetry 2 q1 #2"));
}

TEST_P(Restart, deliveries_in_flight_with_their_packet_identifiers) {
    client->publish("t", "1", 1, 1);
    client->publish("t", "2", 2, 2);
    client->publish("t", "3", 2, 3);
    stage.settle();
    EXPECT_THAT(nurse->received(), SizeIs(3));
    nurse->send(Puback{1, ReasonCode::success, {}});
    nurse->send(Pubrec{2, ReasonCode::success, {}});
    stage.settle();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBREL 2"));
    restart();
    reconnect();
    EXPECT_THAT(nurse->received(),
                ElementsAre("CONNACK present", "PUBREL 2", "PUBLISH t 3 q2 #3 DUP"));
    client->publish("t", "4", 1, 4);
    stage.settle();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH t 4 q1 #4"));
}

TEST_P(Restart, qos_2_exchanges_of_publishers) {
    client->publish("t", "1", 2, 1);
    client->publish("x/telemetry", "2", 2, 2);
    client->publish("t", "3", 2, 3);
    stage.settle();
    client->send(Pubrel{3, ReasonCode::success, {}});
    stage.settle();
    nurse->received();
    restart();
    reconnect();
    nurse->received(), client->received();
    client->publish("t", "1", 2, 1, true);
    client->publish("x/telemetry", "2", 2, 2, true);
    stage.settle();
    EXPECT_THAT(client->received(), ElementsAre("PUBREC 1", "PUBREC 2"));
    client->send(Pubrel{1, ReasonCode::success, {}});
    client->send(Pubrel{3, ReasonCode::success, {}});
    stage.settle();
    EXPECT_THAT(client->received(), ElementsAre("PUBCOMP 1", "PUBCOMP 3 0x92"));
    EXPECT_EQ(stage.inbound.exchanges.size(), 1U);
}

TEST_P(Restart, an_exchange_that_was_not_committed_is_taken_anew) {
    client->publish("x/telemetry", "1", 2, 1);
    restart();  // before the commit: it was never acknowledged
    reconnect();
    client->received();
    client->publish("x/telemetry", "1", 2, 1, true);
    stage.settle();
    EXPECT_THAT(client->received(), ElementsAre("PUBREC 1"));
    EXPECT_THAT(stage.inbound.exchanges, SizeIs(2));
}

TEST_P(Restart, the_name_of_an_exchange_so_that_its_resend_is_known) {
    client->publish("x/telemetry", "1", 1, 7);
    stage.commit();
    restart();
    reconnect();
    client->publish("x/telemetry", "1", 1, 7, true);  // its PUBACK was lost with the server
    client->publish("x/telemetry", "2", 1, 7);
    ASSERT_THAT(stage.inbound.exchanges, SizeIs(3));
    EXPECT_EQ(stage.inbound.exchanges[0], stage.inbound.exchanges[1]);
    EXPECT_NE(stage.inbound.exchanges[0], stage.inbound.exchanges[2]);
}

TEST_P(Restart, retained_messages) {
    client->publish("$own/t", "1", 1, 1, false, true);
    client->publish("t", "2", 0, 0, false, true);
    client->publish("gone", "3", 0, 0, false, true);
    client->publish("gone", "", 0, 0, false, true);
    stage.settle();
    restart();
    EXPECT_EQ(stage.broker().retained_messages(), 2U);
    auto fresh = stage.connected("fresh");
    fresh->subscribe("t");
    EXPECT_THAT(fresh->received(), ElementsAre("SUBACK 1 0x00", "PUBLISH t 2 q0 RETAIN"));
}

TEST_P(Restart, retained_messages_on_their_way_to_a_subscriber) {
    client->publish("kept", "1", 1, 1, false, true);
    stage.settle();
    mqtt::Unsubscribe unsubscribe;
    unsubscribe.packet_identifier = 2;
    unsubscribe.filters = {"#"};
    nurse->send(unsubscribe);
    nurse->send(Puback{1, ReasonCode::success, {}});
    nurse->subscribe("kept", 1);
    stage.settle();
    EXPECT_THAT(nurse->received(), SizeIs(4));
    restart();
    reconnect();
    EXPECT_THAT(nurse->received(),
                ElementsAre("CONNACK present", "PUBLISH kept 1 q1 #2 DUP RETAIN"));
}

TEST_P(Restart, wills_of_clients_that_the_crash_cut_off) {
    auto connect = connect_packet("b");
    connect.will = mqtt::Will{};
    connect.will->topic = "will";
    connect.will->payload = "gone";
    connect.will->qos = 1;
    auto brief = stage.connected(connect);
    auto polite = stage.connected(connect_packet("c"));
    stage.settle();
    restart();
    stage.settle();
    reconnect();
    EXPECT_THAT(nurse->received(), ElementsAre("CONNACK present", "PUBLISH will gone q1 #1"));
    restart();
    reconnect();
    EXPECT_THAT(nurse->received(), ElementsAre("CONNACK present", "PUBLISH will gone q1 #1 DUP"));
}

TEST_P(Restart, sessions_whose_time_ran_out_meanwhile_are_gone) {
    client->drop();
    nurse->drop();
    stage.settle();
    stage.now += seconds(601);
    restart();
    EXPECT_EQ(stage.broker().sessions(), 0U);
    reconnect();
    EXPECT_THAT(nurse->received(), ElementsAre("CONNACK"));
}

TEST_P(Restart, unsubscribing_and_ended_sessions_stay_so) {
    mqtt::Unsubscribe unsubscribe;
    unsubscribe.packet_identifier = 2;
    unsubscribe.filters = {"#"};
    nurse->send(unsubscribe);
    auto clean = stage.connected("a", true, 600);
    stage.settle();
    restart();
    reconnect();
    nurse->received();
    client->publish("t", "1", 1, 1);
    stage.settle();
    EXPECT_THAT(nurse->received(), IsEmpty());
    EXPECT_EQ(stage.broker().sessions(), 2U);
}

TEST_P(Restart, what_a_session_that_ended_never_got) {
    nurse->drop();
    client->publish("t", "1", 1, 1);
    client->publish("t", "2", 1, 2);
    stage.settle();
    auto anew = stage.connected("nurse", true);
    stage.settle();
    ASSERT_THAT(stage.broker().gaps(), SizeIs(1));
    const auto before = stage.broker().gaps().front();
    restart();
    ASSERT_THAT(stage.broker().gaps(), SizeIs(1));
    const auto& after = stage.broker().gaps().front();
    EXPECT_EQ(after.messages, 2U);
    EXPECT_EQ(after.time, before.time);
    EXPECT_EQ(after.principal, "staff");
    EXPECT_EQ(after.client_identifier, "nurse");
    EXPECT_EQ(after.first, before.first);
    EXPECT_EQ(after.last, before.last);
}

TEST_P(Restart, twice_gives_the_same) {
    nurse->drop();
    client->publish("t", "1", 2, 1);
    stage.settle();
    restart();
    const auto first = stage.broker().snapshot();
    stage.settle();
    stage.restart(stage.broker().snapshot());
    reconnect();
    EXPECT_THAT(nurse->received(), ElementsAre("CONNACK present", "PUBLISH t 1 q2 #1"));
}

std::string name_of(const testing::TestParamInfo<From>& info) {
    static const std::vector<std::string> names = {"log", "snapshot", "old_snapshot"};
    return names.at(static_cast<std::size_t>(info.param));
}
INSTANTIATE_TEST_SUITE_P(From, Restart,
                         testing::Values(From::log, From::snapshot, From::old_snapshot), name_of);

TEST(Snapshot, damaged_anywhere_is_an_error_or_another_snapshot_but_no_crash) {
    Stage stage;
    auto nurse = stage.connected("nurse", false, 600);
    nurse->subscribe("#", 2);
    auto client = stage.connected("a", false, 600);
    client->publish("t", "1", 2, 1, false, true);
    stage.settle();
    const auto snapshot = stage.broker().snapshot();
    for (std::size_t size = 0; size < snapshot.size(); ++size) {
        Broker broker(stage.log, stage.gatekeeper, stage.inbound, stage.backlog);
        (void)broker.restore(std::string_view(snapshot).substr(0, size));
        auto flipped = snapshot;
        flipped[size] = static_cast<char>(flipped[size] ^ 0x55);
        Broker other(stage.log, stage.gatekeeper, stage.inbound, stage.backlog);
        (void)other.restore(flipped);
    }
}

TEST(FailedCommit, closes_sessions_whose_records_may_be_lost_and_records_them_anew) {
    Stage stage;
    auto nurse = stage.connected("nurse", false, 600);
    nurse->subscribe("#", 1);
    stage.fail_commit();
    EXPECT_TRUE(nurse->closed);
    auto back = stage.connected("nurse", false, 600);
    stage.settle();
    stage.restart();
    auto again = stage.client();
    again->send(connect_packet("nurse", false, 600));
    EXPECT_THAT(again->received(), ElementsAre("CONNACK present"));
    auto client = stage.connected("a");
    client->publish("t", "1", 1, 1);
    stage.settle();
    EXPECT_THAT(again->received(), ElementsAre("PUBLISH t 1 q1 #1"));
}

}  // namespace
}  // namespace vigil::broker

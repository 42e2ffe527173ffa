#include "broker/stage.hpp"

namespace vigil::broker {
namespace {

using mqtt::Version;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Publish, puback_leaves_only_after_the_commit) {
    for (const auto version : {Version::v3_1_1, Version::v5}) {
        Stage stage;
        auto device = stage.connected("a", true, 0, version);
        device->publish("ward/telemetry", "72", 1, 7);
        device->publish("ward/telemetry", "73", 1, 8);
        stage.turn();
        EXPECT_THAT(device->received(), IsEmpty());
        stage.commit(1);
        EXPECT_THAT(device->received(), ElementsAre("PUBACK 7"));
        stage.commit();
        EXPECT_THAT(device->received(), ElementsAre("PUBACK 8"));
    }
}

TEST(Publish, reaches_a_subscriber_after_the_commit) {
    Stage stage;
    auto nurse = stage.connected("nurse");
    auto device = stage.connected("device");
    nurse->subscribe("ward/+/telemetry", 1);
    EXPECT_THAT(nurse->received(), ElementsAre("SUBACK 1 0x01"));
    device->publish("ward/7/telemetry", "72", 1, 7);
    stage.turn();
    EXPECT_THAT(nurse->received(), IsEmpty());
    stage.commit();
    EXPECT_THAT(nurse->received(), ElementsAre("PUBLISH ward/7/telemetry 72 q1 #1"));
    EXPECT_THAT(device->received(), ElementsAre("PUBACK 7"));
}

}  // namespace
}  // namespace vigil::broker

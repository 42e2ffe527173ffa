// What the server itself says to a device: now or never.
#include "broker/stage.hpp"

namespace vigil::broker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint32_t lifetime_s = 10;

TEST(Tell, reaches_who_is_connected_and_listens_once_at_qos_1_and_leaves_nothing_behind) {
    Stage stage;
    EXPECT_FALSE(stage.broker().is_heard("t"));
    auto one = stage.connected("one"), other = stage.connected("other");
    one->subscribe("t", 1);
    one->subscribe("+", 0);
    one->received();
    EXPECT_TRUE(stage.broker().is_heard("t"));
    const auto entries = stage.log.entries.size();
    EXPECT_EQ(stage.broker().tell("t", "text/plain", "noon", lifetime_s, stage.now), 1U);
    stage.settle();
    EXPECT_THAT(one->received(), ElementsAre(testing::StartsWith("PUBLISH t noon q1")));
    EXPECT_THAT(other->received(), IsEmpty());
    EXPECT_EQ(stage.log.entries.size(), entries) << "it is not kept";
    EXPECT_EQ(stage.broker().retained_messages(), 0U);
    other->subscribe("t", 1);
    stage.settle();
    for (const auto& packet : other->received()) EXPECT_EQ(packet.substr(0, 6), "SUBACK");
}

TEST(Tell, does_not_wait_for_who_is_away) {
    Stage stage;
    {
        auto away = stage.connected("away", false, 3600);
        away->subscribe("t", 1);
        stage.settle();
        away->drop();
    }
    EXPECT_FALSE(stage.broker().is_heard("t"));
    EXPECT_EQ(stage.broker().tell("t", "text/plain", "noon", lifetime_s, stage.now), 0U);
}

}  // namespace
}  // namespace vigil::broker

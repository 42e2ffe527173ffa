#include "collect/set_clock.hpp"

#include <gtest/gtest.h>

namespace vigil::collect {
namespace {

constexpr Timestamp noon =
    from_unix_ns(1'772'366'400'250'000'000);  // 2026-03-01T12:00:00.25Z, a Sunday

identity::Registry registry_with(const char* device, const char* gateway) {
    identity::Registry registry;
    std::uint64_t offset = 0;
    const auto add = [&](std::string id, DeviceId behind) {
        identity::Device added;
        added.external_id = std::move(id);
        added.gateway = behind;
        added.utc_offset_minutes = 60;
        const auto act = registry.plan_add_device(added, {noon, "test"});
        EXPECT_TRUE(act && registry.apply(*act, {0, ++offset}));
    };
    add(gateway, {});
    add(device, registry.find_device(gateway)->id);
    return registry;
}

TEST(SetClock, a_device_is_told_the_time_on_a_topic_of_its_own_in_its_own_zone) {
    const auto registry = registry_with("cuff-1", "gw");
    const auto command = set_clock(registry, *registry.find_device("gw"), noon);
    EXPECT_EQ(command.topic, "vigil/gw/set-clock");
    EXPECT_EQ(command.payload,
              R"({"device":"gw","time":"2026-03-01T12:00:00.25Z","unix_ms":1772366400250,)"
              R"("utc_offset_minutes":60,"2A2B":"EA0703010D0000074002","2A08":"EA0703010D0000"})");
}

TEST(SetClock, a_gateway_is_told_for_the_device_behind_it) {
    const auto registry = registry_with("cuff-1", "gw");
    EXPECT_EQ(set_clock(registry, *registry.find_device("cuff-1"), noon).topic,
              "vigil/gw/sub/cuff-1/set-clock");
}

TEST(SetClock, a_right_clock_is_left_alone) {
    EXPECT_FALSE(needs_setting(ClockState::good));
    EXPECT_FALSE(needs_setting(ClockState::unknown));
    for (const auto state :
         {ClockState::off, ClockState::no_zone, ClockState::jumped, ClockState::drifting})
        EXPECT_TRUE(needs_setting(state));
}

}  // namespace
}  // namespace vigil::collect

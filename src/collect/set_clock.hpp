#pragma once
// Setting a device's clock: a command on a topic of its own, for devices and gateways that
// subscribe to it (docs/guides/connect-a-device.md).

#include <optional>
#include <string>

#include "base/result.hpp"
#include "collect/device_state.hpp"
#include "identity/registry.hpp"

namespace vigil::collect {

struct ClockCommand {
    std::string topic, payload;
};

// vigil/<device>/set-clock, or vigil/<gateway>/sub/<device>/set-clock of a device behind a gateway.
std::string clock_topic(const identity::Registry& registry, const identity::Device& device);
ClockCommand set_clock(const identity::Registry& registry, const identity::Device& device,
                       Timestamp now);

// After this a command that was not delivered is of no use: its time is over.
constexpr std::uint32_t clock_command_lifetime_s = 10;

bool needs_setting(ClockState state);

}  // namespace vigil::collect

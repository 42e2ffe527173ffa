// Clocks that were found wrong, and can be set: docs/guides/connect-a-device.md.
#include "app/core.hpp"
#include "collect/set_clock.hpp"

namespace vigil::app {

bool Server::Core::set_clock(const identity::Device& device) {
    const auto now = loop_.now();
    const auto command = collect::set_clock(registry_, device, now);
    const auto told = broker_->tell(command.topic, "application/json", command.payload,
                                    collect::clock_command_lifetime_s, now);
    if (told > 0) clocks_set_[device.id] = now;
    return told > 0;
}

void Server::Core::set_wrong_clocks() {
    if (config_.clock_set_every <= Nanoseconds(0)) return;
    const auto now = loop_.now();
    for (const auto& [id, device] : registry_.devices()) {
        const auto* state = intake_->devices().find(id);
        if (state == nullptr || !collect::needs_setting(state->clock.state())) continue;
        if (now - clocks_set_[id] < config_.clock_set_every) continue;
        if (broker_->is_heard(collect::clock_topic(registry_, device))) set_clock(device);
    }
}

}  // namespace vigil::app

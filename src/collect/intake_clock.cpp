// When a reading counts as measured: docs/architecture.md, "filed time".
#include "collect/intake.hpp"

namespace vigil::collect {

ClockRules Intake::clock_rules(const identity::Device* device) const {
    auto rules = rules_.clock;
    if (device != nullptr && device->clock_tolerance) rules.tolerance = *device->clock_tolerance;
    return rules;
}

// When the device said it: now or, where its gateway tells when it heard it, then, by the gateway's
// clock as far as this session has seen it right.
FiledTime Intake::heard(const Message& message) {
    if (!decoded_.heard_time || !message.by_gateway()) return {message.received};
    auto& gateway = devices_.of(message.sender);
    const auto rules = clock_rules(registry_.device(message.sender));
    gateway.clock.in_session(gateway.session);
    if (!decoded_.kept) gateway.clock.observe(rules, *decoded_.heard_time, message.received);
    return gateway.clock.file(rules, decoded_.heard_time, message.received, decoded_.kept);
}

// The newest time in a live message is the clock's own; older ones beside it are history.
FiledTime Intake::look_at_clock(const Message& message, DeviceState& state) {
    state.clock.in_session(message.by_gateway() ? devices_.of(message.sender).session
                                                : state.session);
    const auto said = heard(message);
    if (said.unplaced) return said;
    auto& shown = decoded_.clock_time;
    for (const auto& reading : decoded_.readings) {
        if (!reading.device_time || (reading.status & status::stored_data) != 0) continue;
        if (message.by_gateway() && reading.device_time == decoded_.heard_time) continue;
        if (!shown || *shown < *reading.device_time) shown = reading.device_time;
    }
    if (shown && (message.by_gateway() || !decoded_.kept))
        state.clock.observe(clock_rules(message.device), *shown, said.time);
    return said;
}

// `said`: when the device said it. A reading that has no time but that of hearing is from then.
FiledTime Intake::placed(const Message& message, const DeviceState& state, const FiledTime& said,
                         const Reading& reading) const {
    const auto& time = reading.device_time;
    if (time && time == decoded_.heard_time && message.by_gateway()) return said;
    const bool stored = said.unplaced || decoded_.kept || time < decoded_.clock_time ||
                        (reading.status & status::stored_data) != 0;
    return state.clock.file(clock_rules(message.device), time, said.time, stored);
}

}  // namespace vigil::collect

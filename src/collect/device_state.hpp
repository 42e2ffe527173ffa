#pragma once
// What is known of each device's conversation with this server: for the screens, for filing, and to
// know a resend. Derived: a start learns from the log and the series when each was last heard, the
// rest comes back with the next message.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/decimal.hpp"
#include "base/hash.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "codec/ble/characteristic.hpp"
#include "collect/device_clock.hpp"
#include "collect/seen_messages.hpp"

namespace vigil::collect {

// A message that has no identity of its own, resent under a new session, can only be suspected
// (promise 3): equal bytes shortly after a reconnect to those sent shortly before it.
class ResendSuspects {
public:
    void sent(const Fingerprint& bytes, Timestamp now);
    void reconnected(Timestamp now);
    bool suspects(const Fingerprint& bytes, Timestamp now);

private:
    static constexpr Nanoseconds window = std::chrono::seconds(30);
    struct Sent {
        Fingerprint bytes;
        Timestamp at{};
    };
    std::array<Sent, 16> recent_{}, suspected_{};
    std::size_t next_ = 0;
    Timestamp reconnected_at_{};
};

struct DeviceState {
    std::uint32_t connections = 0;  // open now; a device may hold several
    // Of the present connection state; none: it never held a connection of its own. Not back since
    // the server started: its last message before that.
    std::optional<Timestamp> since;
    std::uint64_t session = 0;           // number of its newest connection; 0: none yet
    std::optional<Timestamp> last_seen;  // its last message
    DeviceClock clock;
    SeenMessages seen;
    ResendSuspects suspects;
    codec::ble::DeviceMemory
        ble;  // what its frames rest on: the session's start, open glucose records
    std::optional<Decimal> battery_percent;
    Timestamp battery_at{};
    std::uint32_t open_unread = 0;  // its messages in quarantine that nobody has decided yet
};

// By the number of the device, which the registry gives out in order.
class DeviceStates {
public:
    DeviceState& of(DeviceId device) {
        if (states_.size() <= device.value) states_.resize(device.value + 1);
        auto& state = states_[device.value];
        if (!state) state = std::make_unique<DeviceState>();
        return *state;
    }
    const DeviceState* find(DeviceId device) const {
        return device.value < states_.size() ? states_[device.value].get() : nullptr;
    }

private:
    std::vector<std::unique_ptr<DeviceState>> states_;
};

}  // namespace vigil::collect

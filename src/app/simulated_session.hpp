#pragma once
// A simulated device's MQTT conversation: connects, greets, publishes at QoS 1 what its source
// gives as time passes, within the server's receive maximum.

#include <functional>
#include <string>

#include "app/simulated_device.hpp"
#include "codec/mqtt/framer.hpp"
#include "codec/mqtt/packet.hpp"
#include "session/session.hpp"

namespace vigil::app {

class SimulatedSession : public session::ByteSession {
public:
    struct Owner {
        // Told once, why it came to an end: the owner connects again, or is done.
        std::function<void(std::string)> ended;
        // Each message that is sent for the first time.
        std::function<void(const simulate::Publication&)> sent;
    };
    SimulatedSession(SimulatedDevice& device, Owner owner);

    void on_open(Timestamp now, session::Waker wake, session::Actions& out) override;
    void on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) override;
    void on_timer(Timestamp now, session::Actions& out) override;
    void on_wake(Timestamp, session::Actions&) override {}
    void on_drained(Timestamp, session::Actions&) override {}
    void on_stop(Timestamp now, session::Actions& out) override;
    void on_closed(Timestamp now) override;

private:
    void on_packet(Timestamp now, const mqtt::Packet& packet, session::Actions& out);
    void on_connack(Timestamp now, const mqtt::Connack& connack, session::Actions& out);
    void go_on(Timestamp now, session::Actions& out);
    void send(std::uint16_t packet, const simulate::Publication& message, bool again,
              session::Actions& out);

    SimulatedDevice& device_;
    Owner owner_;
    mqtt::PacketFramer framer_;
    std::string reason_ = "the connection was lost";
    std::size_t window_ = 0;     // QoS 1 exchanges that may be open; 0: not connected yet
    std::size_t greetings_ = 0;  // of them, the greeting's
    Timestamp pinged_{};
};

}  // namespace vigil::app

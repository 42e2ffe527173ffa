#pragma once
// One simulated bedside monitor's MQTT conversation: connects, publishes what its virtual patient
// gives as time passes, and keeps what was not acknowledged until it is.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "codec/mqtt/framer.hpp"
#include "metric/catalogue.hpp"
#include "session/session.hpp"
#include "simulate/virtual_patient.hpp"

namespace vigil::app {

struct MonitorIdentity {
    std::string device, token;
};

// What outlives a connection: the patient, the link, and messages not yet acknowledged.
struct Monitor {
    MonitorIdentity identity;
    simulate::VirtualPatient patient;
    double speed = 1.0;
    Timestamp began{};  // wall time at which the patient's time began
    Timestamp patient_began{};
    struct Message {
        std::string topic, payload;
    };
    std::map<std::uint16_t, Message> unacknowledged;
    std::vector<Message> kept;  // while the link was away
    std::uint16_t next_packet = 1;
    std::uint64_t acknowledged = 0, refused = 0;
    bool up = false;
};

class MonitorSession : public session::ByteSession {
public:
    // `ended` tells why, once: the owner connects again.
    MonitorSession(Monitor& monitor, const Catalogue& catalogue,
                   std::function<void(std::string)> ended);

    void on_open(Timestamp now, session::Waker wake, session::Actions& out) override;
    void on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) override;
    void on_timer(Timestamp now, session::Actions& out) override;
    void on_wake(Timestamp, session::Actions&) override {}
    void on_drained(Timestamp, session::Actions&) override {}
    void on_stop(Timestamp now, session::Actions& out) override;
    void on_closed(Timestamp now) override;

private:
    void begin(Timestamp now, session::Actions& out);
    void advance(Timestamp now, session::Actions& out);
    void publish(Monitor::Message message, session::Actions& out);
    void send(std::uint16_t packet, const Monitor::Message& message, bool again,
              session::Actions& out);

    Monitor& monitor_;
    const Catalogue& catalogue_;
    std::function<void(std::string)> ended_;
    mqtt::PacketFramer framer_;
    std::vector<simulate::Emission> emissions_;
    std::string reason_ = "the connection was lost";
    bool connected_ = false;
};

}  // namespace vigil::app

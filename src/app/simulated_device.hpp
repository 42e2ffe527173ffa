#pragma once
// One simulated device with a connection of its own: how far its time has come, and what it has
// said that the server has not acknowledged. It outlives its connections.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulate/source.hpp"

namespace vigil::app {

// How a device's time runs beside the wall clock: from a moment on, as fast as it is told, never
// past the wall clock and never past its end.
struct Pace {
    Timestamp from;                 // where its time begins
    Timestamp began;                // by the wall clock
    double speed = 1;               // 0: as fast as the server takes it
    std::optional<Timestamp> to{};  // where its time ends; none: never

    Timestamp due(Timestamp now) const;
};

// A certificate that a device enrolled for, with the key that only it has.
struct EnrolledIdentity {
    std::string certificate_pem, key_pem;
    Timestamp renew_at{};
};

class SimulatedDevice {
public:
    SimulatedDevice(std::string id, std::string token, std::unique_ptr<simulate::Source> source,
                    const Pace& pace)
        : id_(std::move(id)), token_(std::move(token)), source_(std::move(source)), pace_(pace) {}

    const std::string& id() const { return id_; }
    const std::string& token() const { return token_; }
    // What it signs in with instead of a token.
    const std::optional<EnrolledIdentity>& enrolled() const { return enrolled_; }
    void enrol(EnrolledIdentity identity) { enrolled_ = std::move(identity); }
    bool link_up() const { return source_->link_up(); }
    std::vector<simulate::Publication> greeting(Timestamp now) const;

    // Lets its time go on to what is due at wall time `now`. `listened`: a connection stands.
    void play(Timestamp now, bool listened);
    // It has played to its end, and everything it said is acknowledged.
    bool finished() const;

    // What is to be sent next: with a packet identifier, unacknowledged from here on.
    std::optional<std::pair<std::uint16_t, const simulate::Publication*>> next();
    std::uint16_t free_packet();
    const std::map<std::uint16_t, simulate::Publication>& unacknowledged() const {
        return unacknowledged_;
    }
    bool acknowledge(std::uint16_t packet);  // false: it waits for no such packet
    // The server knows nothing of earlier exchanges: everything is to be sent anew.
    void forget_exchanges();

    std::uint64_t acknowledged = 0, refused = 0, dropped = 0;

private:
    std::string id_, token_;
    std::optional<EnrolledIdentity> enrolled_;
    std::unique_ptr<simulate::Source> source_;
    Pace pace_;
    std::deque<simulate::Publication> waiting_;
    std::map<std::uint16_t, simulate::Publication> unacknowledged_;
    std::uint16_t next_packet_ = 1;
    std::vector<simulate::Publication> said_;  // reused
};

}  // namespace vigil::app

#pragma once
// Where what was committed meets those who watch it: docs/reference/live-stream.md. On the loop's
// thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "collect/device_state.hpp"
#include "identity/registry.hpp"
#include "metric/catalogue.hpp"
#include "session/http.hpp"
#include "share/live_ring.hpp"
#include "store/access.hpp"
#include "store/log.hpp"
#include "store/series.hpp"

namespace vigil::share {

class LiveSession;

struct LiveLimits {
    Nanoseconds ring_for = std::chrono::seconds(60);
    std::size_t ring_bytes = std::size_t{32} << 20;
    std::size_t viewers_max = 500;
    // A viewer that comes back is sent what it missed out of the log, if that is not longer ago and
    // not more than this (bytes of the log's entries, whomever they are about).
    Nanoseconds resume_for = std::chrono::minutes(10);
    std::size_t resume_bytes_max = std::size_t{64} << 20;
    // Readings are gathered this long, so that a busy ward is a few frames, not thousands.
    Nanoseconds gather = std::chrono::milliseconds(4);
    // A viewer whose socket has not taken this much, or not for this long, gets the newest only.
    std::size_t untaken_bytes_max = 256 * 1024;
    Nanoseconds untaken_for_max = std::chrono::milliseconds(500);
    Nanoseconds silent_for_max = std::chrono::seconds(30);
};

// What the hub asks of others.
struct LiveSources {
    const Catalogue& catalogue;
    const identity::Registry& registry;
    const collect::DeviceStates& devices;
    store::Log& log;  // both read on workers
    store::SeriesStore& series;
    std::function<void(std::function<void()>)> on_worker;  // for what may wait for a disk
    std::function<void(std::function<void()>)> on_loop;
    // Decides and puts on record: the viewer's access to those of these patients whom they reach
    // (empty: to all whom they reach). At the start and at each change of patients; with what was
    // given before, when that is looked at again: what comes to the same goes on record once.
    std::function<Result<store::Access>(const identity::Principal&, const std::vector<PatientId>&,
                                        const store::Access* before)>
        decide;
    // The session or token that the viewer came with still stands.
    std::function<bool(const identity::Principal&, const std::string& session)> still_valid;
    std::string version;
};

class LiveHub {
public:
    LiveHub(LiveSources sources, LiveLimits limits);

    // What is in the log already, at the start, does not come again: it is before the ring.
    void starts_after(Position newest) { ring_.starts_after(newest); }
    void arrived(const collect::FiledMessage& message, Timestamp now);
    // Its connection, battery, clock or patient changed. `before`: whom it was on.
    void device_changed(DeviceId device, PatientId before, Timestamp now);
    // Somebody's rights, session or token ended: every viewer is looked at again, at once.
    void access_changed();

    bool full() const { return viewers_.size() >= limits_.viewers_max; }
    std::size_t viewers() const { return viewers_.size(); }
    std::unique_ptr<session::MessageSession> open(identity::Principal principal,
                                                  std::string session);

    // For the sessions.
    const LiveSources& sources() const { return sources_; }
    const LiveLimits& limits() const { return limits_; }
    const LiveRing& ring() const { return ring_; }
    void enter(LiveSession& viewer) { viewers_.insert(&viewer); }
    void leave(LiveSession& viewer) { viewers_.erase(&viewer); }

private:
    LiveSources sources_;
    LiveLimits limits_;
    LiveRing ring_;
    std::set<LiveSession*> viewers_;
};

}  // namespace vigil::share

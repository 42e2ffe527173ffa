#pragma once
// Where what is concluded meets those who watch: the alarms' own stream (docs/reference/
// alarms-api.md). On the loop's thread.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "identity/rights.hpp"
#include "session/http.hpp"
#include "share/alarms/shapes.hpp"
#include "share/alarms/watch.hpp"
#include "store/access.hpp"

namespace vigil::share {

class AlarmSession;

// What the hub asks of others.
struct AlarmSources {
    AlarmWords words;
    Watch& watch;
    // Decides and puts on record: the viewer's access to all whom they reach. With what was given
    // before: what comes to the same goes on record once.
    std::function<Result<store::Access>(const identity::Principal&, const store::Access* before)>
        decide;
    // The session or token that the viewer came with still stands.
    std::function<bool(const identity::Principal&, const std::string& session)> still_valid;
    // From a device's message to the screen that says it has painted what came of it.
    std::function<void(Nanoseconds)> shown_after;
    std::string version;
};

class AlarmHub {
public:
    explicit AlarmHub(AlarmSources sources) : sources_(std::move(sources)) {}

    // `received`: when the message came in of which an alarm among them was concluded.
    void changed(const std::vector<monitor::BedState>& beds, std::optional<Timestamp> received);
    // Somebody's rights, session or token ended: every viewer is looked at again, at once.
    void access_changed();

    static constexpr std::size_t viewers_max = 500;
    bool full() const { return viewers_.size() >= viewers_max; }
    std::size_t viewers() const { return viewers_.size(); }
    std::unique_ptr<session::MessageSession> open(identity::Principal principal,
                                                  std::string session);

    // For the sessions.
    const AlarmSources& sources() const { return sources_; }
    // This screen shows what there is, and can be heard.
    void confirmed(monitor::DisplayId display, const std::string& by, Timestamp now);
    void enter(AlarmSession& viewer) { viewers_.insert(&viewer); }
    void leave(AlarmSession& viewer) { viewers_.erase(&viewer); }

    // On record no oftener: two may be lost before the screen counts as lost
    // (MonitorTables::display_gap).
    static constexpr Nanoseconds confirmed_every = std::chrono::seconds(3);

private:
    AlarmSources sources_;
    std::set<AlarmSession*> viewers_;
    std::map<monitor::DisplayId, Timestamp> confirmed_;  // put on record last
};

}  // namespace vigil::share

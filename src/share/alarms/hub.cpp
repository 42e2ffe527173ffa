#include "share/alarms/hub.hpp"

#include "share/alarms/session.hpp"

namespace vigil::share {

void AlarmHub::changed(const std::vector<monitor::BedState>& beds,
                       std::optional<Timestamp> received) {
    for (auto* viewer : viewers_) viewer->changed(beds, received);
}

void AlarmHub::access_changed() {
    for (auto* viewer : viewers_) viewer->access_changed();
}

std::unique_ptr<session::MessageSession> AlarmHub::open(identity::Principal principal,
                                                        std::string session) {
    return std::make_unique<AlarmSession>(*this, std::move(principal), std::move(session));
}

}  // namespace vigil::share

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

void AlarmHub::confirmed(monitor::DisplayId display, const std::string& by, Timestamp now) {
    auto& last = confirmed_.try_emplace(display, Timestamp::min()).first->second;
    if (last != Timestamp::min() && now >= last && now - last < confirmed_every) return;
    last = now;
    sources_.watch.give(
        {.recorded = now, .by = by, .reason = {}, .body = monitor::DisplayConfirmed{display}},
        [](const auto&) {});
}

std::unique_ptr<session::MessageSession> AlarmHub::open(identity::Principal principal,
                                                        std::string session) {
    return std::make_unique<AlarmSession>(*this, std::move(principal), std::move(session));
}

}  // namespace vigil::share

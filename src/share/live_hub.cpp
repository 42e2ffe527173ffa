#include "share/live_hub.hpp"

#include "share/live_session.hpp"

namespace vigil::share {

LiveHub::LiveHub(LiveSources sources, LiveLimits limits)
    : sources_(std::move(sources)), limits_(limits), ring_(limits.ring_for, limits.ring_bytes) {}

void LiveHub::arrived(const collect::FiledMessage& message, Timestamp now) {
    ring_.push(message, now);
    for (auto* viewer : viewers_) viewer->poke();
}

void LiveHub::device_changed(DeviceId device, PatientId before, Timestamp now) {
    const auto after = sources_.registry.patient_at(device, now);
    for (auto* viewer : viewers_) viewer->device_changed(device, before, after);
}

void LiveHub::access_changed() {
    for (auto* viewer : viewers_) viewer->access_changed();
}

std::unique_ptr<session::MessageSession> LiveHub::open(identity::Principal principal,
                                                       std::string session) {
    return std::make_unique<LiveSession>(*this, std::move(principal), std::move(session));
}

}  // namespace vigil::share

#include "simulate/bedside_monitor.hpp"

#include <fmt/format.h>

#include <cmath>

#include "simulate/wire.hpp"

namespace vigil::simulate {

void BedsideMonitor::greet(Timestamp now, std::vector<Publication>& out) const {
    long percent = 100;  // a recording's device is on the mains
    if (const auto* patient = std::get_if<VirtualPatient>(&plays_))
        percent = std::lround(patient->body().quantities()[Quantity::battery]);
    out.push_back({now, fmt::format("vigil/{}/telemetry", device_),
                   fmt::format(R"({{"ts":"{}","battery_level":{}}})", format_rfc3339(now),
                               std::clamp(percent, 0L, 100L))});
}

void BedsideMonitor::advance(Nanoseconds duration, bool later, std::vector<Publication>& out) {
    emissions_.clear();
    std::visit([&](auto& plays) { plays.advance(duration, emissions_); }, plays_);
    now_ += duration;
    for (auto& emission : emissions_) {
        link_up_ = emission.link_up;
        if (emission.kind == Emission::Kind::waveform && emission.time < waves_from_) continue;
        if (emission.readings.empty()) continue;
        auto form = wire_form(catalogue_, emission, later || !link_up_);
        out.push_back({emission.time, fmt::format("vigil/{}/{}", device_, form.topic_suffix),
                       std::move(form.payload)});
    }
}

}  // namespace vigil::simulate

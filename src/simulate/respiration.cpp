#include "simulate/respiration.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <ranges>

namespace vigil::simulate {
namespace {

constexpr double apnoea_below_per_min = 3;
constexpr double inspired_share = 0.4;  // inspiration : expiration = 1 : 1.5
constexpr double rate_window_s = 30;

}  // namespace

void Respiration::advance(double from, double until, double rate_per_min) {
    while (!breaths_.empty() &&
           breaths_.front().start + breaths_.front().period < from - rate_window_s)
        breaths_.pop_front();
    if (rate_per_min < apnoea_below_per_min) {
        next_ = std::max(next_, until);
        return;
    }
    while (next_ < until) {
        // Breath to breath variation of a resting adult: 5-10 % in time, 10-15 % in depth.
        const double period = 60 / rate_per_min * (1 + 0.06 * random_.normal());
        breaths_.push_back({next_, period, std::max(0.3, 0.9 + 0.1 * random_.normal())});
        next_ += period;
    }
}

double Respiration::volume(double time) const {
    for (const auto& breath : breaths_ | std::views::reverse) {
        if (breath.start > time) continue;
        const double phase = (time - breath.start) / breath.period;
        if (phase >= 1) return 0;
        const double rise =
            phase < inspired_share
                ? 1 - std::cos(std::numbers::pi * phase / inspired_share)
                : 1 + std::cos(std::numbers::pi * (phase - inspired_share) / (1 - inspired_share));
        return 0.5 * breath.depth * rise;
    }
    return 0;
}

double Respiration::expired_s(double time) const {
    for (const auto& breath : breaths_ | std::views::reverse) {
        if (breath.start > time) continue;
        const double turned = breath.start + inspired_share * breath.period;
        return time < turned || time >= breath.start + breath.period ? 0 : time - turned;
    }
    return 0;
}

double Respiration::rate_per_min(double now) const {
    int breaths = 0;
    double periods = 0;
    double last_end = 0;
    for (const auto& breath : breaths_) {
        if (breath.start + breath.period < now - rate_window_s || breath.start > now) continue;
        ++breaths;
        periods += breath.period;
        last_end = breath.start + breath.period;
    }
    constexpr double apnoea_delay_s = 10;
    if (breaths == 0 || now - last_end > apnoea_delay_s) return 0;
    return 60 * breaths / periods;
}

}  // namespace vigil::simulate

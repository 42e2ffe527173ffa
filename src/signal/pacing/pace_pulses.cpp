#include "signal/pacing/pace_pulses.hpp"

#include <algorithm>
#include <cmath>

namespace vigil::pacing {
namespace {

constexpr double width_s_max = 0.002;
constexpr float height_mv_min = 0.5F;  // 2 mV of 0.5 ms, sampled at 500 Hz
constexpr float rest_share = 0.4F;     // of its height, that the signal may move beside it

}  // namespace

PacePulses::PacePulses(double sample_hz)
    : half_(std::max<std::int64_t>(1, std::llround(std::ceil(width_s_max * sample_hz)))),
      recent_(static_cast<std::size_t>(4 * half_ + 1)) {}

float PacePulses::at(std::int64_t number) const {
    return number < 0 ? recent_[0] : recent_[static_cast<std::size_t>(number) % recent_.size()];
}

// It stands alone: on both sides the signal is as it was, and moves little. The top of a QRS
// complex has flanks that are the steeper the further from it.
bool PacePulses::is_pulse(std::int64_t centre) const {
    const float before = at(centre - half_), after = at(centre + half_);
    const float height = std::abs(at(centre) - (before + after) / 2);
    if (!(height >= height_mv_min)) return false;
    const float rest = rest_share * height;
    return std::abs(after - before) <= rest && std::abs(before - at(centre - 2 * half_)) <= rest &&
           std::abs(after - at(centre + 2 * half_)) <= rest;
}

PacePulses::Out PacePulses::add(float value_mv) {
    recent_[static_cast<std::size_t>(count_) % recent_.size()] = value_mv;
    if (count_ == 0) std::ranges::fill(recent_, value_mv);
    ++count_;
    Out out;
    const auto centre = count_ - 1 - 2 * half_;
    if (centre - 2 * half_ >= 0 && centre > last_pulse_ + half_ && is_pulse(centre)) {
        out.pulse = last_pulse_ = centre;
        const float before = at(centre - half_), after = at(centre + half_);
        for (auto i = -half_ + 1; i < half_; ++i) {
            const float part = static_cast<float>(i + half_) / static_cast<float>(2 * half_);
            recent_[static_cast<std::size_t>(centre + i) % recent_.size()] =
                before + part * (after - before);
        }
    }
    out.value_mv = at(count_ - 1 - delay());
    return out;
}

}  // namespace vigil::pacing

#include "signal/ecg/qrs_filter.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace vigil::ecg {
namespace {

constexpr float steps_per_mv = 4096;
constexpr float value_max_mv = 1000;  // 20 such values in steps fit 32 bits

constexpr std::size_t box_samples = 13;
constexpr float slope_scale = 1 / (steps_per_mv * 5 * 4);
constexpr float energy_scale = slope_scale / (box_samples * box_samples);

}  // namespace

QrsFilter::Output QrsFilter::feed(float value_mv) {
    const auto before = [this](std::size_t samples) { return (at_ - samples) & mask; };
    const auto steps = static_cast<std::int32_t>(
        std::lrint(std::clamp(value_mv, -value_max_mv, value_max_mv) * steps_per_mv));
    const auto now = at_ & mask;
    running5_ += steps - input_[before(5)];
    input_[now] = steps;
    running4_ += running5_ - sum5_[before(4)];
    sum5_[now] = running5_;
    const auto slope = running4_ - sum4_[before(5)];
    sum4_[now] = running4_;
    const auto magnitude = std::abs(slope);
    box1_ += magnitude - magnitude_[before(box_samples)];
    magnitude_[now] = magnitude;
    box2_ += box1_ - box_[before(box_samples)];
    box_[now] = box1_;
    ++at_;
    return {.slope = static_cast<float>(slope) * slope_scale,
            .energy = static_cast<float>(box2_) * energy_scale};
}

}  // namespace vigil::ecg

#include "monitor/signals/sample_timeline.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <span>

#include "metric/unit.hpp"

namespace vigil::monitor {
namespace {

constexpr float none = std::numeric_limits<float>::quiet_NaN();

std::optional<double> in_unit(const Decimal& value, UnitId from, const Metric& metric) {
    if (!from || from == metric.unit) return value.to_double();
    if (from.value >= units::count()) return std::nullopt;
    const auto converted = units::convert(value, from, metric.unit, metric.molar_mass);
    if (!converted) return std::nullopt;
    return converted->to_double();
}

}  // namespace

std::optional<SampleScale> sample_scale(const WaveformBlock& block, const Metric& metric) {
    const auto scale = in_unit(block.scale, block.unit, metric);
    const auto offset = in_unit(block.offset, block.unit, metric);
    if (!scale || !offset) return std::nullopt;
    return SampleScale{.scale = *scale, .offset = *offset};
}

std::optional<double> sample_hz(const WaveformBlock& block) {
    constexpr Nanoseconds shortest = std::chrono::microseconds(10),
                          longest = std::chrono::seconds(1);
    if (block.period < shortest || block.period > longest) return std::nullopt;
    return 1e9 / static_cast<double>(block.period.count());
}

bool SampleTimeline::take(Timestamp start, const WaveformBlock& block, const SampleScale& scale,
                          bool is_receipt_time) {
    const auto off = start - time_of(end());
    const auto jitter = is_receipt_time ? receipt_jitter_max : jitter_max;
    const auto shift = std::chrono::abs(off) <= jitter ? Nanoseconds(0) : off;
    if (std::chrono::abs(shift) > gap_max) return false;
    const auto count = static_cast<std::int64_t>(block.samples.size());
    if (waiting_.size() * period_ + shift + count * period_ > waiting_max) return false;
    const auto samples =
        std::llround(static_cast<double>(shift.count()) / static_cast<double>(period_.count()));
    if (samples > 0) waiting_.insert(waiting_.end(), static_cast<std::size_t>(samples), none);
    const auto known = std::clamp<std::int64_t>(-samples, 0, count);
    for (const auto sample : std::span(block.samples).subspan(static_cast<std::size_t>(known)))
        waiting_.push_back(sample == WaveformBlock::missing
                               ? none
                               : static_cast<float>(scale.offset + scale.scale * sample));
    return true;
}

void SampleTimeline::read(std::size_t count, std::vector<float>& out) {
    const auto there = std::min(count, waiting_.size());
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(there);
    out.insert(out.end(), waiting_.begin(), end);
    out.insert(out.end(), count - there, none);
    waiting_.erase(waiting_.begin(), end);
    next_ += static_cast<std::int64_t>(count);
}

}  // namespace vigil::monitor

#include "collect/device_clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace vigil::collect {
namespace {

constexpr Nanoseconds drift_window = std::chrono::minutes(10);
constexpr Nanoseconds quarter_hour = std::chrono::minutes(15);
constexpr Nanoseconds zone_max = std::chrono::hours(14);
constexpr Nanoseconds zone_slack = std::chrono::seconds(60);

Nanoseconds magnitude(Nanoseconds t) {
    return t < Nanoseconds(0) ? -t : t;
}

bool looks_like_a_zone(Nanoseconds offset) {
    const auto size = magnitude(offset);
    const auto remainder = size % quarter_hour;
    const auto distance = std::min(remainder, quarter_hour - remainder);
    return size > quarter_hour - zone_slack && size <= zone_max + zone_slack &&
           distance <= zone_slack;
}

std::string in_words(Nanoseconds t) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(magnitude(t)).count();
    if (seconds < 120) return fmt::format("{} s", seconds);
    if (seconds < 7200) return fmt::format("{} min", seconds / 60);
    if (seconds < 172800) return fmt::format("{} h", seconds / 3600);
    return fmt::format("{} days", seconds / 86400);
}

}  // namespace

FiledTime DeviceClock::file(const ClockRules& rules, std::optional<Timestamp> device_time,
                            Timestamp receive_time, bool stored_data) const {
    if (!device_time) return {receive_time};
    if (magnitude(receive_time - *device_time) <= rules.tolerance) return {*device_time};
    const FiledTime on_arrival{.time = receive_time, .clock_fault = true, .unplaced = true};
    if (!stored_data || !seen_in_session_) return on_arrival;
    const bool right = state_ == ClockState::good || state_ == ClockState::drifting;
    // The clock is off by an amount that this session has measured: put right by it, and said so.
    const auto time = right ? *device_time : *device_time + offset_;
    if (time > receive_time + rules.tolerance) return on_arrival;
    return {.time = time, .clock_fault = !right};
}

void DeviceClock::observe(const ClockRules& rules, Timestamp device_time, Timestamp receive_time) {
    const auto offset = receive_time - device_time;
    const bool first = state_ == ClockState::unknown;
    const auto change = first ? Nanoseconds(0) : magnitude(offset - offset_);
    offset_ = offset;
    seen_in_session_ = true;
    if (first || change > rules.jump) {
        if (!first) ++jumps_;
        first_least_ = running_least_ = offset;
        first_at_ = running_since_ = receive_time;
        drift_ppm_ = 0;
    }
    running_least_ = std::min(running_least_, offset);
    if (receive_time - running_since_ >= drift_window) {
        const auto elapsed = receive_time - first_at_;
        if (elapsed < 2 * drift_window)
            first_least_ = running_least_;
        else
            drift_ppm_ = static_cast<std::int32_t>((running_least_ - first_least_).count() /
                                                   (elapsed.count() / 1'000'000));
        running_since_ = receive_time;
        running_least_ = offset;
    }
    state_ = judge(rules, change);
}

ClockState DeviceClock::judge(const ClockRules& rules, Nanoseconds change) const {
    if (change > rules.jump) return ClockState::jumped;
    if (magnitude(offset_) > rules.tolerance)
        return looks_like_a_zone(offset_) ? ClockState::no_zone : ClockState::off;
    if (std::abs(drift_ppm_) > rules.drift_ppm) return ClockState::drifting;
    return ClockState::good;
}

std::string describe(const DeviceClock& clock) {
    const auto* direction = clock.offset() > Nanoseconds(0) ? "slow" : "fast";
    const auto amount = in_words(clock.offset());
    switch (clock.state()) {
        case ClockState::unknown:
            return "sends no time";
        case ClockState::good:
            return "right";
        case ClockState::off:
            return fmt::format("{} by {}", direction, amount);
        case ClockState::no_zone:
            return fmt::format("{} by {}: its time zone is not set", direction, amount);
        case ClockState::jumped:
            return fmt::format("jumped, now {} by {}", direction, amount);
        case ClockState::drifting:
            return fmt::format("drifting, now {} by {}", direction, amount);
    }
    return {};
}

}  // namespace vigil::collect

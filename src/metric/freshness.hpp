#pragma once
// How old a value may look: one rule for screens, monitor and API (a number is never shown without
// its age).

#include <optional>

#include "base/time.hpp"

namespace vigil {

enum class Freshness : std::uint8_t {
    fresh,  // at most one expected interval old
    stale,  // older: shown dimmed, with its age
    absent  // older than three, or never seen: no value is shown as current
};

// What an episodic metric (expected interval 0: cuff, thermometer, scale) is judged by. Four hours
// is the shortest round that early-warning charts prescribe for a patient who is not well but not
// monitored continuously (RCP, NEWS2 2017, table 4: score 1-4, every 4-6 h); three are half a day.
constexpr Nanoseconds episodic_interval = std::chrono::hours(4);

constexpr Freshness freshness(std::optional<Timestamp> last_filed, Nanoseconds expected_interval,
                              Timestamp now) {
    if (!last_filed) return Freshness::absent;
    const auto interval =
        expected_interval > Nanoseconds::zero() ? expected_interval : episodic_interval;
    const auto age = now - *last_filed;  // negative for a source that runs ahead: fresh
    if (age <= interval) return Freshness::fresh;
    return age <= 3 * interval ? Freshness::stale : Freshness::absent;
}

}  // namespace vigil

#pragma once
// A device's clock as its messages show it, and the time its readings are filed under.

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"

namespace vigil::collect {

struct ClockRules {
    // A live reading's device time is believed within this of its receive time.
    Nanoseconds tolerance = std::chrono::seconds(60);
    // The offset of consecutive live readings may change by this much before it counts as a jump:
    // networks deliver late, clocks do not.
    Nanoseconds jump = std::chrono::seconds(20);
    // Crystal clocks keep 20–100 ppm (8 s a day); beyond this the clock is said to drift.
    std::int32_t drift_ppm = 100;
};

enum class ClockState : std::uint8_t {
    unknown,  // no device time seen yet
    good,     // within tolerance
    off,      // beyond tolerance
    no_zone,  // off by what looks like a time zone: a whole number of quarter hours
    jumped,   // the last reading moved it by more than `jump`
    drifting  // within tolerance, but running away
};

struct FiledTime {
    Timestamp time;
    bool clock_fault = false;  // status::clock: the device's own time was not used as it stands
    bool unplaced = false;     // it could not even be put right: this is the receive time
};

class DeviceClock {
public:
    // The conversation that what follows belongs to, of the device or of the gateway that speaks
    // for it. In a new one the clock has to be seen again before stored data is believed.
    void in_session(std::uint64_t session) {
        if (session != session_) seen_in_session_ = false;
        session_ = session;
    }

    // What the clock showed at `receive_time`: its time in a Current Time message, or the newest
    // reading of a live one.
    void observe(const ClockRules& rules, Timestamp device_time, Timestamp receive_time);

    // `stored_data`: measured earlier, sent only now, as the source declares or a newer reading in
    // the same message shows.
    FiledTime file(const ClockRules& rules, std::optional<Timestamp> device_time,
                   Timestamp receive_time, bool stored_data) const;

    ClockState state() const { return state_; }
    // Receive time less device time at the last live reading: positive when the device is slow.
    Nanoseconds offset() const { return offset_; }
    std::uint32_t jumps() const { return jumps_; }

private:
    ClockState judge(const ClockRules& rules, Nanoseconds change) const;

    ClockState state_ = ClockState::unknown;
    std::uint64_t session_ = 0;
    bool seen_in_session_ = false;
    std::uint32_t jumps_ = 0;
    std::int32_t drift_ppm_ = 0;
    Nanoseconds offset_{};
    // Least offset (so least network delay) of the first and of the running window: their
    // difference over the time between them is the drift.
    Nanoseconds first_least_{}, running_least_{};
    Timestamp first_at_{}, running_since_{};
};

// "slow by 2 h: its time zone is not set", for the devices page.
std::string describe(const DeviceClock& clock);

}  // namespace vigil::collect

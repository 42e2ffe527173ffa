#pragma once
// What a finger probe makes of the arterial saturation: it sees the blood later, and averages.

#include <array>
#include <cstddef>
#include <optional>

namespace vigil::simulate {

class Oximeter {
public:
    // Once a second. `pulse`: is there one to measure?
    void second(double arterial_saturation, bool pulse) {
        seen_[at_] = arterial_saturation;
        at_ = (at_ + 1) % seen_.size();
        if (filled_ < seen_.size()) ++filled_;
        without_pulse_s_ = pulse ? 0 : without_pulse_s_ + 1;
    }

    // Nothing until the first average is full, nor when the pulse has been away for ten seconds.
    std::optional<double> saturation() const {
        if (filled_ < averaged_s || without_pulse_s_ > pulse_lost_after_s) return std::nullopt;
        // The oldest values: those are reaching the finger now.
        double sum = 0;
        for (std::size_t i = 0; i < averaged_s; ++i) {
            const auto oldest = filled_ < seen_.size() ? 0 : at_;
            sum += seen_[(oldest + i) % seen_.size()];
        }
        return sum / averaged_s;
    }

private:
    static constexpr std::size_t transit_s = 12;  // lung to finger
    static constexpr std::size_t averaged_s = 8;
    static constexpr int pulse_lost_after_s = 10;

    std::array<double, transit_s + averaged_s> seen_{};
    std::size_t at_ = 0, filled_ = 0;
    int without_pulse_s_ = 0;
};

}  // namespace vigil::simulate

#include "signal/rhythm/heart_rate.hpp"

#include <algorithm>

namespace vigil::rhythm {

void HeartRate::add(double rr_s) {
    if (!(rr_s > 0)) return;
    rr_s_[count_ % kept] = rr_s;
    ++count_;
}

std::optional<double> HeartRate::per_min() const {
    constexpr double slow_s = 1.2;
    if (count_ < 2) return std::nullopt;
    const bool slow = count_ >= 4 && ago(0) > slow_s && ago(1) > slow_s && ago(2) > slow_s;
    const std::size_t used = slow ? 4 : std::min(count_, kept);
    double sum = 0, longest = ago(0), shortest = ago(0);
    for (std::size_t i = 0; i < used; ++i) {
        sum += ago(i);
        longest = std::max(longest, ago(i));
        shortest = std::min(shortest, ago(i));
    }
    constexpr std::size_t enough_to_leave_two_out = 5;
    if (used < enough_to_leave_two_out) return 60 * static_cast<double>(used) / sum;
    return 60 * static_cast<double>(used - 2) / (sum - longest - shortest);
}

}  // namespace vigil::rhythm

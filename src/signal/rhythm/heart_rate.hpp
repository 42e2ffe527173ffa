#pragma once
// The heart rate that a monitor shows.

#include <array>
#include <cstddef>
#include <optional>

namespace vigil::rhythm {

// Of the last twelve intervals, the longest and the shortest left out; where the last three are
// each longer than 1.2 s, of the last four. So the Mindray V Series (operator's manual, heart rate
// calculation), and so a ward's monitors mostly: a pause or an ectopic beat does not move it, a
// slow rhythm shows after four beats.
class HeartRate {
public:
    void add(double rr_s);  // of any beat's class; what is not above 0 is left out
    void clear() { count_ = 0; }
    // Beats a minute; none before two intervals.
    std::optional<double> per_min() const;

private:
    static constexpr std::size_t kept = 12;
    double ago(std::size_t intervals) const { return rr_s_[(count_ - 1 - intervals) % kept]; }

    std::array<double, kept> rr_s_{};
    std::size_t count_ = 0;
};

}  // namespace vigil::rhythm

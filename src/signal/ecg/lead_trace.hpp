#pragma once
// The last four seconds of a lead at 250 Hz, as detector and classifier look at them.

#include <array>
#include <cstdint>

#include "signal/ecg/qrs_filter.hpp"

namespace vigil::ecg {

// A ring of samples that are named by their number since the start.
template <class T, std::size_t size>
class Recent {
    static_assert((size & (size - 1)) == 0, "a power of two");

public:
    static constexpr std::int64_t span = size;
    void set(std::int64_t number, T value) { values_[place(number)] = value; }
    T operator[](std::int64_t number) const { return values_[place(number)]; }

private:
    static std::size_t place(std::int64_t number) {
        return static_cast<std::size_t>(number) & (size - 1);
    }
    std::array<T, size> values_{};
};

constexpr std::size_t trace_samples = 1024;
constexpr std::size_t leads_max = 2;

struct LeadTrace {
    QrsFilter filter;
    Recent<float, trace_samples> value;   // mV
    Recent<float, trace_samples> slope;   // of the time slope_delay before
    Recent<float, trace_samples> energy;  // of the time energy_delay before

    void feed(std::int64_t number, float value_mv) {
        const auto out = filter.feed(value_mv);
        value.set(number, value_mv);
        slope.set(number, out.slope);
        energy.set(number, out.energy);
    }
};

}  // namespace vigil::ecg

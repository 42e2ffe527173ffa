#pragma once
// The median of the last few of a series of numbers.

#include <algorithm>
#include <array>
#include <cstddef>

namespace vigil::rhythm {

template <std::size_t size_max>
class RunningMedian {
public:
    void add(double value) {
        values_[next_] = value;
        next_ = (next_ + 1) % size_max;
        count_ = std::min(count_ + 1, size_max);
    }
    void clear() { count_ = next_ = 0; }
    std::size_t count() const { return count_; }
    double value() const {  // 0 of none; the upper one of an even count
        if (count_ == 0) return 0;
        auto sorted = values_;
        const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(count_ / 2);
        std::nth_element(sorted.begin(), middle,
                         sorted.begin() + static_cast<std::ptrdiff_t>(count_));
        return *middle;
    }

private:
    std::array<double, size_max> values_{};
    std::size_t next_ = 0, count_ = 0;
};

}  // namespace vigil::rhythm

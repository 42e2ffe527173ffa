#pragma once
// The median of the last few values: what one artefact does not move.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace vigil::ecg {

class RecentMedian {
public:
    static constexpr std::size_t values_max = 8;

    void add(float value) {
        values_[next_] = value;
        next_ = (next_ + 1) % values_max;
        count_ = std::min(count_ + 1, values_max);
        auto sorted = values_;
        const auto middle = static_cast<std::ptrdiff_t>(count_ / 2);
        std::nth_element(sorted.begin(), sorted.begin() + middle,
                         sorted.begin() + static_cast<std::ptrdiff_t>(count_));
        median_ = sorted[count_ / 2];
    }
    std::size_t count() const { return count_; }
    float median_or(float otherwise) const { return count_ > 0 ? median_ : otherwise; }
    // Mean distance from the median.
    float deviation() const {
        float sum = 0;
        for (std::size_t i = 0; i < count_; ++i) sum += std::abs(values_[i] - median_);
        return count_ > 0 ? sum / static_cast<float>(count_) : 0;
    }

private:
    std::array<float, values_max> values_{};
    std::size_t next_ = 0, count_ = 0;
    float median_ = 0;
};

}  // namespace vigil::ecg

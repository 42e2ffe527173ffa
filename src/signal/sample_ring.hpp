#pragma once
// The last of a signal's samples, by their number since its start.

#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

namespace vigil {

class SampleRing {
public:
    explicit SampleRing(std::size_t size) : samples_(size) {}  // above 0

    void add(float value) {
        samples_[static_cast<std::size_t>(count_) % samples_.size()] = value;
        ++count_;
    }
    std::int64_t count() const { return count_; }  // since the start
    bool holds(std::int64_t from, std::int64_t to) const {
        return from >= 0 && from <= to && to < count_ &&
               from >= count_ - static_cast<std::int64_t>(samples_.size());
    }
    // Must be held.
    float operator[](std::int64_t number) const {
        return samples_[static_cast<std::size_t>(number) % samples_.size()];
    }
    // Both inclusive; none if a sample is not held, or is no number.
    std::optional<double> mean(std::int64_t from, std::int64_t to) const {
        if (!holds(from, to)) return std::nullopt;
        double sum = 0;
        for (auto i = from; i <= to; ++i) sum += static_cast<double>((*this)[i]);
        if (!std::isfinite(sum)) return std::nullopt;
        return sum / static_cast<double>(to - from + 1);
    }

private:
    std::vector<float> samples_;
    std::int64_t count_ = 0;
};

}  // namespace vigil

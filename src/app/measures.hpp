#pragma once
// Rates over the last ten seconds and commit latency, for the status page.

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace vigil::app {

// A counter that only grows, as a rate.
class Rate {
public:
    void sample(Timestamp now, std::uint64_t total) {
        samples_[next_] = {now, total};
        next_ = (next_ + 1) % samples_.size();
        filled_ = std::min(filled_ + 1, samples_.size());
    }
    double per_second() const {
        if (filled_ < 2) return 0;
        const auto& newest = samples_[(next_ + samples_.size() - 1) % samples_.size()];
        const auto& oldest = samples_[filled_ < samples_.size() ? 0 : next_];
        const auto seconds = std::chrono::duration<double>(newest.at - oldest.at).count();
        return seconds > 0 ? static_cast<double>(newest.total - oldest.total) / seconds : 0;
    }

private:
    struct Sample {
        Timestamp at{};
        std::uint64_t total = 0;
    };
    std::array<Sample, 11> samples_{};  // one a second
    std::size_t next_ = 0, filled_ = 0;
};

// The last thousand latencies.
class Latencies {
public:
    void add(Nanoseconds latency) {
        values_[next_ % values_.size()] = latency;
        ++next_;
    }
    double quantile_ms(double q) const {
        const auto count = std::min(next_, values_.size());
        if (count == 0) return 0;
        std::vector<Nanoseconds> sorted(values_.begin(),
                                        values_.begin() + static_cast<std::ptrdiff_t>(count));
        const auto at = static_cast<std::ptrdiff_t>(q * static_cast<double>(count - 1));
        std::nth_element(sorted.begin(), sorted.begin() + at, sorted.end());
        return static_cast<double>(sorted[static_cast<std::size_t>(at)].count()) / 1e6;
    }

private:
    std::array<Nanoseconds, 1024> values_{};
    std::size_t next_ = 0;
};

}  // namespace vigil::app

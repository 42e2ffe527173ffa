#pragma once
// What the clients of one load have seen, and when its measured part runs.

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace vigil::load {

// Nanoseconds in 64 buckets per power of two: within 1.6 %.
class Histogram {
public:
    void add(std::int64_t ns) {
        ++count_;
        ++buckets_[index(static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 0)))];
    }
    std::uint64_t count() const { return count_; }
    double quantile_us(double q) const {
        const auto wanted =
            std::max<std::uint64_t>(1, static_cast<std::uint64_t>(q * static_cast<double>(count_)));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets_.size(); ++i)
            if ((seen += buckets_[i]) >= wanted) return static_cast<double>(upper(i)) / 1e3;
        return 0;
    }
    std::string json() const {
        return fmt::format(R"({{"count":{},"p50_us":{:.0f},"p99_us":{:.0f},"p999_us":{:.0f}}})",
                           count_, quantile_us(0.5), quantile_us(0.99), quantile_us(0.999));
    }

private:
    static std::size_t index(std::uint64_t ns) {
        if (ns < 64) return static_cast<std::size_t>(ns);
        const auto power = static_cast<std::size_t>(std::bit_width(ns)) - 1;  // at least 6
        return (power - 5) * 64 + static_cast<std::size_t>((ns >> (power - 6)) & 63);
    }
    static std::uint64_t upper(std::size_t bucket) {
        if (bucket < 64) return bucket;
        return ((std::uint64_t{64} + bucket % 64 + 1) << (bucket / 64 - 1)) - 1;
    }
    std::vector<std::uint64_t> buckets_ = std::vector<std::uint64_t>(std::size_t{64} * 60);
    std::uint64_t count_ = 0;
};

struct Totals {
    bool sending = false, measuring = false;
    std::size_t ready = 0;  // connections and subscriptions that stand
    std::size_t lost = 0;   // connections that ended
    // Of the whole run; received_first: by the first subscriber.
    std::uint64_t sent = 0, acknowledged = 0, received = 0, received_first = 0, seen = 0;
    std::uint64_t acknowledged_measured = 0, received_measured = 0, seen_measured = 0;
    std::uint64_t refused = 0;
    std::vector<std::function<void()>>
        waiting;                // publishers that are too far ahead of the subscriber
    Histogram acknowledgement;  // due → PUBACK
    Histogram delivery;         // due → the MQTT subscriber
    Histogram sight;            // due → the live stream's viewer
};

}  // namespace vigil::load

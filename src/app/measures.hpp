#pragma once
// What the server counts and times of itself, for the status page and /metrics.

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <optional>
#include <vector>

#include "app/audit_syslog.hpp"
#include "app/audit_writer.hpp"
#include "base/time.hpp"
#include "broker/broker.hpp"
#include "collect/intake.hpp"

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

// How many latencies were at most so long: a Prometheus histogram.
class Histogram {
public:
    // Seconds; a commit is one sync of the disk, or many messages wait for it.
    static constexpr std::array<double, 12> bounds{0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008,
                                                   0.016,   0.032,  0.064, 0.128, 0.5,   2};
    void add(Nanoseconds latency) {
        const auto seconds = std::chrono::duration<double>(latency).count();
        ++counts_[static_cast<std::size_t>(std::ranges::lower_bound(bounds, seconds) -
                                           bounds.begin())];
        sum_ += seconds;
    }
    std::uint64_t count_up_to(std::size_t bound) const {  // bounds.size(): all
        return std::accumulate(counts_.begin(),
                               counts_.begin() + static_cast<std::ptrdiff_t>(bound) + 1,
                               std::uint64_t{0});
    }
    double sum() const { return sum_; }

private:
    std::array<std::uint64_t, bounds.size() + 1> counts_{};
    double sum_ = 0;
};

// What the loop's own parts count, as of the last second: read by workers under a lock.
// Devices by the state of their newest certificate; those that never had one are not counted.
struct CertificateCounts {
    std::size_t good = 0, expiring = 0, ended = 0, revoked = 0;
};

struct Figures {
    collect::IntakeCounts intake{};
    broker::BrokerStatistics broker{};
    broker::WaitingMessages mqtt_waiting{};
    AuditState audit{};
    std::optional<AuditSyslogState> syslog{};
    CertificateCounts certificates{};
    std::uint64_t connects_refused = 0, sign_ins_refused = 0, requests_refused = 0;
    std::size_t mqtt_connections = 0, http_connections = 0, mqtt_sessions = 0, retained = 0,
                viewers = 0, web_sessions = 0;
};

}  // namespace vigil::app

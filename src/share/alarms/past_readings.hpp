#pragma once
// What was stored of a patient, in the order in which it was live: for dry runs and what-ifs.

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "monitor/alarms/limit_table.hpp"
#include "monitor/rules/dry_run.hpp"
#include "store/series.hpp"

namespace vigil::share {

// On a worker. An hour at a time is in memory. What came late counted for no alarm and is left out.
class PastReadings {
public:
    // `stop` set: ends early, as failed.
    PastReadings(store::SeriesStore& series, store::Access access, PatientId patient,
                 std::vector<MetricId> metrics, store::Span span,
                 std::shared_ptr<const std::atomic<bool>> stop = {});

    std::optional<monitor::PastReading> next();
    // Why it ended before its end.
    const std::optional<Error>& failure() const { return failure_; }

private:
    void read_hour();

    store::SeriesStore& series_;
    store::Access access_;
    PatientId patient_;
    std::vector<MetricId> metrics_;
    store::Span span_;
    std::shared_ptr<const std::atomic<bool>> stop_;
    bool bounded_ = false;  // span_ is no longer than what there is
    std::vector<monitor::PastReading> hour_;
    std::size_t at_ = 0;
    std::optional<Error> failure_;
};

// What they look at, each once, added to what is there.
void add_metrics(const monitor::Rule& rule, std::vector<MetricId>& metrics);
void add_metrics(const monitor::LimitTable& limits, std::vector<MetricId>& metrics);

}  // namespace vigil::share

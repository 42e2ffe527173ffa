#include "share/alarms/past_readings.hpp"

#include <algorithm>
#include <tuple>

namespace vigil::share {
namespace {

void add(MetricId metric, std::vector<MetricId>& metrics) {
    if (metric && std::ranges::find(metrics, metric) == metrics.end()) metrics.push_back(metric);
}

}  // namespace

PastReadings::PastReadings(store::SeriesStore& series, store::Access access, PatientId patient,
                           std::vector<MetricId> metrics, store::Span span,
                           std::shared_ptr<const std::atomic<bool>> stop)
    : series_(series),
      access_(std::move(access)),
      patient_(patient),
      metrics_(std::move(metrics)),
      span_(span),
      stop_(std::move(stop)) {}

std::optional<monitor::PastReading> PastReadings::next() {
    while (at_ == hour_.size() && !failure_ && span_.from < span_.to) {
        if (stop_ && stop_->load(std::memory_order_relaxed))
            failure_ = Error{Error::Kind::busy, "nobody waits for it any more", ""};
        else
            read_hour();
    }
    if (failure_ || at_ == hour_.size()) return std::nullopt;
    return std::move(hour_[at_++]);
}

void PastReadings::read_hour() {
    hour_.clear();
    at_ = 0;
    if (!bounded_) {
        auto all = series_.list(access_, patient_);
        if (!all) {
            failure_ = all.error();
            return;
        }
        store::Span there{span_.to, span_.from};
        for (const auto& each : *all) {
            there.from = std::min(there.from, each.first);
            there.to = std::max(there.to, each.last + Nanoseconds(1));
        }
        span_ = {std::max(span_.from, there.from), std::min(span_.to, there.to)};
        bounded_ = true;
    }
    const store::Span hour{span_.from, std::min(span_.to, span_.from + std::chrono::hours(1))};
    for (const auto metric : metrics_) {
        const auto read =
            series_.scan(access_, patient_, metric, hour,
                         [&](const store::SeriesKey& key, const store::Sample& sample) {
                             if ((sample.status & status::late) == 0)
                                 hour_.push_back({key.device,
                                                  {{.metric = key.metric,
                                                    .channel = key.channel,
                                                    .status = sample.status,
                                                    .device_time = sample.device_time,
                                                    .value = sample.value},
                                                   sample.filed_time}});
                             return true;
                         });
        if (!read) {
            failure_ = read.error();
            return;
        }
    }
    // As a device's message has them: what is of one time stands by metric.
    std::ranges::sort(hour_, {}, [](const monitor::PastReading& each) {
        return std::tuple(each.filed.filed_time, each.filed.reading.metric, each.device,
                          each.filed.reading.channel);
    });
    span_.from = hour.to;
}

void add_metrics(const monitor::Rule& rule, std::vector<MetricId>& metrics) {
    for (const auto& node : rule.nodes) {
        add(node.metric, metrics);
        add(node.gate_metric, metrics);
    }
}

void add_metrics(const monitor::LimitTable& limits, std::vector<MetricId>& metrics) {
    for (const auto& row : limits.rows())
        for (const auto metric : row.metrics) add(metric, metrics);
}

}  // namespace vigil::share

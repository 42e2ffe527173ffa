#pragma once
// What the series requests have in common: which series is asked for, and a sample as a CSV record.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "share/api/context.hpp"

namespace vigil::share {

struct SeriesFilter {
    PatientId patient;
    std::vector<MetricId> metrics;  // each once, as asked for; none: all
    std::optional<DeviceId> device;
    std::optional<std::uint16_t> channel;
    store::Span span;

    bool fits(const store::SeriesKey& key) const {
        return (!device || *device == key.device) && (!channel || *channel == key.channel) &&
               (metrics.empty() || std::ranges::find(metrics, key.metric) != metrics.end());
    }
};

// How many metrics a request names.
enum class Metrics { any, one, some };

// The filter, and access to its patient; on failure the call has been answered.
struct AllowedSeries {
    SeriesFilter filter;
    store::Access access;
};
std::optional<AllowedSeries> allow_series(ApiContext& api, const ApiCallPtr& call, Metrics needed,
                                          std::string_view what);

extern const std::string_view sample_csv_header;
void append_csv_sample(std::string& out, const ApiContext& api, PatientId patient,
                       const store::SeriesKey& key, const store::Sample& sample);

}  // namespace vigil::share

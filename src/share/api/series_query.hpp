#pragma once
// What the series requests have in common: which series is asked for, and a sample as a CSV record.

#include <optional>
#include <string>
#include <string_view>

#include "share/api/context.hpp"

namespace vigil::share {

struct SeriesFilter {
    PatientId patient;
    std::optional<MetricId> metric;
    std::optional<DeviceId> device;
    std::optional<std::uint16_t> channel;
    store::Span span;

    bool fits(const store::SeriesKey& key) const {
        return (!device || *device == key.device) && (!channel || *channel == key.channel);
    }
};

// The filter, and access to its patient; on failure the call has been answered.
struct AllowedSeries {
    SeriesFilter filter;
    store::Access access;
};
std::optional<AllowedSeries> allow_series(ApiContext& api, const ApiCallPtr& call,
                                          bool metric_needed, std::string_view what);

extern const std::string_view sample_csv_header;
void append_csv_sample(std::string& out, const ApiContext& api, PatientId patient,
                       const store::SeriesKey& key, const store::Sample& sample);

}  // namespace vigil::share

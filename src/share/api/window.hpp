#pragma once
// A span of a numeric metric as at most so many points, for drawing: GET /api/series/window.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "metric/catalogue.hpp"
#include "store/access.hpp"
#include "store/series.hpp"

namespace vigil::share {

enum class WindowResolution : std::uint8_t { automatic, raw, minute, hour, day };

struct WindowQuery {
    PatientId patient;
    MetricId metric;
    std::optional<DeviceId> device;
    std::optional<std::uint16_t> channel;
    store::Span span;
    WindowResolution resolution = WindowResolution::automatic;
    std::size_t points = 1000;
};

struct WindowColumn {
    std::vector<store::Bucket> buckets;
    std::vector<std::string> values;  // as sent; only at raw
};

struct Window {
    WindowResolution resolution = WindowResolution::raw;  // never automatic
    std::int64_t bucket_s = 0;                            // 0 at raw
    std::map<store::SeriesKey, WindowColumn> series;
};

// On a worker. `raw` asked for by name and longer than `points` is bucketed all the same.
Result<Window> read_window(store::SeriesStore& series, const Catalogue& catalogue,
                           const store::Access& access, const WindowQuery& query);

}  // namespace vigil::share

#pragma once
// A series with its newest value and how fresh it is: docs/reference/series-api.md, Shapes, Series.

#include <optional>
#include <vector>

#include "share/api/context.hpp"
#include "share/reading_json.hpp"
#include "store/series.hpp"

namespace vigil::share {

struct SeriesShape {
    store::SeriesInfo info;
    std::optional<store::Sample> latest;  // of a waveform: the newest block, without samples
};

// On a worker.
Result<std::vector<SeriesShape>> series_of(ApiContext& api, const store::Access& access,
                                           PatientId patient);
// On the loop.
void write_series(JsonWriter& json, const ApiContext& api, const SeriesShape& shape, Timestamp now);
void write_sample(JsonWriter& json, const ApiContext& api, PatientId patient,
                  const store::SeriesKey& key, const store::Sample& sample, bool with_samples);

}  // namespace vigil::share

#pragma once
// What a reading that was filed becomes when the Observation that shows it is corrected.

#include <optional>
#include <span>

#include "fhir/view/view_id.hpp"
#include "metric/reading.hpp"
#include "store/series.hpp"

namespace vigil::app {

struct ReadingPlace {
    PatientId patient;
    store::SeriesKey key;
    Timestamp time;                    // filed
    std::optional<fhir::ViewId> view;  // that shows it; none: a record said it
    const Reading& was;                // as the Observation said it
    // When the record's versions were written: what it said was received then. Of a view nothing.
    std::span<const Timestamp> written;
};

// What stands there. Without a sample it cannot be corrected: it cannot be told from others, stands
// at the same time under the same sequence as another, or is part of a waveform's view, which is
// cut at minutes.
struct FiledThere {
    bool is_there = false;
    std::optional<store::Sample> sample;
};
Result<FiledThere> filed_reading(store::SeriesStore& series, const store::Access& access,
                                 const ReadingPlace& place);

// With what the Observation says now; nothing: that is what it is. Metric and channel are left to
// the caller.
std::optional<Reading> amended(const store::Sample& sample, const Reading& now);
// Entered in error: kept with its value, marked so that nothing counts it.
std::optional<Reading> withdrawn(const store::Sample& sample);

}  // namespace vigil::app

#pragma once
// Samples into the Observation of a view.

#include <span>
#include <string>
#include <vector>

#include "fhir/view/reading_views.hpp"

namespace vigil::fhir {

// A sample with the series it is of.
struct SeriesSample {
    PatientId patient;
    store::SeriesKey key;
    store::Sample sample;
};

// `samples` are those of one view; of a panel in the order of its parts.
View write_view(const ViewId& id, std::span<const SeriesSample> samples, const ViewGroup& group,
                const Catalogue& catalogue, std::string_view patient_id);

// The part of the blocks that lies within the minute that starts at `minute`, as blocks without
// overlap: blocks that follow each other without a gap and are scaled alike are one, and between
// others of the same kind samples are missing.
std::vector<SeriesSample> within_minute(std::span<const SeriesSample> blocks, Timestamp minute);

}  // namespace vigil::fhir

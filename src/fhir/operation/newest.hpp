#pragma once
// The newest Observations of each code, records and readings as one: for $lastn and summaries.

#include <vector>

#include "fhir/resource/outcome.hpp"
#include "fhir/view/view_reader.hpp"

namespace vigil::fhir {

// Of what `query` asks for, which is sorted by date, newest first: `count` of each code, and those
// of the same time as the last of them. Of records the newest 5,000 are looked at.
Answer<std::vector<store::Record>> newest_of_each_code(store::RecordQuery query, std::size_t count,
                                                       ViewReader& reader);

}  // namespace vigil::fhir

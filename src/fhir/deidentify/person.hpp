#pragma once
// What the transformation must know of the person whose resource it is.

#include <optional>
#include <string>
#include <unordered_set>

#include "fhir/deidentify/event_time.hpp"
#include "fhir/deidentify/quasi.hpp"

namespace vigil::fhir::deidentify {

struct Person {
    std::optional<EventTime> first;  // their first date in the release: what times are relative to
    int shift_days = 0;              // into the past
    bool is_over_89 = false;
    int earliest_year = 0;            // that does not show such an age
    std::optional<int> age_band_low;  // where ages are told in bands
};

// Codes of diagnoses that too few have, "system code": they go wherever they stand.
using WithheldCodes = std::unordered_set<std::string>;

}  // namespace vigil::fhir::deidentify

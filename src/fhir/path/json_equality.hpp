#pragma once
// Complex elements are equal if all their parts are (FHIRPath N1, 6.1). With a spent budget nothing
// is.

#include "base/json.hpp"
#include "fhir/path/budget.hpp"

namespace vigil::fhir::path {

// The order of members is nothing, that of elements counts, 1.0 is 1.00.
bool json_equal(JsonValue a, JsonValue b, Budget& budget);
bool json_equal(JsonValue a, JsonValue b);  // however much work it is
// Texts in any case and with any white space, numbers to the places of the less precise, elements
// in any order, without ids.
bool json_equivalent(JsonValue a, JsonValue b, Budget& budget);

}  // namespace vigil::fhir::path

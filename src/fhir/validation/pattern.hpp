#pragma once
// ElementDefinition.fixed[x] and pattern[x] (http://hl7.org/fhir/R4/elementdefinition.html).

#include "base/json.hpp"

namespace vigil::fhir {

// The value has all that the pattern has, and may have more: each element of a list of the pattern
// is found in the value's list.
bool matches_pattern(JsonValue value, JsonValue pattern);
// The value has just what `fixed` has.
bool matches_fixed(JsonValue value, JsonValue fixed);

}  // namespace vigil::fhir

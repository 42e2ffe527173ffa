#pragma once
// Coded values against the value sets they are bound to (FHIR R4 4.1.5,
// http://hl7.org/fhir/R4/terminologies.html#strength).

#include "base/json.hpp"
#include "fhir/definition/definitions.hpp"
#include "fhir/validation/report.hpp"

namespace vigil::fhir {

// A code, uri, string, Coding, CodeableConcept or Quantity. A required binding that is not met is
// an error, an extensible one a warning: whether another code would have fitted, only people can
// tell.
void check_binding(JsonValue value, const Type& type, BindingStrength strength,
                   const ValueSet& value_set, const Place& place, Report& report);

}  // namespace vigil::fhir

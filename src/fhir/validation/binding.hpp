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

// Whether a code has the form that the codes of a value set have which cannot be listed: MIME types
// (RFC 6838 4.2), currencies (ISO 4217), UCUM units (UCUM 2.3). True of every other value set.
bool has_form_of_codes(std::string_view code, std::string_view value_set_url);

}  // namespace vigil::fhir

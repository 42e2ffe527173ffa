#pragma once
// References (FHIR R4 2.3.0, http://hl7.org/fhir/R4/references.html): form, and what they lead to.

#include "fhir/validation/report.hpp"
#include "fhir/validation/scope.hpp"

namespace vigil::fhir {

// The type in "Patient/12" and "http://server/fhir/Patient/12/_history/3"; empty: none is in it.
std::string_view type_of_reference(std::string_view reference, const Definitions& definitions);

// `reference` is a Reference whose structure has been checked; `use` says what it may lead to.
void check_reference(JsonValue reference, const TypeUse& use, const Scope& scope,
                     const Definitions& definitions, const Place& place, Report& report);

}  // namespace vigil::fhir

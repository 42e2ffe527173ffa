#pragma once
// Invariants of every resource and extension, checked here in code since they would otherwise be
// evaluated at every element: dom-2 to dom-5 (FHIR R4 2.3.0.2, contained resources) and ext-1.

#include "fhir/validation/report.hpp"
#include "fhir/validation/scope.hpp"

namespace vigil::fhir {

void check_contained(const Scope& scope, const Place& place, Report& report);
void check_extension(JsonValue extension, const Place& place, Report& report);

}  // namespace vigil::fhir

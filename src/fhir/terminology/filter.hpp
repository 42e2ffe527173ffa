#pragma once
// Concepts by their properties: ValueSet.compose.include.filter
// (http://hl7.org/fhir/R4/valueset-filter-operator.html).

#include <string>
#include <vector>

#include "fhir/terminology/library.hpp"

namespace vigil::fhir::terminology {

constexpr std::size_t filters_max = 100;  // of one include

// For each concept of the system whether all of the filters hold. A filter that cannot be answered
// for certain (a property the system does not declare, a code it does not have) is an error.
Answer<std::vector<bool>> select(const CodeSystem& system, JsonValue filters, Budget& budget);

// What a concept has of a property, as text; a Coding's code.
std::vector<std::string> property_values(const CodeSystem& system, const Concept& of,
                                         std::string_view property);

}  // namespace vigil::fhir::terminology

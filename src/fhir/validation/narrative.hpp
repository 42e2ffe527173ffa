#pragma once
// Narrative.div (FHIR R4 2.4.0, http://hl7.org/fhir/R4/narrative.html): a well-formed XHTML <div>
// of the elements and attributes that the specification allows (txt-1), with something to read
// (txt-2) and nothing that acts.

#include <string>
#include <string_view>

namespace vigil::fhir {

// What is wrong with it, for a person; empty: nothing. One pass, memory bounded by its depth.
std::string narrative_problem(std::string_view xhtml);

}  // namespace vigil::fhir

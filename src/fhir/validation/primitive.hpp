#pragma once
// The formats of FHIR's primitive types (R4 2.24.0.1, http://hl7.org/fhir/R4/datatypes.html).

#include <string_view>

#include "base/json.hpp"
#include "fhir/definition/definitions.hpp"

namespace vigil::fhir {

// What is wrong with the value of a primitive, in words that follow "is"; empty: nothing.
// xhtml is not looked into here (narrative.hpp).
std::string_view primitive_problem(const Type& type, JsonValue value);

bool is_date(std::string_view text);       // "2024", "2024-02", "2024-02-29"
bool is_date_time(std::string_view text);  // the same, or with a time and its zone
bool is_instant(std::string_view text);    // to the second at least, with a zone
bool is_time(std::string_view text);       // "14:30:00", no zone
bool is_base64(std::string_view text);     // white space may stand between groups of four

}  // namespace vigil::fhir

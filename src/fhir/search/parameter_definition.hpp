#pragma once
// SearchParameter resources that somebody has written to this server (R4 searchparameter.html):
// what they define, and what is wrong with them.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "fhir/resource/issue.hpp"
#include "fhir/search/parameters.hpp"

namespace vigil::fhir {

// So many may be in force at once: each is evaluated for every resource of its types that is
// written.
constexpr std::size_t custom_parameters_max = 200;

// Whether it is to be in force: its status is active or draft.
bool is_in_force(JsonValue search_parameter);

// Why it cannot be: its type is not one of R4 3.1.1.4 (special), a base, target or component is not
// known, the code has characters that requests give a meaning, or is that of a standard parameter
// of the same type; the expression does not parse, says nothing of a base, or fails on a resource
// that is empty. Nothing of one that is not in force, or of HL7's own definition of a standard
// parameter, which is in force as it stands.
std::vector<Issue> definition_issues(JsonValue search_parameter,
                                     const SearchParameters& parameters);

// What it defines; nothing: it has issues, or nothing to add.
std::optional<SearchParameter> definition_of(JsonValue search_parameter,
                                             const SearchParameters& parameters);

}  // namespace vigil::fhir

#pragma once
// What may be told of where somebody lives (45 CFR 164.514(b)(2)(i)(B)).

#include <string_view>

namespace vigil::fhir::deidentify {

// The three digits that Safe Harbor leaves of a US ZIP code, "000" where too few people share them;
// empty: it is none ("10027", "10027-1234").
std::string_view zip3(std::string_view postal_code);

// "ID", "USA", "Idaho": a code of ISO 3166 or of a postal service, or a state by its name.
bool is_region(std::string_view text);
// Or no country is said: then a ZIP code is taken for one of theirs.
bool is_united_states(std::string_view country);

}  // namespace vigil::fhir::deidentify

#pragma once
// One value of one parameter as a condition; what is said about them stands in FHIR R4 3.1.1.4.5 to
// .14, section by search type.

#include <string>
#include <string_view>

#include "fhir/search/request.hpp"

namespace vigil::fhir {

struct ValueContext {
    const SearchContext& search;
    const IndexedParameter& parameter;
    std::string row;  // the parameter of the index rows
    SearchType type = SearchType::token;
    std::string_view modifier;  // without the colon; empty: none
};

Answer<store::Condition> match_value(std::string_view value, const ValueContext& context);

}  // namespace vigil::fhir

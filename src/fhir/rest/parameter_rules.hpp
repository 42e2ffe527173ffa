#pragma once
// What a SearchParameter must be to be kept here, beyond being valid.

#include <string_view>

#include "fhir/rest/context.hpp"

namespace vigil::fhir {

// One that is to be in force defines a parameter that this server can search by: 422 says what is
// in the way (search/parameter_definition.hpp).
Answer<void> check_definition(JsonValue search_parameter, const RestContext& context);

// And no other that is in force has its code for a type of its: 422, duplicate. Within the write,
// so that of two only one is kept.
Answer<void> check_code_is_free(JsonValue search_parameter, std::string_view id,
                                store::RecordReader& reader);

}  // namespace vigil::fhir

#pragma once
// The CapabilityStatement (R4 3.1.0.12): made from what is registered, so that it cannot promise
// more.

#include <string>

#include "fhir/rest/context.hpp"

namespace vigil::fhir {

std::string capability_statement(const RestContext& context, std::string_view software_version,
                                 Timestamp started);

}  // namespace vigil::fhir

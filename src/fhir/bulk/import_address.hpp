#pragma once
// What an import may read.

#include <string_view>

#include "fhir/bulk/import_request.hpp"

namespace vigil::fhir {

// A file of the operator's folder, or an address of another server that the operator allows.
Answer<void> check_import_address(std::string_view url, const ImportRules& rules);

}  // namespace vigil::fhir

#pragma once
// The search in a SMART scope ("patient/Observation.rs?category=vital-signs") as a condition that
// narrows what is seen of a type.

#include <memory>
#include <string_view>

#include "fhir/search/request.hpp"

namespace vigil::fhir {

// Every parameter must be met. `unsupported`: one that is not known, or that looks at other
// resources (a chain, _has): SMART App Launch 2.2 has such a scope granted to nobody.
Result<std::shared_ptr<const store::Condition>> read_scope_search(std::string_view type,
                                                                  const Parameters& parameters,
                                                                  const SearchContext& context);

}  // namespace vigil::fhir

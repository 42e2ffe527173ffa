#pragma once
// A part of a resource: _summary and _elements (R4 3.1.1.5.8 and .9).

#include <string>
#include <string_view>
#include <vector>

#include "fhir/definition/definitions.hpp"
#include "fhir/search/request.hpp"

namespace vigil::fhir {

struct Subset {
    Summary summary = Summary::no;
    std::vector<std::string> elements;  // by name, or "Type.name"
    bool whole() const {
        return (summary == Summary::no || summary == Summary::count) && elements.empty();
    }
};

// The resource with what was asked for and what must be there, tagged SUBSETTED.
std::string subset_of(std::string_view resource, const Subset& subset,
                      const Definitions& definitions);

}  // namespace vigil::fhir

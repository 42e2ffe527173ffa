#pragma once
// The resource that an element stands in, and the ones around it.

#include <string_view>
#include <unordered_map>

#include "base/json.hpp"
#include "fhir/path/expression.hpp"

namespace vigil::fhir {

// The entries of a Bundle by their fullUrl; the contained resources of a resource by their id.
using ResourceIndex = std::unordered_map<std::string_view, JsonValue>;

struct Scope {
    const Type* type = nullptr;
    JsonValue resource;
    const Scope* container = nullptr;          // of a contained resource
    const ResourceIndex* contained = nullptr;  // of the root
    const ResourceIndex* bundle = nullptr;     // of the Bundle it is an entry of
    const path::Environment* environment = nullptr;
    bool allows_search_references = false;  // in a transaction: "Patient?identifier=1" (3.1.0.11.1)

    const Scope& root() const { return container == nullptr ? *this : *container; }
};

}  // namespace vigil::fhir

#pragma once
// From an element to the elements in it (FHIRPath N1, 3.1; FHIR R4, 2.9.1.1: choices, primitives'
// extensions, resources inside resources).

#include <string_view>

#include "fhir/path/item.hpp"

namespace vigil::fhir::path {

// An element of the type that its place declares; a resource inside another is of the type that it
// says itself.
Item element_of(const Type& declared, JsonValue json, JsonValue beside,
                const Definitions* definitions);

// The elements `name` of `item`; `beside` is "_name". None: it has no such element.
void append_members(const Item& item, std::string_view name, std::string_view beside,
                    const Definitions* definitions, Collection& out);
void append_children(const Item& item, const Definitions* definitions, Collection& out);

}  // namespace vigil::fhir::path

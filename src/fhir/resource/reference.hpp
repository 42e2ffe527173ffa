#pragma once
// Reference.reference and its kin (FHIR R4 2.3.0, 3.1.0.1.5): "Patient/12",
// "Patient/12/_history/3", an absolute URL of this server or another, "urn:uuid:…", "#contained".

#include <optional>
#include <string>
#include <string_view>

#include "fhir/definition/definitions.hpp"

namespace vigil::fhir {

struct ReferenceText {
    std::string_view type, id;   // of a resource that may be on this server
    std::string_view version;    // "3", where it names one
    std::string_view contained;  // "p1" of "#p1"; "" with is_contained: the resource around it
    std::string_view elsewhere;  // the URL of another server's, or a urn
    bool is_contained = false;
};

// `base` is this server's own address, such as "https://vigil.example/fhir"; what starts with it is
// local.
ReferenceText read_reference(std::string_view text, std::string_view base,
                             const Definitions& definitions);

}  // namespace vigil::fhir

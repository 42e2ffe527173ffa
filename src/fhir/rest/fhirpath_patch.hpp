#pragma once
// FHIRPath Patch (R4 fhirpatch.html): a Parameters of operations (add, insert, delete, replace,
// move) whose places are FHIRPath.

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "fhir/rest/context.hpp"

namespace vigil::fhir {

// The resource's text after all operations. A place that is not there, or is several, is 422; but
// deleting what is not there is done.
Answer<std::string> fhirpath_patch(JsonValue resource, std::string_view patch,
                                   const RestContext& context);

}  // namespace vigil::fhir

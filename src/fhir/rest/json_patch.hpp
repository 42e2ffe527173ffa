#pragma once
// JSON Patch (RFC 6902) of a resource (R4 3.1.0.5).

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "fhir/resource/outcome.hpp"

namespace vigil::fhir {

// The resource's text after all operations; a test that fails is 422 (R4 3.1.0.5).
Answer<std::string> json_patch(JsonValue resource, std::string_view patch);

}  // namespace vigil::fhir

#pragma once
// What is wrong with a resource or a request, as OperationOutcome.issue says it (FHIR R4,
// http://hl7.org/fhir/R4/operationoutcome.html).

#include <cstdint>
#include <string>
#include <string_view>

namespace vigil::fhir {

enum class Severity : std::uint8_t { fatal, error, warning, information };

struct Issue {
    Severity severity = Severity::error;
    std::string_view code = "processing";  // of the value set issue-type: a literal
    std::string diagnostics;               // for a person: what is wrong and what to do
    std::string expression;                // FHIRPath of the place, where there is one
};

}  // namespace vigil::fhir

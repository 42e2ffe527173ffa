#pragma once
// Whether a resource is valid (FHIR R4 5.2, http://hl7.org/fhir/R4/validation.html): structure,
// cardinality, formats, bindings, references and invariants of the base specification.
//
//     const Validator validator(definitions);  // once
//     const auto issues = validator.validate(resource, {});

#include <vector>

#include "base/json.hpp"
#include "fhir/definition/definitions.hpp"
#include "fhir/resource/issue.hpp"

namespace vigil::fhir {

struct ValidationOptions {
    // Later ones are not looked for; a last issue says so.
    std::size_t issues_max = 100;
};

// Immutable: threads may share one.
class Validator {
public:
    // `definitions` outlives it.
    explicit Validator(const Definitions& definitions) : definitions_(definitions) {}

    // In the order of the resource. Pure; work is bounded by the size of the document. No issue
    // of severity fatal or error: the resource is valid.
    std::vector<Issue> validate(JsonValue resource, const ValidationOptions& options) const;

private:
    const Definitions& definitions_;
};

}  // namespace vigil::fhir

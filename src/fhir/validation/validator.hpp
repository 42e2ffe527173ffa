#pragma once
// Whether a resource is valid (FHIR R4 5.2, http://hl7.org/fhir/R4/validation.html): structure,
// cardinality, formats, bindings, references and invariants of the base specification.
//
//     const Validator validator(definitions);  // once
//     const auto issues = validator.validate(resource, {});

#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"
#include "fhir/definition/definitions.hpp"
#include "fhir/resource/issue.hpp"

namespace vigil::fhir {

class Invariants;
class Profiles;

struct ValidationOptions {
    Timestamp now{};  // what now() and today() of an invariant are
    // Later ones are not looked for; a last issue says so.
    std::size_t issues_max = 100;
    // Canonicals of profiles that the resource must conform to, besides those that it and the
    // resources in it claim in meta.profile. A claim to a profile that is not known here is left
    // alone.
    std::vector<std::string> profiles{};
};

// Immutable: threads may share one.
class Validator {
public:
    // `definitions` outlives it, and `profiles`, which is linked; null: there are none.
    explicit Validator(const Definitions& definitions, const Profiles* profiles = nullptr);
    ~Validator();

    // In the order of the resource. Pure; work is bounded by the size of the document. No issue
    // of severity fatal or error: the resource is valid.
    std::vector<Issue> validate(JsonValue resource, const ValidationOptions& options) const;

private:
    const Definitions& definitions_;
    const Profiles* profiles_;
    std::unique_ptr<const Invariants> invariants_;
};

}  // namespace vigil::fhir

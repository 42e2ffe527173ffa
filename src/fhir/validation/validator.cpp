#include "fhir/validation/validator.hpp"

#include "fhir/validation/report.hpp"
#include "fhir/validation/walk.hpp"

namespace vigil::fhir {

Validator::Validator(const Definitions& definitions, const Profiles* profiles)
    : definitions_(definitions),
      profiles_(profiles),
      invariants_(std::make_unique<const Invariants>(definitions)) {}

Validator::~Validator() = default;

std::vector<Issue> Validator::validate(JsonValue resource, const ValidationOptions& options) const {
    Report report(options.issues_max);
    Walk({definitions_, *invariants_, profiles_}, options, report).root(resource);
    return report.take();
}

}  // namespace vigil::fhir

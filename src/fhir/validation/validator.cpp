#include "fhir/validation/validator.hpp"

#include "fhir/validation/report.hpp"
#include "fhir/validation/walk.hpp"

namespace vigil::fhir {

std::vector<Issue> Validator::validate(JsonValue resource, const ValidationOptions& options) const {
    Report report(options.issues_max);
    Walk(definitions_, report).root(resource);
    return report.take();
}

}  // namespace vigil::fhir

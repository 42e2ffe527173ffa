#pragma once
// The invariants of the definitions (ElementDefinition.constraint), evaluated as FHIRPath.

#include <span>
#include <unordered_map>

#include "fhir/path/expression.hpp"
#include "fhir/validation/report.hpp"

namespace vigil::fhir {

// Parsed once; immutable.
class Invariants {
public:
    explicit Invariants(const Definitions& definitions);

    // One that cannot be evaluated, because it would take too long, say, is reported as
    // information: it is no fault of the resource.
    void check(std::span<const Constraint* const> constraints, const path::Item& item,
               const path::Environment& environment, const Place& place, Report& report) const;

private:
    std::unordered_map<const Constraint*, path::Expression> expressions_;
};

}  // namespace vigil::fhir

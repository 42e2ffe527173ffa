#include "fhir/validation/invariants.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace vigil::fhir {
namespace {

// Checked in code (walk.cpp, contained.cpp, reference.cpp, narrative.cpp), since they hold at every
// element; dom-6, the advice to write a narrative, is none that a device's Observation can follow.
constexpr auto checked_elsewhere = std::to_array<std::string_view>(
    {"dom-2", "dom-3", "dom-4", "dom-5", "dom-6", "ele-1", "ext-1", "ref-1", "txt-1", "txt-2"});

}  // namespace

Invariants::Invariants(const Definitions& definitions) {
    for (const auto& constraint : definitions.constraints()) {
        if (std::ranges::binary_search(checked_elsewhere, constraint.key)) continue;
        auto expression = path::Expression::parse(constraint.expression);
        assert(expression);  // the tables are ours, and a test parses all of them
        expressions_.emplace(&constraint, std::move(*expression));
    }
}

void Invariants::check(std::span<const Constraint* const> constraints, const path::Item& item,
                       const path::Environment& environment, const Place& place,
                       Report& report) const {
    for (const auto* constraint : constraints) {
        const auto expression = expressions_.find(constraint);
        if (expression == expressions_.end() || report.is_full()) continue;
        const auto holds = expression->second.holds(item, environment);
        if (!holds)
            report.add(
                Severity::information, "processing", place,
                fmt::format("{} could not be checked: {}", constraint->key, holds.error().message));
        else if (!*holds)
            report.add(constraint->is_error ? Severity::error : Severity::warning, "invariant",
                       place, fmt::format("{} ({})", constraint->human, constraint->key));
    }
}

}  // namespace vigil::fhir

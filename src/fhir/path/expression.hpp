#pragma once
// FHIRPath N1 (http://hl7.org/fhirpath/N1) with the functions that FHIR R4 adds (2.9.1.5).
//
//     VIGIL_TRY(expression, path::Expression::parse("Observation.value.ofType(Quantity)"));
//     VIGIL_TRY(found, expression.evaluate(resource, environment));

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "fhir/path/item.hpp"

namespace vigil::fhir::path {

// What an evaluation may lean on. All outlive the call; what is left empty is not there: resolve()
// then leads nowhere, memberOf() is an error.
struct Environment {
    const Definitions* definitions = nullptr;
    Timestamp now = {};  // now(), today(), timeOfDay(), in UTC
    // %resource is the resource the item stands in, %rootResource the one that contains it.
    std::optional<Item> resource = {}, root_resource = {};
    std::vector<std::pair<std::string, Collection>> variables = {};  // more %names
    std::function<std::optional<Item>(std::string_view reference)> resolve = {};
    std::function<Result<bool>(std::string_view value_set, std::string_view system,
                               std::string_view code)>
        member_of = {};
    std::function<void(std::string_view name, const Collection&)> trace = {};
    // Function calls and operators evaluated; more ends the evaluation with `too_large`.
    std::size_t steps_max = 1'000'000;
};

class Expression {
public:
    static constexpr std::size_t text_bytes_max = std::size_t{64} << 10;
    static constexpr std::size_t depth_max = 200;

    // The error's place is "line 1, column 17".
    static Result<Expression> parse(std::string_view text);

    Result<Collection> evaluate(const Item& context, const Environment& environment) const;
    // As an invariant is judged: true, or nothing at all; a collection that is no Boolean counts as
    // true if it is not empty.
    Result<bool> holds(const Item& context, const Environment& environment) const;

    // Elements of the context (`component` of "Observation.component.code | Observation.code"):
    // without them nothing is found. They live as long as it. Nothing: only evaluating can tell.
    std::optional<std::vector<std::string_view>> leading_elements() const;

    struct Node;  // the syntax tree

private:
    explicit Expression(std::shared_ptr<const Node> root) : root_(std::move(root)) {}
    std::shared_ptr<const Node> root_;
};

}  // namespace vigil::fhir::path

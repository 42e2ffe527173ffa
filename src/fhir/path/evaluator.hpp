#pragma once
// Walks the syntax tree. One evaluation, one Evaluator.

#include <optional>
#include <string>

#include "fhir/path/syntax.hpp"
#include "fhir/path/value.hpp"

namespace vigil::fhir::path {

// What $this, $index and $total stand for. Names without a source begin at $this.
struct Scope {
    const Item* self = nullptr;
    std::int64_t index = 0;
    const Collection* total = nullptr;
};

// Operators whose answer is a Boolean.
constexpr bool is_of_truth(NodeKind kind) {
    return kind == NodeKind::is || kind >= NodeKind::less;
}

// Three-valued: nothing is the empty collection (N1, 6.5).
using Truth = std::optional<bool>;

class Evaluator {
public:
    // Of any text that an expression makes.
    static constexpr std::size_t text_bytes_max = std::size_t{1} << 20;

    Evaluator(const Item& context, const Environment& environment)
        : context_(context), environment_(environment), budget_{environment.steps_max} {}

    Result<Collection> evaluate(const Node& node, const Scope& scope);
    // As a condition: a single item that is no Boolean counts as true (N1, 4.5).
    Result<Truth> truth(const Node& node, const Scope& scope);

    // Counts work; beyond the limit an error.
    Result<void> spend(const Node& node, std::size_t steps);
    // a = b, unless it is too much work to say.
    Result<Truth> same(const Node& node, const Item& a, const Item& b);

    const Environment& environment() const { return environment_; }
    const Item& context() const { return context_; }
    const Definitions* definitions() const { return environment_.definitions; }

private:
    Result<Collection> member(const Node& node, const Scope& scope);
    Result<Collection> variable(const Node& node) const;
    Result<Collection> indexer(const Node& node, const Scope& scope);
    Result<Collection> join(const Node& node, const Scope& scope);
    Result<Collection> as_type(const Node& node, const Scope& scope);
    Result<Collection> arithmetic(const Node& node, const Scope& scope);
    Result<Collection> call(const Node& node, const Scope& scope);
    Result<Collection> source(const Node& node, const Scope& scope);

    Result<Truth> is_type(const Node& node, const Scope& scope);
    Result<Truth> equality(const Node& node, const Scope& scope);
    Result<Truth> order(const Node& node, const Scope& scope);
    Result<Truth> membership(const Node& node, const Scope& scope);
    Result<Truth> logic(const Node& node, const Scope& scope);

    const Item& context_;
    const Environment& environment_;
    Budget budget_;
};

// A function at work: its input, its arguments, what they may look at.
struct Call {
    Evaluator& evaluator;
    const Node& node;
    const Collection& input;
    const Scope& scope;

    std::size_t argument_count() const { return node.parts.size() - 1; }
    const Node& argument_node(std::size_t index) const { return *node.parts[index + 1]; }
    Result<Collection> argument(std::size_t index) const {
        return evaluator.evaluate(argument_node(index), scope);
    }
    // Nothing: it is empty. More than one item, or another type: an error.
    Result<std::optional<std::string>> string_argument(std::size_t index) const;
    Result<std::optional<std::int64_t>> integer_argument(std::size_t index) const;
    // The one item of the input, null if it is empty; more: an error.
    Result<const Item*> single() const;
    tl::unexpected<Error> error(std::string message,
                                Error::Kind kind = Error::Kind::malformed) const;
};

tl::unexpected<Error> error_at(const Node& node, std::string message,
                               Error::Kind kind = Error::Kind::malformed);

Collection of_truth(Truth truth);
inline Collection of_value(SystemValue value) {
    return {Item(std::move(value))};
}
inline Collection of_text(std::string text) {
    return of_value(SystemValue(std::move(text)));
}
inline Collection of_integer(std::int64_t value) {
    return of_value(SystemValue(value));
}
bool is_of_type(const Item& item, const TypeSpecifier& type);
// Those of the type, for `as` and ofType(): of primitives the very type, as HL7's test suite has it
// (a code is no string here, though it `is` one). An unknown type is an error.
Result<Collection> only_of_type(const Evaluator& evaluator, const Node& node, Collection items);
Result<Truth> truth_of(const Collection& collection, const Node& node);

// What is in both of them, at most once each, and so on: sets by = (N1, 5.3, 5.4).
Result<bool> contains(Evaluator& evaluator, const Node& node, const Collection& items,
                      const Item& wanted);
Result<Collection> distinct(Evaluator& evaluator, const Node& node, Collection items);

// The functions, by the section that describes them.
Result<Collection> call_existence(const Call& call);
Result<Collection> call_projection(const Call& call);
Result<Collection> call_subsetting(const Call& call);
Result<Collection> call_conversion(const Call& call);
Result<Collection> call_string(const Call& call);
Result<Collection> call_math(const Call& call);
Result<Collection> call_utility(const Call& call);
Result<Collection> call_fhir(const Call& call);

}  // namespace vigil::fhir::path

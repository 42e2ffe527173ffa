#include "fhir/path/evaluator.hpp"

#include <algorithm>
#include <array>

#include "fhir/path/navigation.hpp"
#include "fhir/path/number.hpp"

namespace vigil::fhir::path {
namespace {

const std::array<SystemValue, 2> truths{SystemValue(false), SystemValue(true)};

struct NamedConstant {
    std::string_view name, value;
};
// N1, 9; FHIR R4, 2.9.1.3.
constexpr std::array constants{NamedConstant{"sct", "http://snomed.info/sct"},
                               NamedConstant{"loinc", "http://loinc.org"},
                               NamedConstant{"ucum", "http://unitsofmeasure.org"}};

}  // namespace

tl::unexpected<Error> error_at(const Node& node, std::string message, Error::Kind kind) {
    return fail(kind, std::move(message), to_string(node.place));
}

Collection of_truth(Truth truth) {
    if (!truth) return {};
    return {Item::of_constant(truths[*truth ? 1 : 0])};
}

Result<Truth> truth_of(const Collection& collection, const Node& node) {
    if (collection.empty()) return Truth();
    if (collection.size() > 1)
        return error_at(node, "one value is expected here, there are several");
    const auto value = value_of(collection[0]);
    return value.kind == Value::Kind::boolean ? Truth(value.boolean) : Truth(true);
}

bool is_of_type(const Item& item, const TypeSpecifier& type) {
    if (const auto* value = item.system_value())
        return type.name_space != "FHIR" && system_type_name(*value) == type.name;
    return type.name_space != "System" && item.type()->is_or_derives_from(type.name);
}

Result<Collection> only_of_type(const Evaluator& evaluator, const Node& node, Collection items) {
    if (items.empty()) return items;
    std::erase_if(items, [&](const Item& item) {
        const bool is_primitive = item.is_element() && item.type()->kind == TypeKind::primitive;
        return !is_of_type(item, node.type) ||
               (is_primitive && item.type()->name != node.type.name);
    });
    const auto* definitions = evaluator.definitions();
    if (items.empty() && definitions != nullptr && node.type.name_space != "System" &&
        !is_system_type(node.type.name) && definitions->type(node.type.name) == nullptr)
        return error_at(node, "there is no type " + node.type.name, Error::Kind::unsupported);
    return items;
}

Result<void> Evaluator::spend(const Node& node, std::size_t steps) {
    if (!budget_.take(steps))
        return error_at(node, "an expression takes more work than is allowed",
                        Error::Kind::too_large);
    return {};
}

Result<Truth> Evaluator::same(const Node& node, const Item& a, const Item& b) {
    const auto result = equal(a, b, budget_);
    VIGIL_CHECK(spend(node, 0));
    return result;
}

Result<Collection> Evaluator::evaluate(const Node& node, const Scope& scope) {
    if (is_of_truth(node.kind)) {
        VIGIL_TRY(result, truth(node, scope));
        return of_truth(result);
    }
    VIGIL_CHECK(spend(node, 1));
    switch (node.kind) {
        case NodeKind::empty:
            return Collection();
        case NodeKind::literal:
            return node.literal ? Collection{*node.literal} : Collection();
        case NodeKind::variable:
            return variable(node);
        case NodeKind::this_item:
            return Collection{*scope.self};
        case NodeKind::index:
            return of_integer(scope.index);
        case NodeKind::total:
            return scope.total == nullptr ? Collection() : *scope.total;
        case NodeKind::type_filter:
        case NodeKind::member:
            return member(node, scope);
        case NodeKind::call:
            return call(node, scope);
        case NodeKind::indexer:
            return indexer(node, scope);
        case NodeKind::join:
            return join(node, scope);
        case NodeKind::as:
            return as_type(node, scope);
        default:
            return arithmetic(node, scope);
    }
}

Result<Collection> Evaluator::source(const Node& node, const Scope& scope) {
    if (node.parts.empty() || node.parts[0] == nullptr) return Collection{*scope.self};
    return evaluate(*node.parts[0], scope);
}

Result<Collection> Evaluator::member(const Node& node, const Scope& scope) {
    Collection out;
    if (node.kind == NodeKind::type_filter) {
        const auto* type = scope.self->type();
        if (type != nullptr && type->is_or_derives_from(node.name)) out.push_back(*scope.self);
        return out;
    }
    // Looking for a member passes the others.
    constexpr std::size_t members_per_step = 16;
    if (node.parts.empty()) {
        VIGIL_CHECK(spend(node, scope.self->json().size() / members_per_step));
        append_members(*scope.self, node.name, node.beside, definitions(), out);
    } else {
        VIGIL_TRY(items, evaluate(*node.parts[0], scope));
        for (const auto& item : items) {
            VIGIL_CHECK(spend(node, item.json().size() / members_per_step));
            append_members(item, node.name, node.beside, definitions(), out);
        }
    }
    VIGIL_CHECK(spend(node, out.size()));
    return out;
}

Result<Collection> Evaluator::variable(const Node& node) const {
    const std::string_view name = node.name;
    if (name == "context") return Collection{context_};
    if (name == "resource") return Collection{environment_.resource.value_or(context_)};
    if (name == "rootResource")
        return Collection{environment_.root_resource ? *environment_.root_resource
                                                     : environment_.resource.value_or(context_)};
    for (const auto& [known, value] : environment_.variables)
        if (known == name) return value;
    for (const auto& constant : constants)
        if (constant.name == name) return of_text(std::string(constant.value));
    if (name.starts_with("vs-"))
        return of_text("http://hl7.org/fhir/ValueSet/" + node.name.substr(3));
    if (name.starts_with("ext-"))
        return of_text("http://hl7.org/fhir/StructureDefinition/" + node.name.substr(4));
    return error_at(node, "there is no variable %" + node.name, Error::Kind::unsupported);
}

Result<Collection> Evaluator::indexer(const Node& node, const Scope& scope) {
    VIGIL_TRY(items, evaluate(*node.parts[0], scope));
    VIGIL_TRY(index, evaluate(*node.parts[1], scope));
    if (index.empty()) return Collection();
    const auto value = value_of(index[0]);
    if (index.size() > 1 || value.kind != Value::Kind::integer)
        return error_at(node, "an index is one Integer");
    if (value.integer < 0 || value.integer >= static_cast<std::int64_t>(items.size()))
        return Collection();
    return Collection{std::move(items[static_cast<std::size_t>(value.integer)])};
}

Result<Collection> Evaluator::join(const Node& node, const Scope& scope) {
    Collection all;
    for (const auto& part : node.parts) {
        VIGIL_TRY(items, evaluate(*part, scope));
        if (all.empty())
            all = std::move(items);
        else
            std::ranges::move(items, std::back_inserter(all));
    }
    return distinct(*this, node, std::move(all));
}

// Also of several items, as dom-3 uses it, though N1 (6.3.4) would have it an error.
Result<Collection> Evaluator::as_type(const Node& node, const Scope& scope) {
    VIGIL_TRY(items, source(node, scope));
    return only_of_type(*this, node, std::move(items));
}

Result<Collection> Evaluator::call(const Node& node, const Scope& scope) {
    VIGIL_TRY(input, source(node, scope));
    const Call call{*this, node, input, scope};
    if (node.function <= Function::is_distinct) return call_existence(call);
    if (node.function <= Function::of_type) return call_projection(call);
    if (node.function <= Function::combine) return call_subsetting(call);
    if (node.function <= Function::converts_to_time) return call_conversion(call);
    if (node.function <= Function::unescape) return call_string(call);
    if (node.function <= Function::truncate) return call_math(call);
    if (node.function <= Function::type) return call_utility(call);
    return call_fhir(call);
}

tl::unexpected<Error> Call::error(std::string message, Error::Kind kind) const {
    return error_at(node, std::string(name_of(node.function)) + "(): " + std::move(message), kind);
}

Result<const Item*> Call::single() const {
    if (input.size() > 1) return error("is for one item, there are several");
    return input.empty() ? nullptr : &input[0];
}

Result<std::optional<std::string>> Call::string_argument(std::size_t index) const {
    VIGIL_TRY(items, argument(index));
    if (items.empty()) return std::optional<std::string>();
    const auto value = value_of(items[0]);
    if (items.size() > 1 || value.kind != Value::Kind::string)
        return error("a String is expected as argument");
    return std::optional(std::string(value.text));
}

Result<std::optional<std::int64_t>> Call::integer_argument(std::size_t index) const {
    VIGIL_TRY(items, argument(index));
    if (items.empty()) return std::optional<std::int64_t>();
    const auto value = value_of(items[0]);
    if (items.size() > 1 || value.kind != Value::Kind::integer)
        return error("an Integer is expected as argument");
    return std::optional(value.integer);
}

Result<Collection> Expression::evaluate(const Item& context, const Environment& environment) const {
    Evaluator evaluator(context, environment);
    return evaluator.evaluate(*root_, {.self = &context});
}

Result<bool> Expression::holds(const Item& context, const Environment& environment) const {
    Evaluator evaluator(context, environment);
    VIGIL_TRY(items, evaluator.evaluate(*root_, {.self = &context}));
    if (items.size() != 1) return true;
    const auto value = value_of(items[0]);
    return value.kind != Value::Kind::boolean || value.boolean;
}

}  // namespace vigil::fhir::path

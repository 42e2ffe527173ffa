#include "fhir/deidentify/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace vigil::fhir::deidentify {
namespace {

constexpr std::uint8_t required_max = 63;  // a bit each

std::string choice_name(const Element& element, const Type& type) {
    std::string name(element.name);
    name += static_cast<char>(type.name.front() >= 'a' ? type.name.front() - 'a' + 'A'
                                                       : type.name.front());
    name += type.name.substr(1);
    return name;
}

}  // namespace

Plan::Plan(const Definitions& definitions, const RuleTable& table, Times times,
           std::vector<std::string_view> left_out)
    : definitions_(definitions), table_(table), times_(times) {
    for (const auto* type : definitions.resource_types()) {
        if (table.of(type->name).value_or(Action::drop) == Action::drop) continue;
        if (std::ranges::find(left_out, type->name) != left_out.end()) continue;
        resources_.emplace(type->name, &plan_of(*type));
    }
    extension_ = &plan_of(*definitions.type("Extension"));
}

const TypePlan* Plan::resource(std::string_view type) const {
    const auto found = resources_.find(type);
    return found == resources_.end() ? nullptr : found->second;
}

// The most particular row holds: of the member, of the element, of the element as the type's base
// has it, of the value's type.
Action Plan::action(const Type& owner, std::string_view json_name, const Element& element,
                    const Type& value) const {
    if (const auto row = table_.of(fmt::format("{}.{}", owner.name, json_name))) return *row;
    for (const auto* type = &owner; type != nullptr; type = type->base)
        if (const auto row = table_.of(fmt::format("{}.{}", type->name, element.name))) return *row;
    const auto row = table_.of(value.kind == TypeKind::part ? "part" : value.name);
    // A row of a resource's type says that it is released, not that it may stand in another.
    return value.kind == TypeKind::resource ? Action::drop : row.value_or(Action::drop);
}

Action Plan::by_year(Action action) const {
    return action == Action::relative && times_ == Times::year ? Action::year : action;
}

const TypePlan& Plan::plan_of(const Type& type) {
    auto& plan = plans_[&type];
    if (plan) return *plan;
    plan = std::make_unique<TypePlan>();
    auto& made = *plan;  // before what is inside: types contain each other
    made.type = &type;
    std::uint8_t required_count = 0;
    for (const auto& element : type.elements) {
        std::uint8_t required = 0;
        if (element.min > 0) required = ++required_count;
        assert(required_count <= required_max);
        for (const auto& use : element.types) {
            std::string_view name = element.name;
            if (element.is_choice) name = names_.emplace_back(choice_name(element, *use.type));
            add(made, element, *use.type, name, required);
        }
    }
    return made;
}

void Plan::add(TypePlan& plan, const Element& element, const Type& value,
               std::string_view json_name, std::uint8_t required) {
    PropertyPlan property{.element = &element,
                          .type = &value,
                          .action = by_year(action(*plan.type, json_name, element, value)),
                          .required = required};
    const bool has_parts = value.kind == TypeKind::complex || value.kind == TypeKind::part;
    if (has_parts && property.action != Action::drop) property.inside = &plan_of(value);
    plan.members.emplace(json_name, property);
}

}  // namespace vigil::fhir::deidentify

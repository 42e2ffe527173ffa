#pragma once
// The rules worked out for every element of every type that may leave: one look-up a JSON member.

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/definition/definitions.hpp"
#include "fhir/deidentify/rule_table.hpp"

namespace vigil::fhir::deidentify {

struct TypePlan;

struct PropertyPlan {
    const Element* element = nullptr;
    const Type* type = nullptr;  // of its value
    Action action = Action::drop;
    const TypePlan* inside = nullptr;  // the value's parts, unless it is a primitive
    std::uint8_t required = 0;         // its number, from 1, among those that must be there
};

struct TypePlan {
    const Type* type = nullptr;
    std::unordered_map<std::string_view, PropertyPlan> members;  // by JSON name: "valueQuantity"
};

class Plan {
public:
    // All outlive it. `left_out`: types of resources that this release has not, whatever the table
    // says.
    Plan(const Definitions& definitions, const RuleTable& table, Times times,
         std::vector<std::string_view> left_out = {});
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    // Null: resources of the type are not released.
    const TypePlan* resource(std::string_view type) const;
    const TypePlan& extension() const { return *extension_; }
    const RuleTable& table() const { return table_; }
    const Definitions& definitions() const { return definitions_; }

    // What holds of a member; of the default, that it is dropped.
    Action action(const Type& owner, std::string_view json_name, const Element& element,
                  const Type& value) const;

private:
    const TypePlan& plan_of(const Type& type);
    void add(TypePlan& plan, const Element& element, const Type& value, std::string_view json_name,
             std::uint8_t required);
    Action by_year(Action action) const;

    const Definitions& definitions_;
    const RuleTable& table_;
    Times times_;
    std::unordered_map<const Type*, std::unique_ptr<TypePlan>> plans_;
    std::unordered_map<std::string_view, const TypePlan*> resources_;
    const TypePlan* extension_ = nullptr;
    std::deque<std::string> names_;  // of choices
};

}  // namespace vigil::fhir::deidentify

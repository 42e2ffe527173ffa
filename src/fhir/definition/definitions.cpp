#include "fhir/definition/definitions.hpp"

#include <algorithm>
#include <cassert>

#include "fhir/definition/tables.hpp"

namespace vigil::fhir {
namespace {

// The name of `element` in JSON when its value is of `type` (FHIR 2.6.2.4): "valueQuantity".
bool is_choice_name(std::string_view json_name, const Element& element, const Type& type) {
    if (json_name.size() != element.name.size() + type.name.size()) return false;
    const auto suffix = json_name.substr(element.name.size());
    const auto first = type.name.front();
    const auto capital =
        first >= 'a' && first <= 'z' ? static_cast<char>(first - 'a' + 'A') : first;
    return suffix.front() == capital && suffix.substr(1) == type.name.substr(1);
}

auto lower_bound_of_code(const std::vector<Coding>& codes, std::string_view code) {
    return std::ranges::lower_bound(codes, code, {}, &Coding::code);
}

}  // namespace

const Element* Type::element(std::string_view element_name) const {
    const auto found = std::ranges::find(elements, element_name, &Element::name);
    return found == elements.end() ? nullptr : &*found;
}

Type::Property Type::property(std::string_view json_name) const {
    for (const auto& element : elements) {
        if (!json_name.starts_with(element.name)) continue;
        if (!element.is_choice) {
            if (json_name.size() == element.name.size()) return {&element, &element.types.front()};
            continue;
        }
        for (const auto& use : element.types)
            if (is_choice_name(json_name, element, *use.type)) return {&element, &use};
    }
    return {};
}

bool Type::is_or_derives_from(std::string_view type_name) const {
    for (const auto* type = this; type != nullptr; type = type->base)
        if (type->name == type_name) return true;
    return false;
}

bool ValueSet::contains(std::string_view system, std::string_view code) const {
    for (auto at = lower_bound_of_code(codes, code); at != codes.end() && at->code == code; ++at)
        if (at->system == system) return true;
    return false;
}

bool ValueSet::contains(std::string_view code) const {
    const auto at = lower_bound_of_code(codes, code);
    return at != codes.end() && at->code == code;
}

Definitions::Definitions() : tables_(std::make_unique<const Tables>()) {}
Definitions::~Definitions() = default;

const Type* Definitions::type(std::string_view name) const {
    return tables_->structure.find(name);
}

std::span<const Type* const> Definitions::resource_types() const {
    return tables_->structure.resource_types;
}

bool Definitions::is_resource_type(std::string_view name) const {
    const auto* found = type(name);
    return found != nullptr && found->kind == TypeKind::resource && !found->is_abstract;
}

std::span<const Constraint> Definitions::constraints() const {
    return tables_->structure.constraints;
}

std::span<const SearchParameter> Definitions::search_parameters() const {
    return tables_->search.parameters;
}

std::span<const SearchParameter* const> Definitions::search_parameters(
    std::string_view type) const {
    const auto found = tables_->search.by_type.find(type);
    if (found == tables_->search.by_type.end()) return {};
    return found->second;
}

const SearchParameter* Definitions::search_parameter(std::string_view type,
                                                     std::string_view code) const {
    const auto of_type = search_parameters(type);
    const auto found = std::ranges::find(of_type, code, &SearchParameter::code);
    return found == of_type.end() ? nullptr : *found;
}

const SearchParameter* Definitions::search_parameter_by_url(std::string_view url) const {
    const auto found = tables_->search.by_url.find(url);
    return found == tables_->search.by_url.end() ? nullptr : found->second;
}

const ValueSet* Definitions::value_set(std::string_view url) const {
    return tables_->terminology.find(url.substr(0, url.find('|')));
}

std::span<const CodeSystemTable> Definitions::code_systems() const {
    return tables_->terminology.code_systems;
}

const CodeSystemTable* Definitions::code_system(std::string_view url) const {
    const auto& all = tables_->terminology.code_systems;
    const auto found = std::ranges::lower_bound(all, url, {}, &CodeSystemTable::url);
    return found == all.end() || found->url != url ? nullptr : &*found;
}

const CompartmentMembership* Definitions::compartment(std::string_view compartment,
                                                      std::string_view type) const {
    const auto found = std::ranges::find_if(tables_->compartments, [&](const auto& membership) {
        return membership.type == type && membership.compartment == compartment;
    });
    return found == tables_->compartments.end() ? nullptr : &*found;
}

}  // namespace vigil::fhir

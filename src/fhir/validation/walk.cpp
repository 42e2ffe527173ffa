#include "fhir/validation/walk.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fhir/validation/binding.hpp"
#include "fhir/validation/contained.hpp"
#include "fhir/validation/narrative.hpp"
#include "fhir/validation/primitive.hpp"
#include "fhir/validation/reference.hpp"

namespace vigil::fhir {
namespace {

bool is_search_allowed(std::string_view bundle_type) {
    return bundle_type == "transaction" || bundle_type == "batch";
}

ResourceIndex entries_of(JsonValue bundle) {
    ResourceIndex index;
    for (const auto entry : bundle["entry"])
        if (const auto url = entry["fullUrl"].string(); !url.empty())
            index.emplace(url, entry["resource"]);
    return index;
}

ResourceIndex contained_in(JsonValue resource) {
    ResourceIndex index;
    for (const auto contained : resource["contained"])
        if (const auto id = contained["id"].string(); !id.empty()) index.emplace(id, contained);
    return index;
}

}  // namespace

void Walk::root(JsonValue value) {
    resource(value, {}, {nullptr, value["resourceType"].string()}, false);
}

void Walk::resource(JsonValue value, const Scope& around, const Place& place, bool is_contained) {
    const auto severity = around.type == nullptr ? Severity::fatal : Severity::error;
    if (!value.is(JsonKind::object))
        return report_.add(severity, "structure", place, "a resource is a JSON object");
    const auto name = value["resourceType"].string();
    if (name.empty())
        return report_.add(severity, "structure", place,
                           "resourceType is missing: name the type of the resource");
    if (!definitions_.is_resource_type(name))
        return report_.add(severity, "structure", place,
                           fmt::format("{} is no resource type of FHIR R4", quoted(name)));
    const auto& type = *definitions_.type(name);
    Scope scope{.type = &type,
                .resource = value,
                .container = is_contained ? &around : nullptr,
                .bundle = around.bundle,
                .allows_search_references = around.allows_search_references};
    const auto contained = contained_in(value);
    scope.contained = is_contained ? around.contained : &contained;
    ResourceIndex entries;
    if (name == "Bundle") {
        entries = entries_of(value);
        scope.bundle = &entries;
        scope.allows_search_references = is_search_allowed(value["type"].string());
    }
    object(type, value, scope, place);
    check_contained(scope, place, report_);
}

void Walk::object(const Type& type, JsonValue value, const Scope& scope, const Place& place) {
    if (report_.is_full()) return;
    if (!value.is(JsonKind::object))
        return report_.error("structure", place, fmt::format("a {} is a JSON object", type.name));
    if (value.size() == 0)
        return report_.error("structure", place, "an empty object says nothing: leave it out");
    std::vector<Slot> slots(type.elements.size());
    for (auto at = value.begin(); at != value.end(); ++at) {
        if (type.kind == TypeKind::resource && at.key() == "resourceType") continue;
        member(type, at.key(), *at, slots, place);
    }
    for (std::size_t i = 0; i < slots.size(); ++i)
        element(type, type.elements[i], slots[i], scope, place);
}

void Walk::member(const Type& type, std::string_view name, JsonValue value,
                  std::vector<Slot>& slots, const Place& place) {
    const bool is_beside = name.starts_with('_');
    const auto property = type.property(is_beside ? name.substr(1) : name);
    if (property.element == nullptr)
        return report_.error("structure", place,
                             fmt::format("{} has no element {}: remove it or mend its name",
                                         type.name, quoted(name)));
    if (is_beside && property.use->type->kind != TypeKind::primitive)
        return report_.error("structure", place,
                             fmt::format("{} is for primitives only: put id and extension into the "
                                         "{} itself",
                                         quoted(name), property.use->type->name));
    auto& slot = slots[static_cast<std::size_t>(property.element - type.elements.data())];
    if (slot.is_present() && slot.use != property.use)
        return report_.error("structure", Place{&place, property.element->name},
                             "only one of the types of a choice may be there: remove the others");
    slot.use = property.use;
    (is_beside ? slot.beside : slot.value) = value;
}

void Walk::element(const Type& owner, const Element& element, const Slot& slot, const Scope& scope,
                   const Place& place) {
    if (report_.is_full()) return;
    if (!slot.is_present()) {
        if (element.min > 0)
            report_.error("required", Place{&place, element.name},
                          fmt::format("{} is required in a {}: add it", element.name, owner.name));
        return;
    }
    const Place here{&place, element.name};
    if (element.max > 1) return repeated(element, slot, scope, here);
    if (slot.value.is(JsonKind::array) || slot.beside.is(JsonKind::array))
        return report_.error("structure", here,
                             fmt::format("{} does not repeat: write it without [ ]", element.name));
    single(element, *slot.use, slot.value, slot.beside, scope, here);
}

void Walk::repeated(const Element& element, const Slot& slot, const Scope& scope,
                    const Place& place) {
    const auto is_list = [](JsonValue value) { return !value || value.is(JsonKind::array); };
    if (!is_list(slot.value) || !is_list(slot.beside))
        return report_.error("structure", place,
                             fmt::format("{} may repeat: write it as a JSON array", element.name));
    // 2.6.2.1: in the two lists of a repeating primitive null stands where the other has something.
    const auto count = std::max(slot.value.size(), slot.beside.size());
    if (count == 0)
        return report_.error("structure", place, "an empty array says nothing: leave it out");
    const auto part = [](JsonValue list, JsonValue::Iterator& at) {
        if (!list || at == list.end()) return JsonValue();
        const auto value = *at;
        ++at;
        return value.is(JsonKind::null) ? JsonValue() : value;
    };
    auto value_at = slot.value.begin(), beside_at = slot.beside.begin();
    for (std::size_t i = 0; i < count && !report_.is_full(); ++i) {
        const auto value = part(slot.value, value_at), beside = part(slot.beside, beside_at);
        single(element, *slot.use, value, beside, scope, {place.above, place.name, i});
    }
    if (count > element.max)
        report_.error("structure", place,
                      fmt::format("{} may repeat at most {} times", element.name, element.max));
}

void Walk::single(const Element& element, const TypeUse& use, JsonValue value, JsonValue beside,
                  const Scope& scope, const Place& place) {
    const auto& type = *use.type;
    if (type.kind == TypeKind::primitive)
        return primitive(element, type, value, beside, scope, place);
    if (!value || value.is(JsonKind::null))
        return report_.error("structure", place, "null is no value here: leave it out");
    if (type.kind == TypeKind::resource)
        return resource(value, scope, place, element.name == "contained");
    object(type, value, scope, place);
    if (!value.is(JsonKind::object)) return;
    known_type(use, value, scope, place);
    if (element.value_set != nullptr)
        check_binding(value, type, element.binding, *element.value_set, place, report_);
}

void Walk::primitive(const Element& element, const Type& type, JsonValue value, JsonValue beside,
                     const Scope& scope, const Place& place) {
    if (beside && !beside.is(JsonKind::null)) object(type, beside, scope, place);
    if (!value || value.is(JsonKind::null)) {
        if (value || !beside || beside.is(JsonKind::null))
            report_.error("structure", place, "null is no value here: leave it out");
        return;
    }
    if (const auto problem = primitive_problem(type, value); !problem.empty())
        return report_.error("value", place,
                             fmt::format("{} is {}", quoted(value.text()), problem));
    if (type.name == "xhtml") {
        if (auto problem = narrative_problem(value.text()); !problem.empty())
            report_.error("invariant", place, std::move(problem));
    } else if (element.value_set != nullptr) {
        check_binding(value, type, element.binding, *element.value_set, place, report_);
    }
}

void Walk::known_type(const TypeUse& use, JsonValue value, const Scope& scope, const Place& place) {
    if (use.type->name == "Reference")
        check_reference(value, use, scope, definitions_, place, report_);
    else if (use.type->name == "Extension")
        check_extension(value, place, report_);
}

}  // namespace vigil::fhir

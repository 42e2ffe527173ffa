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
                           fmt::format("{} is no resource type of FHIR R4", in_quotes(name)));
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
    const auto environment = environment_of(scope);
    scope.environment = &environment;
    object(type, value, scope, place);
    check_contained(scope, place, report_);
    profiles(scope, place);
}

// Those the resource claims, and at the root those the caller asks for.
void Walk::profiles(const Scope& scope, const Place& place) {
    const bool is_root = place.above == nullptr;
    if (is_root)
        for (const auto& canonical : options_.profiles) {
            if (profiles_ == nullptr || profiles_->find(canonical) == nullptr)
                report_.error(
                    "not-found", place,
                    fmt::format("the profile {} is not known here", in_quotes(canonical)));
            profile(canonical, scope, place);
        }
    for (const auto claimed : scope.resource["meta"]["profile"])
        if (!is_root ||
            std::ranges::find(options_.profiles, claimed.string()) == options_.profiles.end())
            profile(claimed.string(), scope, place);
}

void Walk::profile(std::string_view canonical, const Scope& scope, const Place& place) {
    const auto* found = profiles_ == nullptr ? nullptr : profiles_->find(canonical);
    if (found == nullptr || report_.is_full()) return;
    if (!scope.type->is_or_derives_from(found->type->name))
        return report_.error("structure", place,
                             fmt::format("the profile {} is for a {}, not for a {}", found->url,
                                         found->type->name, scope.type->name));
    check_profile(*found, {*scope.type, scope.resource}, *profiles_, *scope.environment, place,
                  report_);
}

path::Environment Walk::environment_of(const Scope& scope) const {
    path::Environment environment;
    environment.definitions = &definitions_;
    environment.now = options_.now;
    environment.resource.emplace(*scope.type, scope.resource);
    const auto& root = scope.root();
    environment.root_resource.emplace(*root.type, root.resource);
    environment.member_of = [this](std::string_view url, std::string_view system,
                                   std::string_view code) -> Result<bool> {
        const auto* set =
            profiles_ == nullptr ? definitions_.value_set(url) : profiles_->value_set(url);
        if (set == nullptr)
            return fail(Error::Kind::not_found,
                        fmt::format("the codes of {} are not known", in_quotes(url)));
        return system.empty() ? set->contains(code) : set->contains(system, code);
    };
    environment.resolve = [&scope, this](std::string_view reference) -> std::optional<path::Item> {
        const auto& index = reference.starts_with('#') ? scope.contained : scope.bundle;
        if (index == nullptr) return std::nullopt;
        const auto found = index->find(reference.substr(reference.starts_with('#') ? 1 : 0));
        if (found == index->end()) return std::nullopt;
        const auto* type = definitions_.type(found->second["resourceType"].string());
        if (type == nullptr) return std::nullopt;
        return path::Item(*type, found->second);
    };
    return environment;
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
    invariants_.check(type.constraints, {type, value}, *scope.environment, place, report_);
}

void Walk::member(const Type& type, std::string_view name, JsonValue value,
                  std::vector<Slot>& slots, const Place& place) {
    const bool is_beside = name.starts_with('_');
    const auto property = type.property(is_beside ? name.substr(1) : name);
    if (property.element == nullptr)
        return report_.error("structure", place,
                             fmt::format("{} has no element {}: remove it or mend its name",
                                         type.name, in_quotes(name)));
    if (is_beside && property.use->type->kind != TypeKind::primitive)
        return report_.error("structure", place,
                             fmt::format("{} is for primitives only: put id and extension into the "
                                         "{} itself",
                                         in_quotes(name), property.use->type->name));
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
    invariants_.check(element.constraints, {type, value}, *scope.environment, place, report_);
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
                             fmt::format("{} is {}", in_quotes(value.text()), problem));
    invariants_.check(element.constraints, {type, value, beside}, *scope.environment, place,
                      report_);
    if (type.name == "xhtml") {
        if (auto problem = narrative_problem(value.text()); !problem.empty())
            report_.error("invariant", place, std::move(problem));
    } else if (element.value_set != nullptr) {
        check_binding(value, type, element.binding, *element.value_set, place, report_);
    } else if (element.binding == BindingStrength::required &&
               !has_form_of_codes(value.text(), element.value_set_url)) {
        report_.error(
            "code-invalid", place,
            fmt::format("{} is no code of {}", in_quotes(value.text()), element.value_set_url));
    }
}

void Walk::known_type(const TypeUse& use, JsonValue value, const Scope& scope, const Place& place) {
    if (use.type->name == "Reference")
        check_reference(value, use, scope, definitions_, place, report_);
    else if (use.type->name == "Extension") {
        check_extension(value, place, report_);
        const auto* known = profiles_ == nullptr ? nullptr : profiles_->find(value["url"].string());
        if (known != nullptr && known->type == use.type)
            check_profile(*known, {*use.type, value}, *profiles_, *scope.environment, place,
                          report_);
    }
}

}  // namespace vigil::fhir

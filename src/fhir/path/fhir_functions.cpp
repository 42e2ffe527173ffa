// What FHIR R4 adds to FHIRPath (2.9.1.5).

#include <algorithm>

#include "fhir/path/evaluator.hpp"
#include "fhir/path/navigation.hpp"
#include "fhir/validation/narrative.hpp"

namespace vigil::fhir::path {
namespace {

Result<Collection> extension(const Call& call) {
    VIGIL_TRY(url, call.string_argument(0));
    Collection found;
    if (!url) return found;
    for (const auto& item : call.input)
        append_members(item, "extension", "_extension", call.evaluator.definitions(), found);
    VIGIL_CHECK(call.evaluator.spend(call.node, found.size()));
    std::erase_if(found, [&](const Item& item) { return item.json()["url"].string() != *url; });
    return found;
}

SystemValue system_value(const Value& value) {
    switch (value.kind) {
        case Value::Kind::boolean:
            return value.boolean;
        case Value::Kind::integer:
            return value.integer;
        case Value::Kind::decimal:
            return value.decimal;
        case Value::Kind::date:
            return DateText{std::string(value.text)};
        case Value::Kind::date_time:
            return DateTimeText{std::string(value.text)};
        case Value::Kind::time:
            return TimeText{std::string(value.text)};
        default:
            return std::string(value.text);
    }
}

// Of a single primitive with a value, that value.
std::optional<Value> only_value(const Call& call) {
    if (call.input.size() != 1) return std::nullopt;
    const auto value = value_of(call.input[0]);
    if (value.kind == Value::Kind::none) return std::nullopt;
    return value;
}

// "#p1" is a resource contained in the one around it, "#" that one itself (FHIR R4, 2.3.0.5).
Result<void> resolve_contained(const Call& call, std::string_view id, Collection& out) {
    const auto& environment = call.evaluator.environment();
    const auto& root = environment.root_resource ? *environment.root_resource
                       : environment.resource    ? *environment.resource
                                                 : call.evaluator.context();
    if (id.empty()) {
        out.push_back(root);
        return {};
    }
    Collection contained;
    append_members(root, "contained", "_contained", call.evaluator.definitions(), contained);
    VIGIL_CHECK(call.evaluator.spend(call.node, contained.size()));
    const auto found = std::ranges::find_if(
        contained, [&](const Item& item) { return item.json()["id"].string() == id; });
    if (found != contained.end()) out.push_back(*found);
    return {};
}

Result<Collection> resolve(const Call& call) {
    Collection out;
    for (const auto& item : call.input) {
        VIGIL_CHECK(call.evaluator.spend(call.node, 1));
        const auto value = value_of(item);
        const auto reference = value.kind == Value::Kind::string ? value.text
                               : item.is_element()               ? item.json()["reference"].string()
                                                                 : std::string_view();
        if (reference.starts_with('#')) {
            VIGIL_CHECK(resolve_contained(call, reference.substr(1), out));
        } else if (const auto& lookup = call.evaluator.environment().resolve;
                   lookup && !reference.empty()) {
            if (auto found = lookup(reference)) out.push_back(std::move(*found));
        }
    }
    return out;
}

Result<bool> coding_is_member(const Call& call, std::string_view value_set, JsonValue coding) {
    return call.evaluator.environment().member_of(value_set, coding["system"].string(),
                                                  coding["code"].string());
}

Result<Collection> member_of(const Call& call) {
    VIGIL_TRY(value_set, call.string_argument(0));
    VIGIL_TRY(item, call.single());
    if (item == nullptr || !value_set) return Collection();
    const auto& lookup = call.evaluator.environment().member_of;
    if (!lookup) return call.error("there is no terminology to ask", Error::Kind::unsupported);
    const auto value = value_of(*item);
    if (value.kind == Value::Kind::string) {
        VIGIL_TRY(found, lookup(*value_set, {}, value.text));
        return of_truth(found);
    }
    if (!item->is_element()) return call.error("is for a code, a Coding or a CodeableConcept");
    const auto codings = item->json()["coding"];
    if (!codings) {
        VIGIL_TRY(found, coding_is_member(call, *value_set, item->json()));
        return of_truth(found);
    }
    for (const auto coding : codings) {
        VIGIL_TRY(found, coding_is_member(call, *value_set, coding));
        if (found) return of_truth(true);
    }
    return of_truth(false);
}

// Only the definitions of the base specification are known here: they are the types.
Result<Collection> conforms_to(const Call& call) {
    VIGIL_TRY(profile, call.string_argument(0));
    VIGIL_TRY(item, call.single());
    if (item == nullptr || !profile) return Collection();
    constexpr std::string_view base = "http://hl7.org/fhir/StructureDefinition/";
    const auto* definitions = call.evaluator.definitions();
    const auto* type = definitions != nullptr && profile->starts_with(base)
                           ? definitions->type(std::string_view(*profile).substr(base.size()))
                           : nullptr;
    if (type == nullptr)
        return call.error("this profile is not known here", Error::Kind::unsupported);
    return of_truth(item->is_element() && item->type()->is_or_derives_from(type->name));
}

Result<Collection> html_checks(const Call& call) {
    VIGIL_TRY(item, call.single());
    if (item == nullptr) return Collection();
    const auto value = value_of(*item);
    return of_truth(value.kind == Value::Kind::string && narrative_problem(value.text).empty());
}

}  // namespace

Result<Collection> call_fhir(const Call& call) {
    switch (call.node.function) {
        case Function::extension:
            return extension(call);
        case Function::has_extension: {
            VIGIL_TRY(found, extension(call));
            return of_truth(!found.empty());
        }
        case Function::has_value:
            return of_truth(only_value(call).has_value());
        case Function::get_value: {
            const auto value = only_value(call);
            return value ? of_value(system_value(*value)) : Collection();
        }
        case Function::resolve:
            return resolve(call);
        case Function::member_of:
            return member_of(call);
        case Function::conforms_to:
            return conforms_to(call);
        case Function::html_checks:
            return html_checks(call);
        default:
            return Collection();  // subsumes(), subsumedBy(): no terminology knows
    }
}

}  // namespace vigil::fhir::path

#include "fhir/path/navigation.hpp"

namespace vigil::fhir::path {
namespace {

JsonValue unless_null(JsonValue json) {
    return json.is(JsonKind::null) ? JsonValue() : json;
}

// One element or, of an array, one for each of its elements; the "_name" of a repeating primitive
// is an array too, in step with it, with null where there is nothing (FHIR R4, 2.6.2.1).
void append(const Type& type, JsonValue json, JsonValue beside, const Definitions* definitions,
            Collection& out) {
    const auto one = [&](JsonValue value, JsonValue extra) {
        value = unless_null(value);
        extra = unless_null(extra);
        if (value || extra) out.push_back(element_of(type, value, extra, definitions));
    };
    if (!json.is(JsonKind::array) && !beside.is(JsonKind::array)) return one(json, beside);
    if (!beside) {
        out.reserve(out.size() + json.size());
        for (const auto value : json) one(value, {});
        return;
    }
    auto value = json.begin();
    auto extra = beside.begin();
    const bool has_values = json.is(JsonKind::array);
    const bool has_extras = beside.is(JsonKind::array);
    for (;;) {
        const bool value_left = has_values && value != json.end();
        const bool extra_left = has_extras && extra != beside.end();
        if (!value_left && !extra_left) return;
        one(value_left ? *value : JsonValue(), extra_left ? *extra : JsonValue());
        if (value_left) ++value;
        if (extra_left) ++extra;
    }
}

// What the members of an element's JSON stand in: a primitive's are beside its value.
JsonValue members_of(const Item& item) {
    return item.type()->kind == TypeKind::primitive ? item.beside() : item.json();
}

// The elements of one JSON member; "_name" counts only where there is no "name" to take it along.
void append_member(const Item& item, JsonValue json, const JsonValue::Iterator& member,
                   std::string_view choice, const Definitions* definitions, Collection& out) {
    auto key = member.key();
    const bool is_beside = key.starts_with('_');
    if (is_beside) key.remove_prefix(1);
    if (!key.starts_with(choice)) return;
    const auto property = item.type()->property(key);
    if (property.use == nullptr || property.use->type == nullptr) return;
    if (!choice.empty() && property.element->name != choice) return;
    const auto& type = *property.use->type;
    if (is_beside) {
        if (!json[key]) append(type, {}, *member, definitions, out);
        return;
    }
    const bool is_primitive = type.kind == TypeKind::primitive;
    append(type, *member, is_primitive ? json["_" + std::string(key)] : JsonValue(), definitions,
           out);
}

// What type() answers is the only System value with parts (N1, 10.2).
void append_of_type_info(const Item& item, std::string_view name, Collection& out) {
    const auto* info = std::get_if<TypeInfo>(item.system_value());
    if (info == nullptr) return;
    const auto part = name == "namespace"  ? info->name_space
                      : name == "name"     ? info->name
                      : name == "baseType" ? info->base
                                           : std::string_view();
    if (!part.empty()) out.emplace_back(SystemValue(std::string(part)));
}

}  // namespace

Item element_of(const Type& declared, JsonValue json, JsonValue beside,
                const Definitions* definitions) {
    if (declared.kind == TypeKind::resource && definitions != nullptr) {
        const auto* actual = definitions->type(json["resourceType"].string());
        if (actual != nullptr && actual->kind == TypeKind::resource) return {*actual, json};
    }
    return {declared, json, beside};
}

void append_members(const Item& item, std::string_view name, std::string_view beside,
                    const Definitions* definitions, Collection& out) {
    if (!item.is_element()) return append_of_type_info(item, name, out);
    const auto json = members_of(item);
    if (!json) return;
    const auto* element = item.type()->element(name);
    if (element == nullptr) return;
    if (element->is_choice) {  // value[x]: the member whose name goes on with a type
        for (auto member = json.begin(); member != json.end(); ++member)
            append_member(item, json, member, name, definitions, out);
        return;
    }
    if (element->types.empty() || element->types[0].type == nullptr) return;
    const auto& type = *element->types[0].type;
    append(type, json[name], type.kind == TypeKind::primitive ? json[beside] : JsonValue(),
           definitions, out);
}

void append_children(const Item& item, const Definitions* definitions, Collection& out) {
    if (!item.is_element()) return;
    const auto json = members_of(item);
    for (auto member = json.begin(); member != json.end(); ++member)
        append_member(item, json, member, {}, definitions, out);
}

}  // namespace vigil::fhir::path

#include "fhir/rest/json_tree.hpp"

#include <algorithm>

namespace vigil::fhir {

JsonTree::JsonTree(JsonValue value) : kind(value.kind()) {
    switch (kind) {
        case JsonKind::object:
            members.reserve(value.size());
            for (auto member = value.begin(); member != value.end(); ++member)
                members.emplace_back(member.key(), JsonTree(*member));
            return;
        case JsonKind::array:
            elements.reserve(value.size());
            for (const auto element : value) elements.emplace_back(element);
            return;
        default:
            text = value.text();
    }
}

JsonTree* JsonTree::member(std::string_view name) {
    const auto found = std::ranges::find(members, name, &std::pair<std::string, JsonTree>::first);
    return found == members.end() ? nullptr : &found->second;
}

void JsonTree::write(JsonWriter& json) const {
    switch (kind) {
        case JsonKind::object:
            json.begin_object();
            for (const auto& [name, value] : members) {
                json.key(name);
                value.write(json);
            }
            json.end_object();
            return;
        case JsonKind::array:
            json.begin_array();
            for (const auto& element : elements) element.write(json);
            json.end_array();
            return;
        case JsonKind::string:
            json.text(text);
            return;
        case JsonKind::number:
        case JsonKind::boolean:
            json.verbatim(text);
            return;
        default:
            json.null();
    }
}

bool JsonTree::same_as(const JsonTree& other) const {
    if (kind != other.kind) return false;
    if (kind == JsonKind::array)
        return std::ranges::equal(elements, other.elements,
                                  [](const auto& a, const auto& b) { return a.same_as(b); });
    if (kind != JsonKind::object) return text == other.text;
    return members.size() == other.members.size() &&
           std::ranges::all_of(members, [&](const auto& one) {
               const auto found = std::ranges::find(other.members, one.first,
                                                    &std::pair<std::string, JsonTree>::first);
               return found != other.members.end() && one.second.same_as(found->second);
           });
}

}  // namespace vigil::fhir

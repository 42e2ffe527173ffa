#include "fhir/rest/subset.hpp"

#include <algorithm>

#include "fhir/resource/resource.hpp"

namespace vigil::fhir {
namespace {

constexpr std::string_view subsetted =
    R"({"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"})";

class Subsetter {
public:
    Subsetter(const Type& type, const Subset& subset) : type_(type), subset_(subset) {}

    bool keeps(std::string_view key) const {
        if (key == "resourceType" || key == "id" || key == "meta") return true;
        if (key.starts_with('_')) key.remove_prefix(1);
        const auto property = type_.property(key);
        if (property.element == nullptr) return subset_.summary == Summary::data;
        const auto& element = *property.element;
        if (!subset_.elements.empty()) return is_named(element.name) || element.min > 0;
        switch (subset_.summary) {
            case Summary::text:
                return key == "text" || element.min > 0;
            case Summary::data:
                return key != "text";
            case Summary::yes:
                return element.is_summary || element.min > 0;
            default:
                return true;
        }
    }

private:
    bool is_named(std::string_view name) const {
        return std::ranges::any_of(subset_.elements, [&](std::string_view wanted) {
            if (wanted.starts_with(type_.name) && wanted.substr(type_.name.size()).starts_with('.'))
                wanted.remove_prefix(type_.name.size() + 1);
            return wanted == name;
        });
    }

    const Type& type_;
    const Subset& subset_;
};

void write_meta(JsonWriter& json, JsonValue meta) {
    json.key("meta").begin_object();
    for (auto member = meta.begin(); member != meta.end(); ++member) {
        if (member.key() == "tag") continue;
        json.key(member.key());
        write_json(json, *member);
    }
    json.key("tag").begin_array();
    for (const auto tag : meta["tag"]) write_json(json, tag);
    json.verbatim(subsetted).end_array().end_object();
}

}  // namespace

std::string subset_of(std::string_view resource, const Subset& subset,
                      const Definitions& definitions) {
    JsonDocument document;
    const auto root = document.parse(resource, resource_limits);
    const auto* type = root ? definitions.type((*root)["resourceType"].string()) : nullptr;
    if (type == nullptr) return std::string(resource);
    const Subsetter subsetter(*type, subset);
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    for (auto member = root->begin(); member != root->end(); ++member) {
        if (!subsetter.keeps(member.key())) continue;
        if (member.key() == "meta") {
            write_meta(json, *member);
            continue;
        }
        json.key(member.key());
        write_json(json, *member);
    }
    json.end_object();
    return out;
}

}  // namespace vigil::fhir

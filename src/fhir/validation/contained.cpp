#include "fhir/validation/contained.hpp"

#include <fmt/format.h>

#include <unordered_set>

namespace vigil::fhir {
namespace {

using LocalReferences = std::unordered_set<std::string_view>;

// Every text "#id": references, canonicals and URIs into the resource.
void collect(JsonValue value, LocalReferences& found) {
    if (value.is(JsonKind::string)) {
        if (value.text().starts_with('#')) found.insert(value.text().substr(1));
        return;
    }
    for (const auto part : value) collect(part, found);
}

void check_one(JsonValue contained, LocalReferences& ids, const LocalReferences& references,
               const Place& place, Report& report) {
    const auto id = contained["id"].string();
    if (contained["contained"])
        report.error("invariant", place,
                     "a contained resource contains none itself: move it up (dom-2)");
    if (contained["meta"]["versionId"] || contained["meta"]["lastUpdated"])
        report.error("invariant", place,
                     "a contained resource has no version: remove meta.versionId and "
                     "meta.lastUpdated (dom-4)");
    if (contained["meta"]["security"])
        report.error("invariant", place,
                     "a contained resource has no security label of its own: label the resource "
                     "around it (dom-5)");
    if (id.empty())
        return report.error("required", Place{&place, "id"},
                            "a contained resource needs an id to be referred to: add it");
    if (!ids.insert(id).second)
        report.error("duplicate", Place{&place, "id"},
                     fmt::format("another contained resource has the id {}", in_quotes(id)));
    if (references.contains(id)) return;
    LocalReferences own;
    collect(contained, own);
    if (!own.contains(""))
        report.error("invariant", place,
                     fmt::format("nothing refers to the contained resource {}: refer to it or "
                                 "remove it (dom-3)",
                                 in_quotes(id)));
}

}  // namespace

void check_contained(const Scope& scope, const Place& place, Report& report) {
    const auto contained = scope.resource["contained"];
    if (!contained.is(JsonKind::array) || scope.container != nullptr) return;
    LocalReferences references, ids;
    collect(scope.resource, references);
    std::size_t index = 0;
    for (const auto resource : contained) {
        const Place list{&place, "contained", index++};
        if (resource.is(JsonKind::object)) check_one(resource, ids, references, list, report);
    }
}

void check_extension(JsonValue extension, const Place& place, Report& report) {
    bool has_value = false;
    for (auto at = extension.begin(); at != extension.end(); ++at)
        has_value = has_value || at.key().starts_with("value") || at.key().starts_with("_value");
    if (has_value == static_cast<bool>(extension["extension"]))
        report.error("invariant", place,
                     has_value ? "an extension has a value or extensions, not both (ext-1)"
                               : "an extension needs a value or extensions (ext-1)");
    const auto url = extension["url"].string();
    const bool is_nested = place.above != nullptr && (place.above->name == "extension" ||
                                                      place.above->name == "modifierExtension");
    if (!is_nested && !url.empty() && url.find(':') == std::string_view::npos)
        report.error("value", Place{&place, "url"},
                     fmt::format("{} is no absolute URL: an extension is named by where it is "
                                 "defined",
                                 in_quotes(url)));
}

}  // namespace vigil::fhir

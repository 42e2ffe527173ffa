#pragma once
// A shelf of resources written in a test, and of the specification.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "fhir/resource/resource.hpp"
#include "fhir/terminology/shelf.hpp"
#include "fhir/terminology/value_set.hpp"

namespace vigil::fhir::terminology {

inline const Definitions& definitions() {
    static const Definitions all;
    return all;
}

inline Kept read(std::string text) {
    auto resource = Resource::parse(std::move(text));
    EXPECT_TRUE(resource) << resource.error().message;
    auto owner = std::make_shared<const Resource>(std::move(*resource));
    return {owner->json(), owner};
}

struct ShelfOf : testing::Test {
    Shelf shelf{definitions()};
    void put(std::string resource) { shelf.add(read(std::move(resource))); }

    Answer<std::shared_ptr<const ComposedValueSet>> compose(std::string_view canonical,
                                                            VersionRules rules = {}) {
        const auto [url, version] = read_canonical(canonical);
        FHIR_TRY(source, shelf.value_set(url, version));
        if (!source) return refuse(404, "not-found", "no such value set");
        Budget budget;
        return Composer(shelf, std::move(rules), budget).compose(source);
    }
    // "code code", or "error: issue code".
    std::string codes(std::string_view canonical, VersionRules rules = {}) {
        const auto set = compose(canonical, std::move(rules));
        if (!set) return "error: " + std::string(set.error().issues.front().code);
        Budget budget;
        const auto all = members(**set, budget);
        if (!all) return "error: " + std::string(all.error().issues.front().code);
        std::string out;
        for (const auto& member : *all) out.append(out.empty() ? "" : " ").append(member.code);
        return out;
    }
    // "yes", "no", or "error: issue code".
    std::string has(std::string_view canonical, std::string_view system, std::string_view code) {
        const auto set = compose(canonical);
        if (!set) return "error: " + std::string(set.error().issues.front().code);
        Budget budget;
        const auto found = find(**set, {system, code}, budget);
        if (!found) return "error: " + std::string(found.error().issues.front().code);
        return *found ? "yes" : "no";
    }
};

// What is on the animals' tree, the system most tests use.
constexpr const char* animals = R"({"resourceType": "CodeSystem", "url": "http://x/animals",
    "version": "1", "content": "complete", "caseSensitive": true, "hierarchyMeaning": "is-a",
    "valueSet": "http://x/all-animals", "property": [{"code": "legs", "type": "integer"}],
    "concept": [
      {"code": "animal", "property": [{"code": "notSelectable", "valueBoolean": true}], "concept": [
        {"code": "bird", "property": [{"code": "legs", "valueInteger": 2}], "concept": [
          {"code": "duck", "display": "Duck", "designation": [{"language": "de", "value": "Ente"}]},
          {"code": "dodo", "property": [{"code": "status", "valueCode": "retired"}]}]},
        {"code": "fish", "concept": [{"code": "eel"}]}]},
      {"code": "pet", "concept": [{"code": "goldfish",
        "property": [{"code": "parent", "valueCode": "fish"}]}]}]})";

}  // namespace vigil::fhir::terminology

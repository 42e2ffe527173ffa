#pragma once
// A code system as it is worked with (FHIR R4 4.8, http://hl7.org/fhir/R4/codesystem.html): its
// concepts by code and by their hierarchy.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.hpp"
#include "fhir/definition/definitions.hpp"

namespace vigil::fhir::terminology {

// A resource, or a part of one, and what keeps the text it is a view of.
struct Kept {
    JsonValue json;
    std::shared_ptr<const void> owner;
};

// "url|version"; no version: empty.
struct Canonical {
    std::string_view url, version;
};
Canonical read_canonical(std::string_view text);

struct Concept {
    static constexpr std::uint32_t none = 0xFFFF'FFFF;

    std::string_view code, display;
    std::string_view status;  // of the property of that name
    JsonValue json;           // CodeSystem.concept; absent where the specification's tables say all
    std::uint32_t outer = none;  // the concept it stands in; before it in the order
    // Also by the properties `parent`, `subsumedBy` and `child`
    // (http://hl7.org/fhir/R4/codesystem-concept-properties.html).
    std::vector<std::uint32_t> parents, children;
    bool is_abstract = false, is_inactive = false;
};

// Immutable: threads may share one. Concepts are named by their number in `concepts()`.
class CodeSystem {
public:
    // CodeSystem.content: what is not `complete` answers for the codes it has, not for others.
    enum class Content : std::uint8_t { complete, fragment, example, not_present, supplement };

    explicit CodeSystem(Kept resource);  // whose JSON is a CodeSystem
    explicit CodeSystem(const CodeSystemTable& table);

    std::string_view url, version, name, title, language, value_set, hierarchy_meaning;
    Content content = Content::complete;
    bool is_case_sensitive = false;  // where it is not said, codes are taken in any case
    const Kept& resource() const { return resource_; }

    std::span<const Concept> concepts() const { return concepts_; }
    const Concept* find(std::string_view code) const;
    std::uint32_t number(const Concept& of) const {
        return static_cast<std::uint32_t>(&of - concepts_.data());
    }
    // Whether a concept above subsumes one below it: not where the hierarchy only groups or names
    // parts (CodeSystem.hierarchyMeaning).
    bool hierarchy_subsumes() const {
        return hierarchy_meaning != "grouped-by" && hierarchy_meaning != "part-of";
    }
    // For each concept whether it is `from` or below (above) it. Takes time linear in the system.
    std::vector<bool> at_or_below(const Concept& from) const;
    std::vector<bool> at_or_above(const Concept& from) const;
    // Whether the system declares a property of that code, or the specification does for all.
    bool has_property(std::string_view property) const;

private:
    void add_concepts(JsonValue concepts, std::uint32_t outer);
    void read_properties(std::uint32_t number);
    void link(std::uint32_t parent, std::uint32_t child);
    void index();
    std::vector<bool> reached(const Concept& from,
                              std::vector<std::uint32_t> Concept::* links) const;

    Kept resource_;
    std::vector<Concept> concepts_;
    std::unordered_map<std::string_view, std::uint32_t> by_code_;
    std::unordered_map<std::string, std::uint32_t> by_lower_case_;  // unless case sensitive
};

// "MALE" and "male" are one where case does not count: ASCII letters, as codes are written.
std::string lower_case(std::string_view text);
// Newer versions compare greater: numbers in them by value, "2.10" above "2.9".
bool is_older_version(std::string_view a, std::string_view b);

}  // namespace vigil::fhir::terminology

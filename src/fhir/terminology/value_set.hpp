#pragma once
// What is in a value set (FHIR R4 4.9, http://hl7.org/fhir/R4/valueset.html#compositions):
// ValueSet.compose with every code system and value set it names looked up.
//
//     Composer composer(library, {}, budget);
//     FHIR_TRY(set, composer.compose(source));
//     FHIR_TRY(member, find(*set, {.system = system, .code = code}, budget));

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/terminology/library.hpp"

namespace vigil::fhir::terminology {

struct ValueSetLimits {
    std::size_t nesting_max = 10;      // value sets in value sets
    std::size_t value_sets_max = 500;  // that one may name, and those in turn
    std::size_t codes_max = 100'000;   // of one value set that is listed
};

// A code of a value set. Views live as long as the composed set they came from.
struct Member {
    std::string_view system, version, code, display;
    const CodeSystem* codes = nullptr;  // null: the system is not at hand
    const Concept* of = nullptr;        // in `codes`
    JsonValue listed;                   // ValueSet.compose.include.concept, or a .contains
    bool is_abstract = false, is_inactive = false;
};
// A code as its own system says it.
Member member_of(const CodeSystem& codes, const Concept& of);

struct ComposedValueSet;

// compose.include or .exclude: what is in all that it names.
struct Part {
    std::string_view system, version;
    std::shared_ptr<const CodeSystem> codes;  // null: not at hand
    bool is_list = false;                     // of `members`; else all codes of the system …
    std::vector<Member> members;
    std::unordered_map<std::string_view, std::uint32_t> by_code;  // of `members`, first of its code
    std::optional<std::vector<bool>> selected;                    // … for which this holds
    bool is_whole_system = false;                                 // neither list nor filter
    std::vector<std::shared_ptr<const ComposedValueSet>> value_sets;
    std::optional<Problem> unknown;  // why it cannot be told what is in it
};

struct ComposedValueSet {
    std::shared_ptr<const ValueSetSource> source;
    std::vector<Part> include, exclude;
    bool has_inactive = true;  // compose.inactive
};

// Which versions of code systems to take ($expand: system-version, check-system-version,
// force-system-version), as "url|version".
struct VersionRules {
    std::vector<std::string> fallback, check, force;
    bool empty() const { return fallback.empty() && check.empty() && force.empty(); }
};

// Of one request. What a part names that is not at hand makes that part unknown, not an error.
class Composer {
public:
    Composer(Library& library, VersionRules rules, Budget& budget, ValueSetLimits limits = {})
        : library_(library), rules_(std::move(rules)), budget_(budget), limits_(limits) {}

    Answer<std::shared_ptr<const ComposedValueSet>> compose(
        std::shared_ptr<const ValueSetSource> source);

private:
    Answer<std::shared_ptr<const ComposedValueSet>> compose(
        std::shared_ptr<const ValueSetSource> source, std::size_t depth);
    Answer<void> read_compose(ComposedValueSet& set, JsonValue compose, std::size_t depth);
    void use_expansion_if_unknown(ComposedValueSet& set);
    Answer<void> read_expansion(ComposedValueSet& set, JsonValue expansion);
    Answer<void> read_listed(ComposedValueSet& set, const ValueSet& listed);
    Answer<Part> read_part(JsonValue include, bool is_locked, std::size_t depth);
    Answer<void> read_system(Part& part, JsonValue include, bool is_locked);
    Answer<void> read_imports(Part& part, JsonValue canonicals, std::size_t depth);
    Answer<std::string> version_of(std::string_view system, std::string_view wanted) const;

    Library& library_;
    VersionRules rules_;
    Budget& budget_;
    ValueSetLimits limits_;
    // By canonical; null while it is being composed: a circle.
    std::unordered_map<std::string, std::shared_ptr<const ComposedValueSet>> composed_;
};

struct CodeAsked {
    std::string_view system, code;
};
// The code as a member; nothing: it is none. An error where that cannot be told.
Answer<std::optional<Member>> find(const ComposedValueSet& set, const CodeAsked& asked,
                                   Budget& budget);
// All of them, in the order of the definition, each once. An error where that cannot be told, or
// where there are more than `codes_max`.
Answer<std::vector<Member>> members(const ComposedValueSet& set, Budget& budget,
                                    const ValueSetLimits& limits = {});

}  // namespace vigil::fhir::terminology

#pragma once
// The search parameters of each resource type, ready to be evaluated.

#include <bitset>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.hpp"
#include "fhir/definition/definitions.hpp"
#include "fhir/path/expression.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

// Elements of a type, by their place in it.
class ElementSet {
public:
    void add(const Type& type, const Element& element) { bits_.set(place(type, element)); }
    bool meets(const ElementSet& other) const { return (bits_ & other.bits_).any(); }

private:
    // Types of more elements share bits: two sets then meet more often than they have to.
    static constexpr std::size_t bits = 128;
    static std::size_t place(const Type& type, const Element& element) {
        return static_cast<std::size_t>(&element - type.elements.data()) % bits;
    }
    std::bitset<bits> bits_;
};

struct IndexedParameter {
    struct Component {
        std::string row;   // the parameter of its index rows: "code-value-quantity$1"
        std::string code;  // the parameter whose values it takes: "code"
        SearchType type = SearchType::token;
        path::Expression expression;
    };
    std::string code;
    SearchType type = SearchType::token;
    const SearchParameter* definition = nullptr;
    // What of it concerns this type; none: it is answered without an index (_id, _text, …).
    std::optional<path::Expression> expression;
    // A resource with none of these elements has no value of it; none: it may have one all the
    // same.
    std::optional<ElementSet> found_in{};
    std::vector<Component> components;
    // The codes of a plain `code` element: what system a bare code belongs to.
    const ValueSet* codes = nullptr;
    // Of a SearchParameter of this server: its id. Until all resources are indexed by it, it is not
    // searched by, as some would be left out.
    std::string custom_id{};
    bool is_ready = true;
};

// A definition that a SearchParameter of this server makes.
struct CustomParameter {
    std::string id;  // of the SearchParameter
    std::shared_ptr<const SearchParameter> definition;
    bool is_ready = false;
};

class SearchParameters {
public:
    // Keeps what it is given; every expression is parsed here. A code that is taken stays with who
    // has it: the standard, or the first of the custom ones.
    explicit SearchParameters(const Definitions& definitions,
                              std::vector<CustomParameter> custom = {});

    const std::vector<IndexedParameter>& of(std::string_view type) const;
    const IndexedParameter* find(std::string_view type, std::string_view code) const;
    // Standard ones and those of this server; null: there is none.
    const SearchParameter* by_url(std::string_view url) const;
    const Definitions& definitions() const { return definitions_; }

private:
    std::vector<IndexedParameter> compile(std::string_view type) const;
    std::optional<IndexedParameter> compile(std::string_view type,
                                            const SearchParameter& definition) const;

    const Definitions& definitions_;
    std::vector<CustomParameter> custom_;
    std::unordered_map<std::string, std::vector<IndexedParameter>, TextHash, std::equal_to<>>
        of_type_;
};

// Of an expression, split at | outside of brackets.
std::vector<std::string_view> alternatives(std::string_view expression);
// Those of its alternatives that concern `type`: "Condition.code | Observation.code" for
// Observation is "Observation.code".
std::string expression_for(std::string_view type, std::string_view expression,
                           const Definitions& definitions);

// What need not be found twice: by its expression each value of `patient` is one of `subject`, of
// `phonetic` one of `name`, each part of a composite one of the parameter that it is made of.
// Tokens and strings share only where the expression is the same: `code` is often all that is asked
// for, and `combo-code` finds panels too; `family` is sorted by, and `name` holds given names
// between.
std::vector<store::SharedKeys> shared_keys(const SearchParameters& parameters);
// The latest of a code, of all patients: where a type has a `code` and a `date`.
std::vector<store::PairedKeys> paired_keys(const SearchParameters& parameters);

}  // namespace vigil::fhir

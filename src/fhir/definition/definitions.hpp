#pragma once
// The definitions of FHIR R4 (4.0.1) as the rest of the room uses them: types and their elements,
// search parameters, value sets, compartments. Distilled from HL7's own by
// data/fhir/distil.py into the tables of data/fhir/, which are compiled in.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace vigil::fhir {

struct Type;
struct ValueSet;

enum class TypeKind : std::uint8_t {
    primitive,  // "string": its elements are those beside the value, id and extension
    complex,    // "Quantity"
    part,       // an element with elements of its own: "Observation.component"
    resource    // "Observation"; also the abstract Resource and DomainResource
};

// FHIRPath invariant (ElementDefinition.constraint).
struct Constraint {
    std::string_view key;  // "obs-7"
    bool is_error = true;  // else a warning
    std::string_view human, expression;
};

enum class BindingStrength : std::uint8_t { none, example, preferred, extensible, required };

struct TypeUse {
    const Type* type = nullptr;
    // Of a Reference or canonical: types of resources it may lead to; empty: any.
    std::vector<std::string_view> targets;
};

struct Element {
    static constexpr std::uint32_t unbounded = 0xFFFF'FFFF;
    std::string_view name;  // "value" of value[x]
    std::uint32_t min = 0, max = 1;
    bool is_choice = false;  // value[x]: the JSON name ends in the type, "valueQuantity"
    bool is_summary = false, is_modifier = false;
    std::vector<TypeUse> types;  // of a choice all; else one
    BindingStrength binding = BindingStrength::none;
    std::string_view value_set_url;              // of the binding, if it names one
    const ValueSet* value_set = nullptr;         // the same, if this server knows its codes
    std::vector<const Constraint*> constraints;  // besides those of its type
};

struct Type {
    std::string_view name;  // "Quantity", "Observation", "Observation.component"
    TypeKind kind = TypeKind::complex;
    bool is_abstract = false;
    const Type* base = nullptr;     // "DomainResource" of "Observation"
    std::vector<Element> elements;  // inherited ones first, in the order of the specification
    std::vector<const Constraint*> constraints;  // inherited ones first
    std::string_view pattern;  // of a primitive: the regular expression of its text

    const Element* element(std::string_view element_name) const;
    // A JSON member: "valueQuantity" is the element value as Quantity; nothing: there is none.
    struct Property {
        const Element* element = nullptr;
        const TypeUse* use = nullptr;
    };
    Property property(std::string_view json_name) const;
    bool is_or_derives_from(std::string_view type_name) const;
};

enum class SearchType : std::uint8_t {
    number,
    date,
    string,
    token,
    reference,
    composite,
    quantity,
    uri,
    special
};

struct SearchParameter {
    std::string code, url, description;
    SearchType type = SearchType::token;
    std::vector<std::string> bases;    // "Observation"; "Resource" and "DomainResource" too
    std::string expression;            // FHIRPath, of all bases joined by |
    std::vector<std::string> targets;  // of a reference
    struct Component {
        std::string definition;  // url of the parameter that says how the part is searched
        std::string expression;  // from what `expression` of the composite leads to
    };
    std::vector<Component> components{};
    // Whether a value may be several, separated by commas, and the parameter be repeated.
    bool multiple_or = true, multiple_and = true;
};

struct Coding {
    std::string_view system, code, display;
};

// A value set whose codes are all known (those of required bindings and more).
struct ValueSet {
    std::string_view url, version, name;
    std::vector<Coding> codes;  // sorted by code, then system
    bool contains(std::string_view system, std::string_view code) const;
    bool contains(std::string_view code) const;
};

// A code system of the specification, whole.
struct CodeSystemTable {
    struct Row {
        std::string_view code, display;
        std::string_view parents;  // codes, separated by spaces
        std::string_view marks;    // "notSelectable", a status such as "deprecated"
    };
    std::string_view url, version, name;
    std::string_view value_set;          // canonical of the value set of all its codes
    std::string_view hierarchy_meaning;  // "is-a"; empty: not said
    bool is_case_sensitive = true;
    std::vector<Row> codes;  // in the order of its definition
};

// A resource belongs to a compartment when one of these parameters of its type refers to it. The
// resource that the compartment is of belongs to it without one.
struct CompartmentMembership {
    std::string_view compartment, type;  // "Patient", "Observation"
    std::vector<std::string_view> parameters;
};

class Definitions {
public:
    // Reads the tables compiled in. They are ours: a damaged one is a bug. Takes some milliseconds:
    // done once, in app/.
    Definitions();
    ~Definitions();
    Definitions(const Definitions&) = delete;
    Definitions& operator=(const Definitions&) = delete;

    const Type* type(std::string_view name) const;
    // Concrete ones, by name: "Account", ...
    std::span<const Type* const> resource_types() const;
    bool is_resource_type(std::string_view name) const;
    // Those of all types and elements.
    std::span<const Constraint> constraints() const;

    std::span<const SearchParameter> search_parameters() const;
    // Those of a type: its own and those of Resource and DomainResource.
    std::span<const SearchParameter* const> search_parameters(std::string_view type) const;
    const SearchParameter* search_parameter(std::string_view type, std::string_view code) const;
    const SearchParameter* search_parameter_by_url(std::string_view url) const;

    const ValueSet* value_set(std::string_view url) const;  // with or without |version
    // All of FHIR R4 that are complete, those of HL7 v2 and v3 among them; by url.
    std::span<const CodeSystemTable> code_systems() const;
    const CodeSystemTable* code_system(std::string_view url) const;
    // Parameters that make a resource of `type` a member; null: it can be none.
    const CompartmentMembership* compartment(std::string_view compartment,
                                             std::string_view type) const;

private:
    struct Tables;
    std::unique_ptr<const Tables> tables_;
};

}  // namespace vigil::fhir

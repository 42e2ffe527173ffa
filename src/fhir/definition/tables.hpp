#pragma once
// The tables of data/fhir/ in memory. All text is that of the tables themselves, compiled in.

#include <deque>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/definition/definitions.hpp"

namespace vigil::fhir {

// value-sets.tsv, codes.tsv and code-systems.tsv.
struct Terminology {
    Terminology();
    const ValueSet* find(std::string_view url) const;

    std::vector<CodeSystemTable> code_systems;  // by url
    std::deque<ValueSet> sets;
    std::unordered_map<std::string_view, const ValueSet*> by_url;
};

// types.tsv, elements.tsv and constraints.tsv.
struct Structure {
    explicit Structure(const Terminology& terminology);
    const Type* find(std::string_view name) const;

    std::vector<Constraint> constraints;
    std::deque<Type> types;  // parts among them
    std::unordered_map<std::string_view, Type*> by_name;
    std::vector<const Type*> resource_types;
};

// search-parameters.tsv.
struct SearchTable {
    explicit SearchTable(const Structure& structure);

    std::vector<SearchParameter> parameters;
    std::unordered_map<std::string_view, const SearchParameter*> by_url;
    std::unordered_map<std::string_view, std::vector<const SearchParameter*>> by_type;
};

// compartments.tsv.
std::vector<CompartmentMembership> compartment_memberships();

struct Definitions::Tables {
    Terminology terminology;
    Structure structure{terminology};
    SearchTable search{structure};
    std::vector<CompartmentMembership> compartments = compartment_memberships();
};

}  // namespace vigil::fhir

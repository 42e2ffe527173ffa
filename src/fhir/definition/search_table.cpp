#include <algorithm>
#include <array>
#include <cassert>

#include "fhir/definition/tables.hpp"
#include "metric/table.hpp"

namespace vigil {
namespace data {
extern const std::string_view fhir_compartments_tsv, fhir_search_parameters_tsv;
}

namespace fhir {
namespace {

constexpr std::string_view url_prefix = "http://hl7.org/fhir/SearchParameter/";

SearchType search_type(std::string_view text) {
    constexpr std::array<std::string_view, 9> names{"number",   "date",      "string",
                                                    "token",    "reference", "composite",
                                                    "quantity", "uri",       "special"};
    const auto found = std::ranges::find(names, text);
    assert(found != names.end());
    return static_cast<SearchType>(found - names.begin());
}

std::string url_of(std::string_view id) {
    return std::string(url_prefix).append(id);
}

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> found;
    if (!text.empty())
        for (const auto word : split(text, ' ')) found.emplace_back(word);
    return found;
}

// "id=expression;id=expression"
std::vector<SearchParameter::Component> components(std::string_view text) {
    std::vector<SearchParameter::Component> found;
    if (text.empty()) return found;
    for (const auto part : split(text, ';')) {
        const auto equals = part.find('=');
        found.push_back({url_of(part.substr(0, equals)), std::string(part.substr(equals + 1))});
    }
    return found;
}

}  // namespace

SearchTable::SearchTable(const Structure& structure) {
    for (TableReader row(data::fhir_search_parameters_tsv); row.next();)
        parameters.push_back({.code = std::string(row[1]),
                              .url = url_of(row[0]),
                              .description = std::string(row[7]),
                              .type = search_type(row[2]),
                              .bases = words(row[3]),
                              .expression = std::string(row[4]),
                              .targets = words(row[5]),
                              .components = components(row[6])});
    for (const auto& parameter : parameters) {
        by_url.emplace(parameter.url, &parameter);
        for (const auto& base : parameter.bases)
            if (const auto* type = structure.find(base)) by_type[type->name].push_back(&parameter);
    }
    // What is asked of Resource and DomainResource may be asked of every type that is one.
    const auto general = by_type;
    for (const auto* type : structure.resource_types)
        for (const auto* base = type->base; base != nullptr; base = base->base)
            if (const auto found = general.find(base->name); found != general.end())
                by_type[type->name].insert(by_type[type->name].end(), found->second.begin(),
                                           found->second.end());
}

std::vector<CompartmentMembership> compartment_memberships() {
    std::vector<CompartmentMembership> memberships;
    for (TableReader row(data::fhir_compartments_tsv); row.next();)
        memberships.push_back({row[0], row[1], split(row[2], ' ')});
    return memberships;
}

}  // namespace fhir
}  // namespace vigil

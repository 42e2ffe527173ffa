#include <algorithm>
#include <cassert>

#include "fhir/definition/tables.hpp"
#include "metric/table.hpp"

namespace vigil {
namespace data {
extern const std::string_view fhir_codes_tsv, fhir_value_sets_tsv;
}

namespace fhir {
namespace {

using CodeSystems = std::unordered_map<std::string_view, std::vector<Coding>>;

CodeSystems code_systems() {
    CodeSystems systems;
    std::string_view url;
    std::vector<Coding>* system = nullptr;
    for (TableReader row(data::fhir_codes_tsv); row.next();) {
        if (!row[0].empty()) {
            url = row[0];
            system = &systems[url];
        }
        system->push_back({url, row[1], row[2]});
    }
    for (auto& [_, codes] : systems) std::ranges::sort(codes, {}, &Coding::code);
    return systems;
}

const Coding& coding_of(const std::vector<Coding>& system, std::string_view code) {
    const auto found = std::ranges::lower_bound(system, code, {}, &Coding::code);
    assert(found != system.end() && found->code == code);
    return *found;
}

}  // namespace

Terminology::Terminology() {
    const auto systems = code_systems();
    const std::vector<Coding>* system = nullptr;
    for (TableReader row(data::fhir_value_sets_tsv); row.next();) {
        if (!row[0].empty()) sets.push_back({.url = row[0], .codes = {}});
        if (!row[1].empty()) system = &systems.at(row[1]);
        auto& codes = sets.back().codes;
        if (row[2] == "*")
            codes.insert(codes.end(), system->begin(), system->end());
        else
            codes.push_back(coding_of(*system, row[2]));
    }
    for (auto& set : sets) {
        std::ranges::sort(set.codes, [](const Coding& a, const Coding& b) {
            return std::tie(a.code, a.system) < std::tie(b.code, b.system);
        });
        by_url.emplace(set.url, &set);
    }
}

const ValueSet* Terminology::find(std::string_view url) const {
    const auto found = by_url.find(url);
    return found == by_url.end() ? nullptr : found->second;
}

}  // namespace fhir
}  // namespace vigil

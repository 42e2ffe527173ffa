#include <algorithm>
#include <cassert>

#include "fhir/definition/tables.hpp"
#include "metric/table.hpp"

namespace vigil {
namespace data {
extern const std::string_view fhir_codes_tsv, fhir_value_sets_tsv, fhir_code_systems_tsv;
}

namespace fhir {
namespace {

std::vector<CodeSystemTable> code_systems() {
    std::vector<CodeSystemTable> systems;
    for (TableReader row(data::fhir_code_systems_tsv); row.next();)
        systems.push_back({.url = row[0],
                           .version = row[1],
                           .name = row[2],
                           .value_set = row[3],
                           .hierarchy_meaning = row[4],
                           .is_case_sensitive = row[5].empty(),
                           .codes = {}});
    assert(std::ranges::is_sorted(systems, {}, &CodeSystemTable::url));
    return systems;
}

using Codes = std::unordered_map<std::string_view, std::vector<Coding>>;

// By system; the rows of those that are whole are kept in `systems` too.
Codes codes_by_system(std::vector<CodeSystemTable>& systems) {
    Codes all;
    std::string_view url;
    std::vector<Coding>* codes = nullptr;
    CodeSystemTable* whole = nullptr;
    for (TableReader row(data::fhir_codes_tsv); row.next();) {
        if (!row[0].empty()) {
            url = row[0];
            codes = &all[url];
            const auto found = std::ranges::lower_bound(systems, url, {}, &CodeSystemTable::url);
            whole = found == systems.end() || found->url != url ? nullptr : &*found;
        }
        codes->push_back({url, row[1], row[2]});
        if (whole != nullptr) whole->codes.push_back({row[1], row[2], row[3], row[4]});
    }
    for (auto& [_, of_system] : all) std::ranges::sort(of_system, {}, &Coding::code);
    return all;
}

const Coding& coding_of(const std::vector<Coding>& system, std::string_view code) {
    const auto found = std::ranges::lower_bound(system, code, {}, &Coding::code);
    assert(found != system.end() && found->code == code);
    return *found;
}

}  // namespace

Terminology::Terminology() : code_systems(fhir::code_systems()) {
    const auto systems = codes_by_system(code_systems);
    const std::vector<Coding>* system = nullptr;
    for (TableReader row(data::fhir_value_sets_tsv); row.next();) {
        if (!row[0].empty())
            sets.push_back({.url = row[0], .version = row[3], .name = row[4], .codes = {}});
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

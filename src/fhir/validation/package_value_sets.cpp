#include "fhir/validation/package_value_sets.hpp"

#include <algorithm>
#include <tuple>

namespace vigil::fhir {

void PackageValueSets::link(terminology::Shelf& shelf) {
    listed_.clear();
    for (const auto& url : shelf.urls("ValueSet")) {
        const auto source = shelf.value_set(url, {});
        if (!source || !*source) continue;
        terminology::Budget budget;
        const auto composed = terminology::Composer(shelf, {}, budget).compose(*source);
        if (!composed) continue;
        const auto members = terminology::members(**composed, budget);
        if (!members) continue;
        ValueSet codes{.url = (*source)->url, .version = {}, .name = {}, .codes = {}};
        for (const auto& member : *members)
            codes.codes.push_back({member.system, member.code, member.display});
        std::ranges::sort(codes.codes, [](const Coding& a, const Coding& b) {
            return std::tie(a.code, a.system) < std::tie(b.code, b.system);
        });
        listed_.insert_or_assign(url, Listed{*composed, std::move(codes)});
    }
}

const ValueSet* PackageValueSets::find(std::string_view url) const {
    const auto found = listed_.find(std::string(url.substr(0, url.find('|'))));
    return found == listed_.end() ? nullptr : &found->second.codes;
}

}  // namespace vigil::fhir

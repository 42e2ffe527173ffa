#pragma once
// The value sets that packages define, as far as their codes can be listed from what the packages
// and the base specification hold (ValueSet.compose,
// http://hl7.org/fhir/R4/valueset.html#compositions).

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fhir/validation/profile.hpp"

namespace vigil::fhir {

class PackageValueSets {
public:
    // A ValueSet or CodeSystem. A later one of the same url replaces an earlier one.
    void add(std::shared_ptr<const ProfileSource> source);
    // Lists the codes of every value set; one whose codes cannot be listed is not known.
    void link(const Definitions& definitions);
    const ValueSet* find(std::string_view url) const;

private:
    struct CodeOrder {
        bool operator()(const Coding& a, const Coding& b) const;
    };
    using Codes = std::set<Coding, CodeOrder>;  // in the order of ValueSet::codes

    std::optional<Codes> expand(std::string_view url, const Definitions& definitions,
                                std::size_t depth) const;
    std::optional<Codes> part(JsonValue include, const Definitions& definitions,
                              std::size_t depth) const;
    std::optional<Codes> codes_of_system(JsonValue include) const;

    std::unordered_map<std::string_view, std::shared_ptr<const ProfileSource>> value_sets_,
        code_systems_;
    std::unordered_map<std::string_view, ValueSet> expanded_;
};

}  // namespace vigil::fhir

#pragma once
// The value sets that packages define, as far as their codes can be listed from what the packages
// and the base specification hold: fhir/terminology/value_set.hpp.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fhir/terminology/shelf.hpp"
#include "fhir/terminology/value_set.hpp"

namespace vigil::fhir {

class PackageValueSets {
public:
    // Lists the codes of every value set of the packages; one whose codes cannot be listed is not
    // known.
    void link(terminology::Shelf& shelf);
    const ValueSet* find(std::string_view url) const;  // with or without |version

private:
    struct Listed {
        std::shared_ptr<const terminology::ComposedValueSet> composed;  // what the codes point into
        ValueSet codes;
    };
    std::unordered_map<std::string, Listed> listed_;
};

}  // namespace vigil::fhir

#pragma once
// ValueSet.expansion (FHIR R4 4.9.6, http://hl7.org/fhir/R4/valueset-operation-expand.html).

#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "fhir/terminology/value_set.hpp"

namespace vigil::fhir::terminology {

constexpr std::size_t page_max = 10'000;  // codes of one answer

struct ExpansionOptions {
    std::string filter, display_language;
    std::optional<std::size_t> offset, count;
    bool active_only = false;
    bool is_nested = false;   // as the code system nests them; such an expansion has no pages
    bool not_for_ui = false;  // without what cannot be chosen
    bool has_designations = false, has_definition = false;
    std::vector<std::string> designations;     // "system|code" of a use or a language; all: empty
    std::vector<std::string> exclude_systems;  // "url|version"
    VersionRules versions;                     // told in the answer; the composer followed them
};

struct ExpansionMade {
    std::string identifier;  // uri
    Timestamp at;
};

// The value set with its expansion, as JSON.
Answer<std::string> expand(const ComposedValueSet& set, const ExpansionOptions& options,
                           const ExpansionMade& made, Budget& budget);

}  // namespace vigil::fhir::terminology

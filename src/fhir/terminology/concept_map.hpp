#pragma once
// Codes of one system in another, by ConceptMaps (FHIR R4 4.10,
// http://hl7.org/fhir/R4/conceptmap-operation-translate.html).

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/terminology/library.hpp"

namespace vigil::fhir::terminology {

struct TranslatedCode {
    std::string_view system, version, code;
};

struct TranslationRequest {
    std::vector<TranslatedCode> codes{};  // each of them is translated
    // Value sets of source and target, and the target's system; what is empty is not asked for.
    std::string_view source{}, target{}, target_system{};
    bool reverse = false;  // from what maps map to, to what they map from
    struct Dependency {
        std::string_view element;  // uri
        JsonValue concept_;        // CodeableConcept
    };
    std::vector<Dependency> dependencies{};
};

struct Translation {
    std::string_view equivalence;  // of the value set concept-map-equivalence
    TranslatedCode to;             // empty code: there is none (equivalence unmatched)
    std::string_view display;
    JsonValue products;  // ConceptMap.group.element.target.product
    std::string source;  // canonical of the map
    bool is_match() const { return equivalence != "unmatched" && equivalence != "disjoint"; }
};

struct Translations {
    std::vector<Translation> all;
    bool depends = false;      // some were left out: what they depend on was not given
    std::vector<Kept> others;  // maps that other maps led to: views point into them
};

// In the order of the maps. A map that leads to others (group.unmapped, other-map) is followed five
// times at most.
Answer<Translations> translate(std::span<const Kept> maps, const TranslationRequest& request,
                               Library& library, Budget& budget);

}  // namespace vigil::fhir::terminology

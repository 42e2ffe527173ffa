#pragma once
// What Consents are read with in tests.

#include "fhir/consent/consent_reader.hpp"

namespace vigil::fhir {

struct ConsentWorld {
    Definitions definitions;
    SearchParameters parameters{definitions};
    Catalogue catalogue;
    std::vector<ViewGroup> groups{
        {.id = catalogue.find("nibp")->id,
         .parts = {catalogue.find("nibp_sys")->id, catalogue.find("nibp_dia")->id},
         .is_waveform = false}};
    ConsentTerms terms{.parameters = parameters,
                       .catalogue = catalogue,
                       .groups = groups,
                       .base = "https://vigil.example/fhir",
                       .organization = "Organization/here"};
};

inline const ConsentWorld& consent_world() {
    static const ConsentWorld world;
    return world;
}

}  // namespace vigil::fhir

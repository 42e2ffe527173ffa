#pragma once
// A FHIR Consent (R4 6.2; IHE Privacy Consent on FHIR) as identity/ enforces it.

#include <optional>
#include <span>
#include <string>

#include "base/json.hpp"
#include "fhir/resource/outcome.hpp"
#include "fhir/search/parameters.hpp"
#include "fhir/view/reading_views.hpp"
#include "identity/consent.hpp"
#include "metric/catalogue.hpp"

namespace vigil::fhir {

// What its words mean here. All of it outlives what is read.
struct ConsentTerms {
    const SearchParameters& parameters;  // the standard ones
    const Catalogue& catalogue;
    std::span<const ViewGroup> groups;
    std::string base;
    std::string organization;  // "Organization/3", that this server is of; empty: not known
};

constexpr std::size_t provisions_max = 50, provision_depth_max = 4;
constexpr std::size_t provision_words_max = 100;  // actors, codes, labels of one
constexpr std::size_t wider_labels_max = 300;

// Who is meant by actor.reference.identifier, by its system: an account by its user name, all of a
// role, all of a unit.
constexpr std::string_view account_system = "urn:vigil:account", role_system = "urn:vigil:role",
                           unit_system = "urn:vigil:unit";

// Nothing: it decides nothing, as it is not active or of another scope (a treatment, advance
// directives). The problem is `not-supported` and says where: what it says cannot be held to here,
// so that it must not stand as if it were.
Answer<std::optional<identity::Consent>> read_consent(JsonValue consent, const ConsentTerms& terms);

// Stands for one that cannot be read: nobody but the patient sees anything, unless in an emergency.
identity::Consent closed_consent(std::string id);

}  // namespace vigil::fhir

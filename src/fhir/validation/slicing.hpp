#pragma once
// Which slice of a profile an element belongs to (FHIR R4 5.1.0.14, Discriminator).

#include "fhir/validation/profiles.hpp"

namespace vigil::fhir {

struct SliceContext {
    const Profiles& profiles;
    const path::Environment& environment;
    const std::string& element_name;  // "value" of value[x]: the sliced element's
};

bool is_of_slice(const path::Item& item, const ProfileElement& sliced, const ProfileElement& slice,
                 const SliceContext& context);

// Whether an element has a type of the list: "Quantity" and what derives from it.
bool has_type(const path::Item& item, const std::vector<ProfileType>& types);

// The elements of that name in `item`. "valueQuantity" is the element value as a Quantity.
path::Collection members(const path::Item& item, const ProfileElement& rule,
                         const Definitions& definitions);

}  // namespace vigil::fhir

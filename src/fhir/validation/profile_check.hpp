#pragma once
// An element against what a profile says of it.

#include "fhir/validation/profiles.hpp"
#include "fhir/validation/report.hpp"

namespace vigil::fhir {

// What the base specification says is checked elsewhere and not repeated.
void check_profile(const Profile& profile, const path::Item& item, const Profiles& profiles,
                   const path::Environment& environment, const Place& place, Report& report);

}  // namespace vigil::fhir

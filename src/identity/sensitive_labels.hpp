#pragma once
// Security labels that narrow who sees what bears them: data/sensitive-labels.tsv.

#include <vector>

#include "identity/consent.hpp"
#include "identity/people.hpp"

namespace vigil::identity {

// By what a resource is found that bears a label (R4 search parameter of Resource.meta.security).
constexpr std::string_view security_parameter = "_security";

// Those whose bearers the role does not see, of patients in whose care team they are or not.
const std::vector<SecurityLabel>& hidden_labels(Role role, bool in_care_team);
// It bears one of them.
store::Condition bears_any(const std::vector<SecurityLabel>& labels);

}  // namespace vigil::identity

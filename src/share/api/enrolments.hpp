#pragma once
// A one-time code as the API shows it, once.

#include <string>

#include "share/api/context.hpp"

namespace vigil::share {

// {"type": "enrolment", "username", "code", "expires", "authority_pem", "authority_sha256"}
std::string enrolment_json(const ApiContext& api, const identity::Device& device,
                           const identity::NewSecret& code);

}  // namespace vigil::share

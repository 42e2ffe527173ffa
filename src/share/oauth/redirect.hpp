#pragma once
// Leading a browser on.

#include <string>
#include <string_view>

#include "fhir/rest/exchange.hpp"
#include "session/http.hpp"

namespace vigil::share {

session::HttpResponse see_other(std::string location);

// An app's own address with what it is told, and by whom (`iss`, RFC 9207).
std::string redirect_back(std::string_view redirect_uri, fhir::Parameters with,
                          std::string_view issuer);

// Adds to the query that an address may have.
std::string with_query(std::string_view address, const fhir::Parameters& parameters);

}  // namespace vigil::share

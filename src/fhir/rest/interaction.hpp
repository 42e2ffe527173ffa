#pragma once
// Which interactions a request comes to (R4 3.1.0), in the letters of SMART App Launch 2 scopes:
// what whoever asks must be allowed.

#include <span>
#include <string>
#include <string_view>

#include "fhir/rest/exchange.hpp"
#include "store/access.hpp"

namespace vigil::fhir {

struct Needed {
    store::Interactions any_of = store::no_interaction;
    std::string type{};     // empty: of any type; each resource is then answered for by itself
    bool searches = false;  // and search that type: a condition tells whether there is one
};

// Segments of the path after the base: {"Patient", "12", "_history"}.
Needed needed(std::string_view method, std::span<const std::string_view> segments,
              bool is_conditional);
// Of a request, or of an entry of a batch or transaction; the refusal is a 403.
Answer<void> check_may(const store::Access& access, const Request& request);

}  // namespace vigil::fhir

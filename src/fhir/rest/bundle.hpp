#pragma once
// batch and transaction (R4 3.1.0.11).

#include <vector>

#include "fhir/rest/writing.hpp"

namespace vigil::fhir {

struct BundleEntry {
    Request request;
    std::string full_url;
};

struct IncomingBundle {
    bool is_transaction = false;
    std::vector<BundleEntry> entries;
};

// An entry's body is its resource's text.
Answer<IncomingBundle> read_bundle(const Resource& bundle, const RestContext& context);

std::string bundle_response(bool is_transaction, const std::vector<Response>& answers,
                            std::string_view base);

}  // namespace vigil::fhir

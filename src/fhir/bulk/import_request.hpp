#pragma once
// What a bulk import is asked for with: the JSON of the "Bulk Data Import Proposal (Manifest
// Approach)" (https://github.com/smart-on-fhir/bulk-import/blob/master/import-manifest.md), or the
// same as a Parameters resource (docs/decisions/0022-bulk-import.md).

#include <string>
#include <string_view>
#include <vector>

#include "fhir/rest/context.hpp"
#include "fhir/rest/exchange.hpp"

namespace vigil::fhir {

struct ImportInput {
    std::string type;  // what the file holds; empty: any
    std::string url;   // https://…, http://…, or file:NAME in the operator's folder
};

struct ImportRequest {
    std::string source;  // inputSource
    std::vector<ImportInput> inputs;
};

struct ImportRules {
    // A URL that is read begins with one of these; none: only files are read.
    std::vector<std::string> sources;
    static constexpr std::size_t inputs_max = 10'000, url_bytes_max = 4096;
};

// The kick-off as it was sent. A member that is not known is refused, and left out where the client
// is lenient. Inputs come in the order in which they are taken: Patients first, that what names
// them is filed under them.
Answer<ImportRequest> read_import_request(const Request& request, bool lenient,
                                          const Definitions& definitions, const ImportRules& rules);

// "file:a/b.ndjson" → "a/b.ndjson"; empty: it is none, or leads out of the folder.
std::string_view file_of(std::string_view url);

}  // namespace vigil::fhir

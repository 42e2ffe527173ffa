#pragma once
// Where an import's bytes come from: a file in the operator's folder, or a server that the operator
// allows. fhir/bulk has checked that it may be read; a file is looked at again as it is opened.

#include <memory>
#include <string>

#include "base/result.hpp"
#include "fhir/bulk/import_text.hpp"
#include "net/reach.hpp"

namespace vigil::app {

struct ImportSources {
    std::string folder;  // the operator's; need not be there
    std::string ca_pem;  // who vouches for the servers; empty: the system's store
    net::Reach reach = {};
};

// From that byte on, or from the start where the server gives no part (RFC 9110 14.2).
Result<std::unique_ptr<fhir::ImportSource>> open_import_source(const ImportSources& sources,
                                                               const std::string& url,
                                                               std::uint64_t from);

// A file wherever it lies, for whoever named it at the machine.
Result<std::unique_ptr<fhir::ImportSource>> open_import_file(const std::string& path,
                                                             std::uint64_t from);

}  // namespace vigil::app

#pragma once
// Files of FHIR resources as `vigil import` reads them: NDJSON, Bundles and single resources, plain
// or as gzip.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace vigil::app {

// In the order in which they are to be sent: those of one rank name only what those before hold.
struct ImportFile {
    std::string path;
    int rank = 0;
};
// Files as named, and those of folders that look like FHIR (.ndjson, .json, each also .gz).
Result<std::vector<ImportFile>> import_files(const std::vector<std::string>& named);

// "Practitioner?identifier=…" → "Practitioner/12"; empty: it leads to none, or several.
using FindReference = std::function<std::string(const std::string& conditional)>;
// A resource of the file: its text without line breaks, and its line, or its entry in the Bundle.
using TakeResource = std::function<Result<void>(std::string text, std::uint64_t number)>;

// Resources of a Bundle come with the ids they have there, and refer to each other by them.
Result<void> read_import_file(const std::string& path, const FindReference& find,
                              const TakeResource& take);

}  // namespace vigil::app

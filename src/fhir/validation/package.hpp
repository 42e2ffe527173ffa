#pragma once
// Implementation guides as FHIR packages (https://hl7.org/fhir/packages.html): a gzipped tar with
// package/*.json, or that folder unpacked.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vigil::fhir {

struct PackageLimits {
    std::size_t bytes_max = std::size_t{512} << 20;  // of the package unpacked
    std::size_t file_bytes_max = std::size_t{16} << 20;
    std::size_t files_max = 50'000;
};

// Called with each package/*.json: its name below package/, its text. What it answers ends the
// reading if it is an error.
using PackageReader = std::function<Result<void>(std::string_view name, std::string text)>;

// The bytes of a .tgz. Files of other folders (package/other/, package/openapi/) are passed over.
Result<void> read_package(std::string_view tgz, const PackageReader& reader,
                          const PackageLimits& limits = {});
// A .tgz, or a folder that holds package/*.json or *.json.
Result<void> read_package(const std::filesystem::path& path, const PackageReader& reader,
                          const PackageLimits& limits = {});

}  // namespace vigil::fhir

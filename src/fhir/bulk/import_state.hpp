#pragma once
// What is kept of an import, so that it goes on after a restart: what was asked, and of each input
// how far it has come. Documents of their own, written with what they tell of the same moment.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "fhir/bulk/import_request.hpp"
#include "fhir/bulk/import_text.hpp"
#include "fhir/bulk/job_state.hpp"

namespace vigil::fhir {

struct ImportCounts {
    std::uint64_t created = 0, updated = 0, unchanged = 0, refused = 0;
    std::uint64_t taken() const { return created + updated + unchanged; }
    std::uint64_t all() const { return taken() + refused; }
    ImportCounts& operator+=(const ImportCounts& other);
    bool operator==(const ImportCounts&) const = default;
};

std::string words_of(const ImportCounts& counts);  // "12 created, …"

struct ImportProgress {  // of one input
    ImportPlace place;
    ImportCounts counts;
    std::uint64_t told = 0;   // of what was refused, how much is in the error file
    std::uint64_t parts = 0;  // of the error file
    bool is_done = false;
    std::string failure;  // why it ended before its end
};

struct ImportState : JobState {
    ImportRequest request;
    std::vector<ImportProgress> inputs;  // as many as the request's

    ImportCounts counts() const;
};

// The import without its inputs' progress, and that of one input.
std::string write_import_state(const ImportState& state);
std::string write_import_progress(const ImportProgress& progress);
// Nothing: it was not written by us.
std::optional<ImportState> read_import_state(std::string_view text);
std::optional<ImportProgress> read_import_progress(std::string_view text);

}  // namespace vigil::fhir

#pragma once
// What is kept of an export, so that who polls over a restart gets an answer: what was asked, and
// once it is whole its files. One that was under way is made again from what was asked.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/bulk/export_job.hpp"
#include "fhir/bulk/job_state.hpp"

namespace vigil::fhir {

struct ExportState : JobState {
    Request request;  // the kick-off: method, segments, query, body
    bool lenient = false;
    std::vector<ExportedFile> output, deleted;  // of a whole one
};

std::string write_export_state(const ExportState& state);
// Nothing: it was not written by us.
std::optional<ExportState> read_export_state(std::string_view text);

}  // namespace vigil::fhir

#pragma once
// What is kept of an export, so that who polls over a restart gets an answer: what was asked, and
// once it is whole its files. One that was under way is made again from what was asked.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "fhir/bulk/export_job.hpp"
#include "fhir/bulk/job_owner.hpp"

namespace vigil::fhir {

struct ExportState {
    enum class Phase : std::uint8_t { running, complete, failed };
    Phase phase = Phase::running;
    JobOwner owner;
    Request request;  // the kick-off: method, segments, query, body
    bool lenient = false;
    std::string asked;  // its url
    Timestamp begun, ended;
    std::vector<ExportedFile> output, deleted;  // of a whole one
    std::string failure;
};

std::string write_export_state(const ExportState& state);
// Nothing: it was not written by us.
std::optional<ExportState> read_export_state(std::string_view text);

}  // namespace vigil::fhir

#pragma once
// What one interaction, or one entry of a batch, takes along from its request to its answer.

#include <functional>
#include <memory>
#include <optional>

#include "fhir/rest/server.hpp"
#include "fhir/rest/writing.hpp"

namespace vigil::fhir {

inline bool is_operation(const Request& request) {
    return !request.segments.empty() && request.segments.back().starts_with('$');
}

struct Server::Call {
    store::Access access;
    Request request;
    Answered answered;
    std::shared_ptr<const RestContext> rest;  // from the beginning to the end of it
    std::unique_ptr<WriteJob> job;
    std::optional<Problem> problem;      // of the write
    std::function<void(bool)> observed;  // of the write, as ServerParts::observation_begins told
    // Makes the answer of a write that has been committed.
    std::function<Response(WriteJob&)> done;
    std::shared_ptr<store::OwedLine> owed = {};  // none: the access is on record, or another's is
    std::optional<EventReader> events = {};      // which lines of the audit are seen; none: none
};

}  // namespace vigil::fhir

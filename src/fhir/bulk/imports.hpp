#pragma once
// Bulk import (import_request.hpp names the proposal): jobs (job_queue.hpp), one after another,
// that tell what was refused. How far each has come is kept: after a restart it goes on. Below the
// server's base:
//
//     $import              kick-off (POST of a manifest or Parameters), or the resources themselves
//                          (POST of application/fhir+ndjson), which are answered at once
//     $import/[job]        status (GET), cancel (DELETE)
//     $import/[job]/[file] the OperationOutcomes of one input

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "fhir/bulk/import_run.hpp"
#include "fhir/bulk/job_queue.hpp"
#include "session/http.hpp"
#include "store/documents.hpp"

namespace vigil::fhir {

struct ImportLimits {
    std::size_t jobs_max = 100;                     // waiting, under way, or kept
    Nanoseconds kept_for = std::chrono::hours(24);  // what it has come to
};

struct ImportsParts {
    std::function<std::shared_ptr<const RestContext>()> rest;  // as it is now; from any thread
    store::Documents& documents;
    ImportWork work;
    ImportRules rules;
    ImportLimits limits;
    std::function<void(std::function<void()>)> on_worker;
};

class Imports {
public:
    using Respond = std::function<void(session::HttpResponse)>;

    explicit Imports(ImportsParts parts);
    Imports(const Imports&) = delete;
    Imports& operator=(const Imports&) = delete;

    // Takes up what an earlier process left. On the loop's thread.
    Result<void> open(const JobReadmission& readmit);
    // What is under way stays as it stands, and goes on after the next start.
    void stop() { queue_.stop(); }

    // The path after the base is about an import.
    static bool owns(std::string_view path);
    // `respond` is called once, from any thread.
    void handle(JobCaller caller, session::HttpRequest request, std::string path, Respond respond);
    void look_after() { queue_.look_after(); }

private:
    class Entry;
    struct Posted;

    session::HttpResponse answer(JobCaller caller, session::HttpRequest asked,
                                 const std::string& path);
    session::HttpResponse kick_off(JobCaller caller, const Request& request, bool lenient);
    // Resources that were posted themselves.
    void take(JobCaller caller, std::string body, Respond respond);
    void take_next(const std::shared_ptr<Posted>& posted);

    ImportsParts parts_;
    JobQueue queue_;
};

}  // namespace vigil::fhir

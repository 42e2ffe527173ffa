#pragma once
// Bulk Data Access 2.0 (http://hl7.org/fhir/uv/bulkdata/STU2/export.html): jobs (job_queue.hpp), a
// page of one and a page of the next, that end with files. Below the server's base:
//
//     $export, Patient/$export, Group/[id]/$export    kick-off (GET, POST)
//     $export/[job]                                   status (GET), cancel (DELETE)
//     $export/[job]/[file]                            one file

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "fhir/bulk/export_request.hpp"
#include "fhir/bulk/job_queue.hpp"
#include "fhir/view/view_reader.hpp"
#include "session/http.hpp"
#include "store/documents.hpp"

namespace vigil::fhir {

struct ExportLimits {
    std::size_t at_once = 4;                            // further kick-offs are answered 429
    Nanoseconds kept_for = std::chrono::hours(1);       // files, once they are whole
    std::uint64_t bytes_max = std::uint64_t{16} << 30;  // of all files together
};

struct ExportsParts {
    std::function<std::shared_ptr<const RestContext>()> rest;  // as it is now; from any thread
    const PatientNumbers& patients;
    store::RecordStore& records;
    store::Documents& documents;
    store::Sealer& sealer;
    std::string folder;
    ExportLimits limits;
    std::function<void(std::function<void()>)> on_worker;
    // One page of records and views, from any thread.
    std::function<Result<void>(const store::Access&,
                               const std::function<Result<void>(ViewReader&)>&)>
        read;
};

class Exports {
public:
    using Respond = std::function<void(session::HttpResponse)>;

    explicit Exports(ExportsParts parts);
    Exports(const Exports&) = delete;
    Exports& operator=(const Exports&) = delete;

    // Makes the folder, or takes up what an earlier process left: whole exports stand, what was
    // under way is made again. On the loop's thread.
    Result<void> open(const JobReadmission& readmit);
    // Ends the work; no kick-off is taken any more.
    void stop() { queue_.stop(); }

    // The path after the base is about an export.
    static bool owns(std::string_view path);
    // `respond` is called once, from any thread.
    void handle(JobCaller caller, session::HttpRequest request, std::string path, Respond respond);
    void look_after() { queue_.look_after(); }
    // Their files hold what has been erased since. From any thread.
    void end_all() { queue_.end_all(); }

private:
    class Entry;

    session::HttpResponse kick_off(JobCaller caller, const Request& request, bool lenient);
    Answer<std::vector<std::string>> members(const ExportRequest& request,
                                             const store::Access& access) const;

    ExportsParts parts_;
    std::atomic<std::uint64_t> bytes_ = 0;  // of all files together
    JobQueue queue_;
};

}  // namespace vigil::fhir

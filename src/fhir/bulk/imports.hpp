#pragma once
// Bulk import (import_request.hpp names the proposal): takes kick-offs, works on them one after
// another on a thread of its own, tells how far they are and what was refused. What it is asked
// and how far it has come is kept: after a restart it goes on. Below the server's base:
//
//     $import              kick-off (POST of a manifest or Parameters), or the resources themselves
//                          (POST of application/fhir+ndjson), which are answered at once
//     $import/[job]        status (GET), cancel (DELETE)
//     $import/[job]/[file] the OperationOutcomes of one input

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "fhir/bulk/import_run.hpp"
#include "fhir/bulk/job_owner.hpp"
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

    explicit Imports(ImportsParts parts) : parts_(std::move(parts)) {}
    Imports(const Imports&) = delete;
    Imports& operator=(const Imports&) = delete;
    ~Imports() { stop(); }

    // Takes up what an earlier process left. On the loop's thread.
    Result<void> open(const JobReadmission& readmit);
    // What is under way stays as it stands, and goes on after the next start.
    void stop();

    // The path after the base is about an import.
    static bool owns(std::string_view path);
    // `respond` is called once, from any thread.
    void handle(JobCaller caller, session::HttpRequest request, std::string path, Respond respond);
    // Once a second, on the loop's thread: ends what nobody may have any more, forgets what was
    // kept long enough.
    void look_after();

private:
    struct Entry;
    using EntryPtr = std::shared_ptr<Entry>;
    struct Posted;

    void answer(JobCaller caller, const session::HttpRequest& request, const std::string& path,
                const Respond& respond);
    session::HttpResponse kick_off(JobCaller caller, const Request& request, bool lenient);
    session::HttpResponse status(const EntryPtr& entry) const;
    session::HttpResponse findings(const EntryPtr& entry, std::string_view name);
    std::string manifest(const Entry& entry) const;
    EntryPtr find(const JobCaller& caller, std::string_view id) const;
    // Resources that were posted themselves.
    void take(JobCaller caller, std::string body, Respond respond);
    void take_next(const std::shared_ptr<Posted>& posted);

    void work();
    void run(const EntryPtr& entry);
    void ended(const EntryPtr& entry, const Result<void>& outcome);
    void keep(Entry& entry, std::size_t input, const ImportProgress& progress,
              ImportFindings findings);
    void forget(const Entry& entry);

    ImportsParts parts_;
    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::map<std::string, EntryPtr, std::less<>> entries_;
    std::deque<EntryPtr> queue_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace vigil::fhir

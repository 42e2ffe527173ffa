#pragma once
// Bulk Data Access 2.0 (http://hl7.org/fhir/uv/bulkdata/STU2/export.html): takes kick-offs, works
// on them on a thread of its own, tells how far they are and gives out their files. Below the
// server's base:
//
//     $export, Patient/$export, Group/[id]/$export    kick-off (GET, POST)
//     $export/[job]                                   status (GET), cancel (DELETE)
//     $export/[job]/[file]                            one file

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "fhir/bulk/export_job.hpp"
#include "fhir/bulk/job_owner.hpp"
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
    ~Exports();

    // Makes the folder, or takes up what an earlier process left: whole exports stand, what was
    // under way is made again. On the loop's thread.
    Result<void> open(const JobReadmission& readmit);
    // Ends the work; no kick-off is taken any more.
    void stop();

    // The path after the base is about an export.
    static bool owns(std::string_view path);
    // `respond` is called once, from any thread.
    void handle(JobCaller caller, session::HttpRequest request, std::string path, Respond respond);
    // Once a second, on the loop's thread: ends what nobody may have any more, removes what was
    // kept long enough.
    void look_after();

private:
    struct Entry;
    using EntryPtr = std::shared_ptr<Entry>;

    session::HttpResponse answer(JobCaller& caller, const Request& request, bool lenient);
    session::HttpResponse kick_off(JobCaller& caller, const Request& request, bool lenient);
    Answer<void> make_job(Entry& entry);
    void begin(const EntryPtr& entry);
    void keep(const Entry& entry);
    Answer<std::vector<std::string>> members(const ExportRequest& request,
                                             const store::Access& access) const;
    EntryPtr find(const JobCaller& caller, std::string_view id);
    session::HttpResponse status(Entry& entry);
    session::HttpResponse cancel(const EntryPtr& entry);
    session::HttpResponse file(JobCaller& caller, const EntryPtr& entry, std::string_view name);
    std::string manifest(const Entry& entry) const;
    void work();
    Result<bool> step(Entry& entry);
    void after_step(const EntryPtr& entry, const Result<bool>& more);
    void forget(const Entry& entry) const;
    std::uint64_t bytes_kept() const;

    ExportsParts parts_;
    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::map<std::string, EntryPtr, std::less<>> entries_;
    std::deque<EntryPtr> queue_;  // in turn, a page each
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace vigil::fhir

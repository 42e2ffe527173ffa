#pragma once
// Jobs that are asked for now and answered later (R4 3.1.6, asynchronous request pattern), worked
// on in turn by a thread of their own, a step each. Whoever asked, and nobody else, sees how far
// theirs is and what it came to, and ends it. A job is kept before it is promised and outlives the
// process; it ends with the right of whoever asked, and is forgotten once what it came to was kept
// long enough. Below the server's base:
//
//     [operation]/[job]          status (GET), cancel (DELETE)
//     [operation]/[job]/[file]   what belongs to what it came to (GET)

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "fhir/bulk/job_state.hpp"
#include "fhir/rest/context.hpp"
#include "fhir/rest/exchange.hpp"
#include "session/http.hpp"
#include "store/documents.hpp"

namespace vigil::fhir {

// One of them. What `step` changes while others look is the job's own to guard.
class Job : public std::enable_shared_from_this<Job> {
public:
    explicit Job(std::string id) : id_(std::move(id)) {}
    virtual ~Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;

    const std::string& id() const { return id_; }
    const JobCaller& caller() const { return *caller_; }  // once the queue has it
    bool is_cancelled() const { return cancelled_; }      // by whoever asked, or with their right

    // The queue's, under its mutex.
    virtual JobState& state() = 0;
    virtual std::string document() = 0;  // the state, as it is kept

    // Calls on when its turn may come, at once or later, from any thread, with the time it began.
    using TakeTurn = std::function<void(Timestamp begun)>;
    virtual void begin(const TakeTurn& take_turn) { take_turn(state().begun); }
    // On the queue's thread. True: there is more to do, when its turn comes again.
    virtual Result<bool> step() = 0;
    // A step that is under way, or comes, is to end soon. From any thread.
    virtual void interrupt() {}
    virtual std::string tally() = 0;  // "12 resources", for the audit
    // And whose, where the lines of its parts do not say; on the queue's thread.
    virtual std::vector<PatientId> whose() { return {}; }

    virtual std::string progress() = 0;                    // of one that is running
    virtual std::string result(std::string_view url) = 0;  // of a complete one at `url`, as JSON
    virtual session::HttpResponse file(JobCaller caller, std::string_view name) = 0;

    // What is kept of it beside its document, and outside the store. From any thread.
    virtual std::vector<store::DocumentChange> removals() { return {}; }
    virtual void remove_files() {}

private:
    friend class JobQueue;
    std::string id_;
    std::optional<JobCaller> caller_;
    std::atomic<bool> cancelled_ = false;
};

struct JobQueueParts {
    std::string_view operation;  // "$export"
    std::string_view noun;       // "export"
    const char* document_kind;
    std::size_t running_max, kept_max;  // further ones are answered 429; kept: running ones too
    Nanoseconds kept_for;               // what it came to
    int niceness;                       // of the thread: monitoring goes first
    std::function<std::shared_ptr<const RestContext>()> rest;  // as it is now; from any thread
    store::Documents& documents;
};

class JobQueue {
public:
    using JobPtr = std::shared_ptr<Job>;

    explicit JobQueue(JobQueueParts parts) : parts_(std::move(parts)) {}
    JobQueue(const JobQueue&) = delete;
    JobQueue& operator=(const JobQueue&) = delete;
    ~JobQueue() { stop(); }

    // Goes on with those that an earlier process left, the oldest first, and forgets those that
    // nobody may have any more. On the loop's thread.
    void start(std::vector<JobPtr> left, const JobReadmission& readmit);
    // No job is taken any more; those under way stay as they are kept, for the next start.
    void stop();

    // Takes it, from any thread but the store's: 202 and where to look for it, or why not.
    session::HttpResponse admit(const JobPtr& job, JobCaller caller);
    // What is asked below [operation]; from any thread.
    session::HttpResponse answer(JobCaller caller, const Request& request);
    // Once a second, on the loop's thread: ends what nobody may have any more, and what was kept
    // long enough.
    void look_after();

    // Ends all of them, and forgets what they came to. From any thread.
    void end_all();

    // Removes what is kept of one that is not in the queue.
    void forget(Job& job);
    // A change of what is kept of a job.
    static store::DocumentChange change(const char* kind, std::string id,
                                        std::optional<std::string> body);

private:
    std::string url(const Job& job) const;
    std::vector<store::DocumentChange> removals(Job& job) const;
    bool is_full() const;
    JobPtr find(const JobCaller& caller, std::string_view id) const;
    session::HttpResponse status(Job& job) const;
    void begin(const JobPtr& job);
    void cancel(const JobPtr& job);
    void work();
    void stepped(const JobPtr& job, const Result<bool>& more);

    JobQueueParts parts_;
    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::map<std::string, JobPtr, std::less<>> jobs_;
    // A running job is in it, on the thread, or on its way here; any other only to be removed.
    std::deque<JobPtr> turns_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace vigil::fhir

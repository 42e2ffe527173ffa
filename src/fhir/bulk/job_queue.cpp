#include "fhir/bulk/job_queue.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

#include "fhir/bulk/job_answer.hpp"

namespace vigil::fhir {

store::DocumentChange JobQueue::change(const char* kind, std::string id,
                                       std::optional<std::string> body) {
    return {.kind = kind, .id = std::move(id), .subject = {}, .body = std::move(body)};
}

std::string JobQueue::url(const Job& job) const {
    return fmt::format("{}/{}/{}", parts_.rest()->base, parts_.operation, job.id());
}

// --- Across restarts
// ------------------------------------------------------------------------------------------------

void JobQueue::start(std::vector<JobPtr> left, const JobReadmission& readmit) {
    std::ranges::sort(left, {}, [](const JobPtr& job) { return job->state().begun; });
    for (const auto& job : left) {
        job->caller_ = readmit(job->state().owner);
        if (!job->caller_) {
            forget(*job);
            continue;
        }
        jobs_.emplace(job->id(), job);
        if (job->state().phase == JobState::Phase::running) begin(job);
    }
    thread_ = std::thread([this] { work(); });
}

void JobQueue::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(stopping_, true)) return;
        for (const auto& [id, job] : jobs_) job->interrupt();
    }
    ready_.notify_all();
    if (thread_.joinable()) thread_.join();
}

std::vector<store::DocumentChange> JobQueue::removals(Job& job) const {
    auto changes = job.removals();
    changes.push_back(change(parts_.document_kind, job.id(), std::nullopt));
    return changes;
}

void JobQueue::forget(Job& job) {
    // Asked first: files without it are nobody's.
    parts_.documents.change(removals(job), std::nullopt, [](const Result<void>&) {});
    job.remove_files();
}

// --- What is asked
// --------------------------------------------------------------------------------------------------

bool JobQueue::is_full() const {
    const auto running = std::ranges::count(jobs_, JobState::Phase::running, [](const auto& each) {
        return each.second->state().phase;
    });
    return static_cast<std::size_t>(running) >= parts_.running_max ||
           jobs_.size() >= parts_.kept_max;
}

session::HttpResponse JobQueue::admit(const JobPtr& job, JobCaller caller) {
    auto& state = job->state();
    state.owner = caller.owner();
    state.begun = parts_.rest()->now();
    job->caller_ = std::move(caller);
    {
        std::unique_lock lock(mutex_);
        if (stopping_ || is_full()) {
            lock.unlock();
            job->remove_files();
            return job_later(429, "throttled",
                             fmt::format("as many {}s as this server takes are under way or kept: "
                                         "delete those you are done with, or come back later",
                                         parts_.noun));
        }
        jobs_.emplace(job->id(), job);
    }
    // It is promised once it is kept.
    const auto kept = store::await<void>([&](store::Done done) {
        parts_.documents.change({change(parts_.document_kind, job->id(), job->document())},
                                std::nullopt, std::move(done));
    });
    if (!kept) {
        {
            const std::lock_guard lock(mutex_);
            jobs_.erase(job->id());
        }
        forget(*job);
        return job_refused(problem_of(kept.error()));
    }
    begin(job);
    return {.status = 202, .headers = {{"content-location", url(*job)}}};
}

void JobQueue::begin(const JobPtr& job) {
    job->begin([this, job](Timestamp begun) {
        const std::lock_guard lock(mutex_);
        job->state().begun = begun;
        turns_.push_back(job);
        ready_.notify_one();
    });
}

session::HttpResponse JobQueue::answer(JobCaller caller, const Request& request) {
    const auto job = find(caller, request.segment(1));
    if (!job)
        return job_refused(
            404, "not-found",
            fmt::format("there is no such {}: it ended, or someone else asked for it",
                        parts_.noun));
    const bool is_of_file = request.segments.size() == 3;
    if (request.method == "GET")
        return is_of_file ? job->file(std::move(caller), request.segment(2)) : status(*job);
    if (request.method != "DELETE" || is_of_file)
        return job_refused(
            405, "not-supported",
            fmt::format("an {} is looked at with GET and ended with DELETE", parts_.noun));
    {
        const std::lock_guard lock(mutex_);
        cancel(job);
    }
    // No restart goes on with it, though what a step keeps until it ends is removed once more.
    const auto gone = store::await<void>([&](store::Done done) {
        parts_.documents.change(removals(*job), std::nullopt, std::move(done));
    });
    return gone ? session::HttpResponse{.status = 202} : job_refused(problem_of(gone.error()));
}

JobQueue::JobPtr JobQueue::find(const JobCaller& caller, std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const auto found = jobs_.find(id);
    if (found == jobs_.end() || found->second->cancelled_) return nullptr;
    const auto& asked_by = found->second->state().owner.principal;
    return asked_by == caller.access.principal() ? found->second : nullptr;
}

session::HttpResponse JobQueue::status(Job& job) const {
    const auto now = parts_.rest()->now();
    const std::lock_guard lock(mutex_);
    const auto& state = job.state();
    if (state.phase == JobState::Phase::failed) return job_refused(500, "exception", state.failure);
    if (state.phase == JobState::Phase::complete)
        return job_result(job.result(url(job)), state.ended + parts_.kept_for - now);
    return job_under_way(job.progress(), now - state.begun);
}

// The thread removes what it may be working on.
void JobQueue::cancel(const JobPtr& job) {
    if (job->cancelled_.exchange(true)) return;
    job->interrupt();
    if (job->state().phase == JobState::Phase::running) return;
    turns_.push_back(job);
    ready_.notify_one();
}

void JobQueue::look_after() {
    const auto now = parts_.rest()->now();
    const std::lock_guard lock(mutex_);
    for (const auto& [id, job] : jobs_) {
        const auto& state = job->state();
        const bool is_old =
            state.phase != JobState::Phase::running && now - state.ended >= parts_.kept_for;
        if (is_old || !job->caller_->stands()) cancel(job);
    }
}

void JobQueue::end_all() {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, job] : jobs_) cancel(job);
}

// --- The work
// -------------------------------------------------------------------------------------------------------

void JobQueue::work() {
    ::setpriority(PRIO_PROCESS, 0, parts_.niceness);  // on Linux: of this thread
    std::unique_lock lock(mutex_);
    while (true) {
        ready_.wait(lock, [this] { return stopping_ || !turns_.empty(); });
        if (stopping_) return;
        const auto job = std::move(turns_.front());
        turns_.pop_front();
        lock.unlock();
        stepped(job, job->cancelled_ ? Result<bool>(false) : job->step());
        std::this_thread::yield();
        lock.lock();
    }
}

void JobQueue::stepped(const JobPtr& job, const Result<bool>& more) {
    const auto now = parts_.rest()->now();
    std::string_view end;
    std::string kept;
    {
        const std::lock_guard lock(mutex_);
        auto& state = job->state();
        if (job->cancelled_) {
            jobs_.erase(job->id());
            end = state.phase == JobState::Phase::running ? "cancelled" : "removed";
        } else if (more && *more) {
            return turns_.push_back(job);
        } else if (!more && stopping_) {
            return;  // it was interrupted, and goes on after the next start
        } else {
            state.ended = now;
            state.phase = more ? JobState::Phase::complete : JobState::Phase::failed;
            if (!more) state.failure = problem_of(more.error()).issues.front().diagnostics;
            end = more ? "complete" : "failed";
            kept = job->document();
        }
    }
    if (kept.empty())
        forget(*job);
    else
        parts_.documents.change({change(parts_.document_kind, job->id(), std::move(kept))},
                                std::nullopt, [](const Result<void>&) {});
    job->caller_->ended(fmt::format("{}, {}", end, job->tally()), job->whose());
}

}  // namespace vigil::fhir

#include "fhir/bulk/exports.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <filesystem>

#include "fhir/bulk/export_download.hpp"
#include "fhir/bulk/export_state.hpp"
#include "fhir/bulk/job_answer.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"

namespace vigil::fhir {
namespace {

constexpr std::string_view operation = "$export";
constexpr std::size_t kept_max = 100;  // exports, whole or not
constexpr int niceness = 10;           // of the thread: monitoring goes first

constexpr const char* kind = "fhir-export";  // of the Documents that are kept

void write_files(JsonWriter& json, std::string_view name, const std::vector<ExportedFile>& files,
                 std::string_view url) {
    json.key(name).begin_array();
    for (const auto& file : files)
        json.begin_object()
            .member("type", file.type)
            .member("url", fmt::format("{}/{}", url, file.name))
            .member("count", file.count)
            .end_object();
    json.end_array();
}

// The time of the newest version there may be: what is written from now on is later.
void after_all_writes(store::RecordStore& records, const store::Access& access,
                      std::function<void(Result<Timestamp>)> then) {
    auto time = std::make_shared<Timestamp>();
    records.write(
        access,
        [time](store::RecordTransaction& transaction) {
            *time = transaction.time();
            return Result<void>();
        },
        [time, then = std::move(then)](const Result<void>& done) {
            if (!done) return then(tl::unexpected(done.error()));
            then(*time);
        });
}

}  // namespace

struct Exports::Entry {
    using Phase = ExportState::Phase;

    std::string id, folder, url;
    std::optional<JobCaller> caller;
    std::unique_ptr<ExportJob> job;  // the work thread's, while it is under way

    // Under the mutex.
    ExportState state;
    std::string progress = "waiting";
    std::uint64_t bytes = 0;
    Problem problem;
    std::atomic<bool> cancelled = false;  // by whoever asked, or because they may no longer
};

Exports::Exports(ExportsParts parts) : parts_(std::move(parts)) {}

Exports::~Exports() {
    stop();
}

// --- Across restarts
// ------------------------------------------------------------------------------------------------

namespace {

// How many bytes these take; nothing: one of them is not there.
std::optional<std::uint64_t> bytes_of(const std::vector<ExportedFile>& files,
                                      std::string_view folder) {
    std::uint64_t bytes = 0;
    for (const auto& file : files) {
        std::error_code failure;
        bytes += std::filesystem::file_size(fmt::format("{}/{}", folder, file.name), failure);
        if (failure) return std::nullopt;
    }
    return bytes;
}

}  // namespace

Result<void> Exports::open(const JobReadmission& readmit) {
    namespace fs = std::filesystem;
    std::error_code failure;
    fs::create_directory(parts_.folder, failure);
    if (failure || ::chmod(parts_.folder.c_str(), S_IRWXU) != 0)
        return fail(Error::Kind::internal, "cannot make the folder for exports", parts_.folder);
    VIGIL_CHECK(parts_.documents.each(kind, [&](std::string_view id, std::string_view body) {
        auto state = read_export_state(body);
        if (!state) return true;
        auto entry = std::make_shared<Entry>();
        entry->id = id;
        entry->folder = fmt::format("{}/{}", parts_.folder, id);
        entry->url = fmt::format("{}/{}/{}", parts_.rest()->base, operation, id);
        entry->problem = {500, {{Severity::error, "exception", state->failure, {}}}};
        entry->state = std::move(*state);
        entries_.emplace(id, std::move(entry));
        return true;
    }));
    // What belongs to none of them was being removed.
    for (const auto& place : fs::directory_iterator(parts_.folder, failure)) {
        std::error_code stays;
        if (!entries_.contains(place.path().filename().string()))
            fs::remove_all(place.path(), stays);
    }
    for (auto at = entries_.begin(); at != entries_.end();) {
        const auto entry = at->second;
        entry->caller = readmit(entry->state.owner);
        const bool is_complete = entry->state.phase == Entry::Phase::complete;
        const auto output = bytes_of(entry->state.output, entry->folder);
        const auto deleted = bytes_of(entry->state.deleted, entry->folder);
        if (!entry->caller || (is_complete && (!output || !deleted))) {
            forget(*entry);
            at = entries_.erase(at);
            continue;
        }
        entry->bytes = output.value_or(0) + deleted.value_or(0);
        if (entry->state.phase == Entry::Phase::running) begin(entry);
        ++at;
    }
    thread_ = std::thread([this] { work(); });
    return {};
}

void Exports::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(stopping_, true)) return;
    }
    ready_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Exports::keep(const Entry& entry) {
    parts_.documents.change(
        {{.kind = kind, .id = entry.id, .subject = {}, .body = write_export_state(entry.state)}},
        std::nullopt, [](const Result<void>&) {});
}

// What it was asked first: files without it are nobody's.
void Exports::forget(const Entry& entry) const {
    parts_.documents.change({{.kind = kind, .id = entry.id, .subject = {}, .body = std::nullopt}},
                            std::nullopt, [](const Result<void>&) {});
    std::error_code failure;
    std::filesystem::remove_all(entry.folder, failure);
}

// --- What is asked
// --------------------------------------------------------------------------------------------------

bool Exports::owns(std::string_view path) {
    const auto segments = job_segments(path);
    return !segments.empty() && segments.size() <= 3 &&
           (segments.front() == operation || segments.back() == operation);
}

void Exports::handle(JobCaller caller, session::HttpRequest request, std::string path,
                     Respond respond) {
    parts_.on_worker([this, caller = std::move(caller), request = std::move(request),
                      path = std::move(path), respond = std::move(respond)]() mutable {
        const auto prefer = request.header("prefer").value_or("");
        const bool lenient = prefer.find("handling=lenient") != std::string_view::npos;
        const auto read = read_request(std::move(request), path);
        respond(read ? answer(caller, *read, lenient) : job_refused(read.error()));
    });
}

session::HttpResponse Exports::answer(JobCaller& caller, const Request& request, bool lenient) {
    const auto& segments = request.segments;
    if (segments.back() == operation) return kick_off(caller, request, lenient);
    const auto entry = find(caller, request.segment(1));
    if (!entry)
        return job_refused(404, "not-found",
                           "there is no such export: it ended, or someone else asked for it");
    if (request.method == "GET" && segments.size() == 3)
        return file(caller, entry, request.segment(2));
    if (request.method == "GET" && segments.size() == 2) return status(*entry);
    if (request.method == "DELETE" && segments.size() == 2) return cancel(entry);
    return job_refused(405, "not-supported",
                       "an export is looked at with GET and ended with DELETE");
}

// --- Kick-off
// ---------------------------------------------------------------------------------------------------

session::HttpResponse Exports::kick_off(JobCaller& caller, const Request& request, bool lenient) {
    // After a restore it would leave out what is not indexed yet, and not say so.
    const auto whole = parts_.records.index_is_whole();
    if (!whole || !*whole)
        return job_later(503, "transient",
                         "the index of the records is being made again: ask later");
    const auto rest = parts_.rest();
    auto entry = std::make_shared<Entry>();
    entry->id = rest->new_id();
    entry->folder = parts_.folder + "/" + entry->id;
    entry->url = fmt::format("{}/{}/{}", rest->base, operation, entry->id);
    entry->state.owner = caller.owner();
    entry->state.request = request;
    entry->state.lenient = lenient;
    entry->state.begun = rest->now();
    entry->caller = caller;
    if (auto made = make_job(*entry); !made) return job_refused(made.error());
    {
        const std::lock_guard lock(mutex_);
        const auto running = static_cast<std::size_t>(
            std::ranges::count(entries_, Entry::Phase::running,
                               [](const auto& each) { return each.second->state.phase; }));
        if (stopping_ || running >= parts_.limits.at_once || entries_.size() >= kept_max) {
            std::error_code failure;
            std::filesystem::remove_all(entry->folder, failure);
            return job_later(429, "throttled",
                             "as many exports as this server takes are under way or kept: delete "
                             "those you have fetched, or come back later");
        }
        entries_.emplace(entry->id, entry);
    }
    // It is promised once it is kept.
    const auto kept = store::await<void>([&](store::Done done) {
        parts_.documents.change({{.kind = kind,
                                  .id = entry->id,
                                  .subject = {},
                                  .body = write_export_state(entry->state)}},
                                std::nullopt, std::move(done));
    });
    if (!kept) {
        const std::lock_guard lock(mutex_);
        entries_.erase(entry->id);
        forget(*entry);
        return job_refused(problem_of(kept.error()));
    }
    begin(entry);
    return {.status = 202, .headers = {{"content-location", entry->url}}};
}

// From what was asked: now, or again after a restart.
Answer<void> Exports::make_job(Entry& entry) {
    const auto rest = parts_.rest();
    std::optional<Answer<ExportRequest>> asked;
    const auto looked = parts_.read(entry.caller->access, [&](ViewReader& reader) {
        asked = read_export_request(entry.state.request, entry.state.lenient, reader, *rest);
        return Result<void>();
    });
    if (!looked) return refuse(looked.error());
    if (!*asked) return as_refusal(asked->error());
    FHIR_TRY(named, members(**asked, entry.caller->access));
    std::error_code failure;
    std::filesystem::remove_all(entry.folder, failure);
    if (::mkdir(entry.folder.c_str(), S_IRWXU) != 0)
        return refuse(500, "exception", "the export's files cannot be made: is the disk full?");
    entry.state.asked = (*asked)->url;
    entry.job = std::make_unique<ExportJob>(std::move(**asked), std::move(named),
                                            ExportJob::Parts{.rest = rest,
                                                             .sealer = parts_.sealer,
                                                             .patients = parts_.patients,
                                                             .folder = entry.folder});
    return {};
}

void Exports::begin(const EntryPtr& entry) {
    after_all_writes(parts_.records, entry->caller->access, [this, entry](Result<Timestamp> time) {
        const std::lock_guard lock(mutex_);
        // What devices said until then may still be on its way into the series.
        constexpr auto on_its_way = std::chrono::seconds(5);
        entry->state.begun = time.value_or(entry->state.begun) - on_its_way;
        queue_.push_back(entry);
        ready_.notify_one();
    });
}

// The patients that a Group or the request names; none are looked for where it names none.
Answer<std::vector<std::string>> Exports::members(const ExportRequest& request,
                                                  const store::Access& access) const {
    if (request.level != ExportRequest::Level::group) return request.patients;
    std::vector<std::string> out;
    std::optional<store::Record> group;
    const auto read = parts_.read(access, [&](ViewReader& reader) -> Result<void> {
        VIGIL_TRY(found, reader.get("Group", request.group));
        group = std::move(found);
        return {};
    });
    if (!read) return refuse(read.error());
    if (!group || group->deleted)
        return refuse(404, "not-found", fmt::format("there is no Group/{}", request.group));
    const auto resource = Resource::parse(resource_text(*group));
    if (!resource) return refuse(resource.error());
    for (const auto member : resource->json()["member"]) {
        std::string_view reference = member["entity"]["reference"].string();
        if (reference.starts_with(parts_.rest()->base + "/"))
            reference.remove_prefix(parts_.rest()->base.size() + 1);
        constexpr std::string_view prefix = "Patient/";
        if (member["inactive"].is_true() || !reference.starts_with(prefix)) continue;
        const auto id = reference.substr(prefix.size());
        const bool is_asked = request.patients.empty() ||
                              std::ranges::find(request.patients, id) != request.patients.end();
        if (is_asked) out.emplace_back(id);
    }
    std::ranges::sort(out);
    const auto twice = std::ranges::unique(out);
    out.erase(twice.begin(), twice.end());
    return out;
}

// --- What becomes of it
// -----------------------------------------------------------------------------------------

Exports::EntryPtr Exports::find(const JobCaller& caller, std::string_view id) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end() || found->second->cancelled) return nullptr;
    const auto& asked_by = found->second->state.owner.principal;
    return asked_by == caller.access.principal() ? found->second : nullptr;
}

session::HttpResponse Exports::status(Entry& entry) {
    const auto now = parts_.rest()->now();
    const std::lock_guard lock(mutex_);
    if (entry.state.phase == Entry::Phase::failed) return job_refused(entry.problem);
    if (entry.state.phase == Entry::Phase::running)
        return job_under_way(entry.progress, now - entry.state.begun);
    return job_result(manifest(entry), entry.state.ended + parts_.limits.kept_for - now);
}

std::string Exports::manifest(const Entry& entry) const {
    std::string text;
    JsonWriter json(text);
    json.begin_object()
        .member("transactionTime", instant(entry.state.begun))
        .member("request", entry.state.asked)
        .member("requiresAccessToken", true);
    write_files(json, "output", entry.state.output, entry.url);
    write_files(json, "deleted", entry.state.deleted, entry.url);
    json.key("error").begin_array().end_array().end_object();
    return text;
}

// The work thread removes what it may be writing.
session::HttpResponse Exports::cancel(const EntryPtr& entry) {
    const std::lock_guard lock(mutex_);
    entry->cancelled = true;
    if (entry->state.phase != Entry::Phase::running) queue_.push_back(entry);
    ready_.notify_one();
    return {.status = 202};
}

session::HttpResponse Exports::file(JobCaller& caller, const EntryPtr& entry,
                                    std::string_view name) {
    bool is_there = false;
    {
        const std::lock_guard lock(mutex_);
        const auto has = [&](const std::vector<ExportedFile>& files) {
            return std::ranges::find(files, name, &ExportedFile::name) != files.end();
        };
        is_there = entry->state.phase == Entry::Phase::complete &&
                   (has(entry->state.output) || has(entry->state.deleted));
    }
    if (is_there) {
        auto reading =
            ExportReading::open(fmt::format("{}/{}", entry->folder, name), parts_.sealer);
        if (reading)
            return export_download(std::move(*reading), parts_.on_worker,
                                   [entry, stands = std::move(caller.stands)] {
                                       return !entry->cancelled && stands();
                                   });
    }
    return job_refused(404, "not-found", "the export has no such file");
}

void Exports::look_after() {
    const auto now = parts_.rest()->now();
    const std::lock_guard lock(mutex_);
    for (auto at = entries_.begin(); at != entries_.end();) {
        const auto entry = at->second;
        const bool is_running = entry->state.phase == Entry::Phase::running;
        const bool is_old = !is_running && now - entry->state.ended >= parts_.limits.kept_for;
        const bool is_refused = !entry->cancelled && !entry->caller->stands();
        if (is_refused) entry->cancelled = true;
        if (is_old || (is_refused && !is_running)) {
            queue_.push_back(entry);
            ready_.notify_one();
            at = entries_.erase(at);
            continue;
        }
        ++at;
    }
}

// --- The work
// ---------------------------------------------------------------------------------------------------

void Exports::work() {
    ::setpriority(PRIO_PROCESS, 0, niceness);  // on Linux: of this thread
    std::unique_lock lock(mutex_);
    while (true) {
        ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (stopping_) return;
        const auto entry = std::move(queue_.front());
        queue_.pop_front();
        const bool over = entry->cancelled || entry->state.phase != Entry::Phase::running;
        lock.unlock();
        after_step(entry, over ? Result<bool>(false) : step(*entry));
        std::this_thread::yield();
        lock.lock();
    }
}

Result<bool> Exports::step(Entry& entry) {
    bool more = false;
    if (!entry.job)  // it was under way when the server ended
        if (auto made = make_job(entry); !made)
            return fail(Error::Kind::conflict, made.error().issues.front().diagnostics);
    VIGIL_CHECK(parts_.read(entry.caller->access, [&](ViewReader& reader) -> Result<void> {
        VIGIL_TRY(went_on, entry.job->step(reader));
        more = went_on;
        return {};
    }));
    if (bytes_kept() > parts_.limits.bytes_max)
        return fail(Error::Kind::too_large,
                    "the files of all exports together are more than this server keeps: delete "
                    "those you have fetched, or ask for less with _type and _since");
    return more;
}

void Exports::after_step(const EntryPtr& entry, const Result<bool>& more) {
    std::string ended;
    bool is_gone = false;
    {
        const std::lock_guard lock(mutex_);
        auto& state = entry->state;
        const bool was_running = state.phase == Entry::Phase::running;
        if (entry->job) entry->bytes = entry->job->bytes();
        if (more && *more && !entry->cancelled) {
            entry->progress = entry->job->progress();
            queue_.push_back(entry);
            return;
        }
        state.ended = parts_.rest()->now();
        const auto count = entry->job ? entry->job->count() : 0;
        if (entry->cancelled || !was_running) {
            state.phase = Entry::Phase::failed;
            entries_.erase(entry->id);
            ended = was_running ? fmt::format("cancelled, {} resources", count) : "removed";
            is_gone = true;
        } else if (!more) {
            state.phase = Entry::Phase::failed;
            entry->problem = problem_of(more.error());
            entry->problem.status = 500;
            state.failure = entry->problem.issues.front().diagnostics;
            ended = fmt::format("failed, {} resources", count);
        } else {
            state.phase = Entry::Phase::complete;
            state.output = entry->job->output();
            state.deleted = entry->job->deleted();
            ended = fmt::format("complete, {} resources", count);
        }
        entry->job.reset();
        if (!is_gone) keep(*entry);
    }
    if (is_gone) forget(*entry);
    if (std::error_code failure; !more) std::filesystem::remove_all(entry->folder, failure);
    entry->caller->ended(std::move(ended));
}

std::uint64_t Exports::bytes_kept() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t bytes = 0;
    for (const auto& [id, entry] : entries_) bytes += entry->bytes;
    return bytes;
}

}  // namespace vigil::fhir

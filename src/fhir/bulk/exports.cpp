#include "fhir/bulk/exports.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <filesystem>

#include "fhir/bulk/export_download.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"

namespace vigil::fhir {
namespace {

constexpr std::string_view operation = "$export";
constexpr std::size_t kept_max = 100;  // exports, whole or not
constexpr int niceness = 10;           // of the thread: monitoring goes first
constexpr auto busy_retry_s = 30;

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> out;
    while (!path.empty() && out.size() < 4) {
        const auto slash = std::min(path.find('/'), path.size());
        if (slash > 0) out.push_back(path.substr(0, slash));
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    return out;
}

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
    enum class State : std::uint8_t { running, complete, failed };
    explicit Entry(ExportCaller by) : caller(std::move(by)) {}

    std::string id, folder, url, asked;  // its own address; the kick-off's
    ExportCaller caller;
    std::unique_ptr<ExportJob> job;  // the work thread's, until it is complete
    Timestamp begun, ended;

    // Under the mutex.
    State state = State::running;
    std::string progress = "waiting";
    std::uint64_t bytes = 0;
    Problem problem;
    std::atomic<bool> cancelled = false;  // by whoever asked, or because they may no longer
};

Exports::Exports(ExportsParts parts) : parts_(std::move(parts)) {}

Exports::~Exports() {
    stop();
}

Result<void> Exports::open() {
    namespace fs = std::filesystem;
    std::error_code failure;
    fs::remove_all(parts_.folder, failure);
    if (failure || ::mkdir(parts_.folder.c_str(), S_IRWXU) != 0)
        return fail(Error::Kind::internal, "cannot make the folder for exports", parts_.folder);
    thread_ = std::thread([this] { work(); });
    return {};
}

void Exports::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(stopping_, true)) return;
        for (const auto& [id, entry] : entries_) entry->cancelled = true;
    }
    ready_.notify_all();
    if (thread_.joinable()) thread_.join();
    std::error_code failure;
    std::filesystem::remove_all(parts_.folder, failure);
}

bool Exports::owns(std::string_view path) {
    const auto segments = segments_of(path);
    return !segments.empty() && segments.size() <= 3 &&
           (segments.front() == operation || segments.back() == operation);
}

session::HttpResponse Exports::refused(const Problem& problem) const {
    return http_response(response_of(problem), {}, parts_.rest()->base);
}

session::HttpResponse Exports::later(const Problem& problem) const {
    auto response = refused(problem);
    response.headers.emplace_back("retry-after", fmt::format("{}", busy_retry_s));
    return response;
}

void Exports::handle(ExportCaller caller, session::HttpRequest request, std::string path,
                     Respond respond) {
    parts_.on_worker([this, caller = std::move(caller), request = std::move(request),
                      path = std::move(path), respond = std::move(respond)]() mutable {
        const auto prefer = request.header("prefer").value_or("");
        const bool lenient = prefer.find("handling=lenient") != std::string_view::npos;
        const auto read = read_request(std::move(request), path);
        respond(read ? answer(caller, *read, lenient) : refused(read.error()));
    });
}

session::HttpResponse Exports::answer(ExportCaller& caller, const Request& request, bool lenient) {
    const auto& segments = request.segments;
    if (segments.back() == operation) return kick_off(caller, request, lenient);
    const auto entry = find(caller, request.segment(1));
    if (!entry)
        return refused({404,
                        {{Severity::error,
                          "not-found",
                          "there is no such export: it ended, or someone else asked for it",
                          {}}}});
    if (request.method == "GET" && segments.size() == 3)
        return file(caller, entry, request.segment(2));
    if (request.method == "GET" && segments.size() == 2) return status(*entry);
    if (request.method == "DELETE" && segments.size() == 2) return cancel(entry);
    return refused({405,
                    {{Severity::error,
                      "not-supported",
                      "an export is looked at with GET and ended with DELETE",
                      {}}}});
}

// --- Kick-off
// ---------------------------------------------------------------------------------------------------

session::HttpResponse Exports::kick_off(ExportCaller& caller, const Request& request,
                                        bool lenient) {
    const auto rest = parts_.rest();
    std::optional<Answer<ExportRequest>> asked;
    const auto looked = parts_.read(caller.access, [&](ViewReader& reader) {
        asked = read_export_request(request, lenient, reader, *rest);
        return Result<void>();
    });
    if (!looked) return refused(problem_of(looked.error()));
    auto& read = *asked;
    if (!read) return refused(read.error());
    // After a restore it would leave out what is not indexed yet, and not say so.
    const auto whole = parts_.records.index_is_whole();
    if (!whole || !*whole)
        return later({503,
                      {{Severity::error,
                        "transient",
                        "the index of the records is being made again: ask later",
                        {}}}});
    auto named = members(*read, caller.access);
    if (!named) return refused(named.error());

    auto entry = std::make_shared<Entry>(caller);
    entry->id = parts_.rest()->new_id();
    entry->asked = read->url;
    entry->begun = parts_.rest()->now();
    entry->folder = parts_.folder + "/" + entry->id;
    entry->url = fmt::format("{}/{}/{}", parts_.rest()->base, operation, entry->id);
    entry->job = std::make_unique<ExportJob>(std::move(*read), std::move(*named),
                                             ExportJob::Parts{.rest = rest,
                                                              .sealer = parts_.sealer,
                                                              .patients = parts_.patients,
                                                              .folder = entry->folder});
    {
        const std::lock_guard lock(mutex_);
        const auto running = static_cast<std::size_t>(std::ranges::count(
            entries_, Entry::State::running, [](const auto& each) { return each.second->state; }));
        if (stopping_ || running >= parts_.limits.at_once || entries_.size() >= kept_max) {
            return later({429,
                          {{Severity::error,
                            "throttled",
                            "as many exports as this server takes are under way or kept: delete "
                            "those you have fetched, or come back later",
                            {}}}});
        }
        if (::mkdir(entry->folder.c_str(), S_IRWXU) != 0)
            return refused({500,
                            {{Severity::error,
                              "exception",
                              "the export's files cannot be made: is the disk full?",
                              {}}}});
        entries_.emplace(entry->id, entry);
    }
    after_all_writes(parts_.records, caller.access, [this, entry](Result<Timestamp> time) {
        const std::lock_guard lock(mutex_);
        // What devices said until then may still be on its way into the series.
        constexpr auto on_its_way = std::chrono::seconds(5);
        entry->begun = time.value_or(entry->begun) - on_its_way;
        queue_.push_back(entry);
        ready_.notify_one();
    });
    return {.status = 202, .headers = {{"content-location", entry->url}}};
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

Exports::EntryPtr Exports::find(const ExportCaller& caller, std::string_view id) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end() || found->second->cancelled) return nullptr;
    const auto& asked_by = found->second->caller.access.principal();
    return asked_by == caller.access.principal() ? found->second : nullptr;
}

session::HttpResponse Exports::status(Entry& entry) {
    const std::lock_guard lock(mutex_);
    if (entry.state == Entry::State::failed) return refused(entry.problem);
    if (entry.state == Entry::State::running) {
        const auto waited =
            std::chrono::duration_cast<std::chrono::seconds>(parts_.rest()->now() - entry.begun);
        const auto retry = std::clamp<std::int64_t>(waited.count() / 10, 1, 60);
        return {
            .status = 202,
            .headers = {{"x-progress", entry.progress}, {"retry-after", fmt::format("{}", retry)}}};
    }
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(
        entry.ended + parts_.limits.kept_for - parts_.rest()->now());
    return {.status = 200,
            .headers = {{"content-type", "application/json"},
                        {"cache-control", fmt::format("private, max-age={}",
                                                      std::max<std::int64_t>(left.count(), 0))}},
            .body = manifest(entry)};
}

std::string Exports::manifest(const Entry& entry) const {
    std::string text;
    JsonWriter json(text);
    json.begin_object()
        .member("transactionTime", instant(entry.begun))
        .member("request", entry.asked)
        .member("requiresAccessToken", true);
    write_files(json, "output", entry.job->output(), entry.url);
    write_files(json, "deleted", entry.job->deleted(), entry.url);
    json.key("error").begin_array().end_array().end_object();
    return text;
}

// The work thread removes what it may be writing.
session::HttpResponse Exports::cancel(const EntryPtr& entry) {
    const std::lock_guard lock(mutex_);
    entry->cancelled = true;
    if (entry->state != Entry::State::running) queue_.push_back(entry);
    ready_.notify_one();
    return {.status = 202};
}

session::HttpResponse Exports::file(ExportCaller& caller, const EntryPtr& entry,
                                    std::string_view name) {
    bool is_there = false;
    {
        const std::lock_guard lock(mutex_);
        const auto has = [&](const std::vector<ExportedFile>& files) {
            return std::ranges::find(files, name, &ExportedFile::name) != files.end();
        };
        is_there = entry->state == Entry::State::complete &&
                   (has(entry->job->output()) || has(entry->job->deleted()));
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
    return refused({404, {{Severity::error, "not-found", "the export has no such file", {}}}});
}

void Exports::look_after() {
    const auto now = parts_.rest()->now();
    const std::lock_guard lock(mutex_);
    for (auto at = entries_.begin(); at != entries_.end();) {
        const auto entry = at->second;
        const bool is_old =
            entry->state != Entry::State::running && now - entry->ended >= parts_.limits.kept_for;
        const bool is_refused = !entry->cancelled && !entry->caller.stands();
        if (is_refused) entry->cancelled = true;
        if (is_old || (is_refused && entry->state != Entry::State::running)) {
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
        const bool over = entry->cancelled || entry->state != Entry::State::running;
        lock.unlock();
        after_step(entry, over ? Result<bool>(false) : step(*entry));
        std::this_thread::yield();
        lock.lock();
    }
}

Result<bool> Exports::step(Entry& entry) {
    bool more = false;
    VIGIL_CHECK(parts_.read(entry.caller.access, [&](ViewReader& reader) -> Result<void> {
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
    bool is_complete = false;
    {
        const std::lock_guard lock(mutex_);
        const bool was_running = entry->state == Entry::State::running;
        if (more && *more && !entry->cancelled) {
            entry->progress = entry->job->progress();
            entry->bytes = entry->job->bytes();
            queue_.push_back(entry);
            return;
        }
        entry->ended = parts_.rest()->now();
        entry->bytes = entry->job->bytes();
        const auto count = entry->job->count();
        if (entry->cancelled || !was_running) {
            entry->state = Entry::State::failed;
            entries_.erase(entry->id);
            ended = was_running ? fmt::format("cancelled, {} resources", count) : "removed";
        } else if (!more) {
            entry->state = Entry::State::failed;
            entry->problem = problem_of(more.error());
            entry->problem.status = 500;
            ended = fmt::format("failed, {} resources", count);
        } else {
            entry->state = Entry::State::complete;
            ended = fmt::format("complete, {} resources", count);
            is_complete = true;
        }
    }
    if (!is_complete) remove_files(*entry);
    entry->caller.ended(std::move(ended));
}

void Exports::remove_files(const Entry& entry) const {
    std::error_code failure;
    std::filesystem::remove_all(entry.folder, failure);
}

std::uint64_t Exports::bytes_kept() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t bytes = 0;
    for (const auto& [id, entry] : entries_) bytes += entry->bytes;
    return bytes;
}

}  // namespace vigil::fhir

#include "fhir/bulk/imports.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>

#include "base/json_writer.hpp"
#include "fhir/bulk/import_address.hpp"
#include "fhir/bulk/job_answer.hpp"
#include "fhir/resource/resource.hpp"

namespace vigil::fhir {
namespace {

constexpr std::string_view operation = "$import";
constexpr std::string_view ndjson = "application/fhir+ndjson";
// Of the Documents that are kept: imports, what has come of their inputs, their error files.
constexpr const char* job_kind = "fhir-import";
constexpr const char* input_kind = "fhir-import-input";
constexpr const char* finding_kind = "fhir-import-finding";
constexpr int niceness = 5;  // of the thread: monitoring goes first

std::string input_id(std::string_view job, std::size_t input) {
    return fmt::format("{}/{:05}", job, input);
}
std::string finding_id(std::string_view job, std::size_t input, std::uint64_t part) {
    return fmt::format("{}/{:05}/{:08}", job, input, part);
}
std::string file_name(std::size_t input) {
    return fmt::format("errors-{}.ndjson", input);
}

// A restart later the operator may allow less than when it was asked for.
Result<void> still_allowed(const ImportState& state, const ImportRules& rules) {
    for (std::size_t i = 0; i < state.inputs.size(); ++i) {
        if (state.inputs[i].is_done) continue;
        const auto& url = state.request.inputs[i].url;
        if (const auto allowed = check_import_address(url, rules); !allowed)
            return fail(Error::Kind::forbidden,
                        fmt::format("{}: {}", url, allowed.error().issues.front().diagnostics));
    }
    return {};
}

store::DocumentChange change(const char* kind, std::string id, std::optional<std::string> body) {
    return {.kind = kind, .id = std::move(id), .subject = {}, .body = std::move(body)};
}

}  // namespace

struct Imports::Entry {
    std::string id, url;
    std::optional<JobCaller> caller;
    std::unique_ptr<ImportRun> run;  // while it is under way

    // Under the mutex.
    ImportState state;
    bool cancelled = false;
    std::size_t keeping = 0;    // changes of what is kept of it that are on their way
    std::optional<Error> lost;  // why one of them was not kept
};

bool Imports::owns(std::string_view path) {
    const auto segments = job_segments(path);
    return !segments.empty() && segments.size() <= 3 && segments.front() == operation;
}

// --- Across restarts
// ------------------------------------------------------------------------------------------------

Result<void> Imports::open(const JobReadmission& readmit) {
    std::vector<EntryPtr> refused;
    VIGIL_CHECK(parts_.documents.each(job_kind, [&](std::string_view id, std::string_view body) {
        auto state = read_import_state(body);
        if (!state) return true;
        auto entry = std::make_shared<Entry>();
        entry->id = id;
        entry->url = fmt::format("{}/{}/{}", parts_.rest()->base, operation, id);
        entry->state = std::move(*state);
        entries_.emplace(id, std::move(entry));
        return true;
    }));
    VIGIL_CHECK(parts_.documents.each(input_kind, [&](std::string_view id, std::string_view body) {
        const auto slash = std::min(id.rfind('/'), id.size());
        const auto entry = entries_.find(id.substr(0, slash));
        auto progress = read_import_progress(body);
        if (entry == entries_.end() || !progress) return true;
        auto& inputs = entry->second->state.inputs;
        for (std::size_t i = 0; i < inputs.size(); ++i)
            if (input_id(entry->first, i) == id) inputs[i] = std::move(*progress);
        return true;
    }));
    for (auto at = entries_.begin(); at != entries_.end();) {
        const auto entry = at->second;
        entry->caller = readmit(entry->state.owner);
        if (!entry->caller) {
            forget(*entry);
            at = entries_.erase(at);
            continue;
        }
        if (entry->state.phase == ImportState::Phase::running) queue_.push_back(entry);
        ++at;
    }
    std::ranges::sort(queue_, {}, [](const EntryPtr& entry) { return entry->state.begun; });
    thread_ = std::thread([this] { work(); });
    return {};
}

void Imports::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(stopping_, true)) return;
        for (const auto& [id, entry] : entries_)
            if (entry->run) entry->run->cancel();
    }
    ready_.notify_all();
    if (thread_.joinable()) thread_.join();
}

// With the writes before it in one commit or in a later one: what it tells of is durable.
void Imports::keep(Entry& entry, std::size_t input, const ImportProgress& progress,
                   ImportFindings findings) {
    std::vector<store::DocumentChange> changes;
    {
        const std::lock_guard lock(mutex_);
        auto& kept = entry.state.inputs[input];
        const auto parts = kept.parts;
        kept = progress;
        kept.parts = parts;
        if (entry.cancelled) return;
        if (findings.count > 0)
            changes.push_back(change(finding_kind, finding_id(entry.id, input, kept.parts++),
                                     std::move(findings.ndjson)));
        changes.push_back(
            change(input_kind, input_id(entry.id, input), write_import_progress(kept)));
        ++entry.keeping;
    }
    // What was found and is not kept would be told of by nobody: the import ends. `run` waits.
    parts_.documents.change(
        std::move(changes), std::nullopt, [this, &entry](const Result<void>& outcome) {
            const std::lock_guard lock(mutex_);
            --entry.keeping;
            if (!outcome && !entry.lost) {
                entry.lost = outcome.error();
                entry.lost->message = "what came of it cannot be kept: " + entry.lost->message;
                if (entry.run) entry.run->cancel();
            }
            ready_.notify_all();
        });
}

void Imports::forget(const Entry& entry) {
    std::vector<store::DocumentChange> changes{change(job_kind, entry.id, std::nullopt)};
    for (std::size_t i = 0; i < entry.state.inputs.size(); ++i) {
        changes.push_back(change(input_kind, input_id(entry.id, i), std::nullopt));
        for (std::uint64_t part = 0; part < entry.state.inputs[i].parts; ++part)
            changes.push_back(change(finding_kind, finding_id(entry.id, i, part), std::nullopt));
    }
    parts_.documents.change(std::move(changes), std::nullopt, [](const Result<void>&) {});
}

// --- What is asked
// --------------------------------------------------------------------------------------------------

void Imports::handle(JobCaller caller, session::HttpRequest request, std::string path,
                     Respond respond) {
    parts_.on_worker([this, caller = std::move(caller), request = std::move(request),
                      path = std::move(path), respond = std::move(respond)]() mutable {
        const auto type = request.header("content-type").value_or("");
        const bool is_posted = request.method == "POST" && path == operation &&
                               type.substr(0, type.find_first_of("; ")) == ndjson;
        if (is_posted) return take(std::move(caller), std::move(request.body), std::move(respond));
        answer(std::move(caller), request, path, respond);
    });
}

void Imports::answer(JobCaller caller, const session::HttpRequest& asked, const std::string& path,
                     const Respond& respond) {
    const auto prefer = asked.header("prefer").value_or("");
    const bool lenient = prefer.find("handling=lenient") != std::string_view::npos;
    const auto request = read_request(asked, path);
    if (!request) return respond(job_refused(request.error()));
    const auto& segments = request->segments;
    if (segments.size() == 1) {
        if (request->method != "POST")
            return respond(job_refused(405, "not-supported", "$import is asked with POST"));
        return respond(kick_off(std::move(caller), *request, lenient));
    }
    const auto entry = find(caller, segments[1]);
    if (!entry)
        return respond(job_refused(
            404, "not-found", "there is no such import: it ended, or someone else asked for it"));
    if (request->method == "GET" && segments.size() == 2) return respond(status(entry));
    if (request->method == "GET") return respond(findings(entry, segments[2]));
    if (request->method != "DELETE" || segments.size() != 2)
        return respond(job_refused(405, "not-supported",
                                   "an import is looked at with GET and ended with DELETE"));
    const std::lock_guard lock(mutex_);
    entry->cancelled = true;
    if (entry->run) entry->run->cancel();
    queue_.push_back(entry);
    ready_.notify_all();
    respond({.status = 202});
}

session::HttpResponse Imports::kick_off(JobCaller caller, const Request& request, bool lenient) {
    if (!request.asynchronous)
        return job_refused(
            400, "required",
            "an import is answered later: ask with Prefer: respond-async, or send the resources "
            "themselves as application/fhir+ndjson");
    const auto rest = parts_.rest();
    auto read = read_import_request(request, lenient, rest->definitions, parts_.rules);
    if (!read) return job_refused(read.error());
    auto entry = std::make_shared<Entry>();
    entry->id = rest->new_id();
    entry->url = fmt::format("{}/{}/{}", rest->base, operation, entry->id);
    entry->state.owner = caller.owner();
    entry->state.asked = fmt::format("{}/{}", rest->base, operation);
    entry->state.begun = rest->now();
    entry->state.inputs.resize(read->inputs.size());
    entry->state.request = std::move(*read);
    entry->caller = std::move(caller);
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || entries_.size() >= parts_.limits.jobs_max)
            return job_later(429, "throttled",
                             "as many imports as this server takes wait or are kept: delete those "
                             "you have looked at, or come back later");
    }
    // It is promised once it is kept.
    const auto kept = store::await<void>([&](store::Done done) {
        parts_.documents.change({change(job_kind, entry->id, write_import_state(entry->state))},
                                std::nullopt, std::move(done));
    });
    if (!kept) return job_refused(problem_of(kept.error()));
    const std::lock_guard lock(mutex_);
    entries_.emplace(entry->id, entry);
    queue_.push_back(entry);
    ready_.notify_all();
    return {.status = 202, .headers = {{"content-location", entry->url}}};
}

Imports::EntryPtr Imports::find(const JobCaller& caller, std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end() || found->second->cancelled) return nullptr;
    return found->second->state.owner.principal == caller.access.principal() ? found->second
                                                                             : nullptr;
}

session::HttpResponse Imports::status(const EntryPtr& entry) const {
    const auto now = parts_.rest()->now();
    const std::lock_guard lock(mutex_);
    const auto& state = entry->state;
    if (state.phase == ImportState::Phase::failed)
        return job_refused(500, "exception", state.failure);
    if (state.phase == ImportState::Phase::complete)
        return job_result(manifest(*entry), state.ended + parts_.limits.kept_for - now);
    const auto done = std::ranges::count(state.inputs, true, &ImportProgress::is_done);
    return job_under_way(fmt::format("{} resources, {} of {} inputs done", state.counts().all(),
                                     done, state.inputs.size()),
                         now - state.begun);
}

std::string Imports::manifest(const Entry& entry) const {
    const auto& state = entry.state;
    std::string text;
    JsonWriter json(text);
    json.begin_object()
        .member("transactionTime", instant(state.ended))
        .member("request", state.asked)
        .member("requiresAccessToken", true);
    json.key("output").begin_array();
    for (std::size_t i = 0; i < state.inputs.size(); ++i) {
        const auto& counts = state.inputs[i].counts;
        json.begin_object()
            .member("inputUrl", state.request.inputs[i].url)
            .member("count", counts.taken());
        json.key("extension")
            .begin_object()
            .member("created", counts.created)
            .member("updated", counts.updated)
            .member("unchanged", counts.unchanged)
            .end_object()
            .end_object();
    }
    json.end_array().key("error").begin_array();
    for (std::size_t i = 0; i < state.inputs.size(); ++i) {
        if (state.inputs[i].told == 0) continue;
        json.begin_object()
            .member("type", "OperationOutcome")
            .member("inputUrl", state.request.inputs[i].url)
            .member("count", state.inputs[i].told)
            .member("url", fmt::format("{}/{}", entry.url, file_name(i)));
        json.key("extension")
            .begin_object()
            .member("refused", state.inputs[i].counts.refused)
            .end_object()
            .end_object();
    }
    json.end_array().end_object();
    return text;
}

// Some megabytes at most: ImportRun::told_max bounds them.
session::HttpResponse Imports::findings(const EntryPtr& entry, std::string_view name) {
    std::optional<std::size_t> input;
    std::uint64_t parts = 0;
    {
        const std::lock_guard lock(mutex_);
        const auto& inputs = entry->state.inputs;
        for (std::size_t i = 0; i < inputs.size() && !input; ++i)
            if (inputs[i].parts > 0 && file_name(i) == name) input = i;
        if (input) parts = inputs[*input].parts;
    }
    if (!input) return job_refused(404, "not-found", "the import has no such file");
    session::HttpResponse response{
        .status = 200,
        .headers = {{"content-type", std::string(ndjson)}, {"cache-control", "no-store"}}};
    for (std::uint64_t part = 0; part < parts; ++part) {
        const auto text = parts_.documents.get(finding_kind, finding_id(entry->id, *input, part));
        if (!text) return job_refused(problem_of(text.error()));
        if (*text) response.body += **text;
    }
    return response;
}

void Imports::look_after() {
    const auto now = parts_.rest()->now();
    const std::lock_guard lock(mutex_);
    for (const auto& [id, entry] : entries_) {
        if (entry->cancelled) continue;
        const bool is_old = entry->state.phase != ImportState::Phase::running &&
                            now - entry->state.ended >= parts_.limits.kept_for;
        if (!is_old && entry->caller->stands()) continue;
        entry->cancelled = true;
        if (entry->run) entry->run->cancel();
        queue_.push_back(entry);
        ready_.notify_all();
    }
}

// --- The work
// -------------------------------------------------------------------------------------------------------

void Imports::work() {
    ::setpriority(PRIO_PROCESS, 0, niceness);  // on Linux: of this thread
    std::unique_lock lock(mutex_);
    while (true) {
        ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (stopping_) return;
        const auto entry = std::move(queue_.front());
        queue_.pop_front();
        if (entry->cancelled) {
            const bool was_there = entries_.erase(entry->id) > 0;
            const bool was_running = entry->state.phase == ImportState::Phase::running;
            lock.unlock();
            if (was_there) {
                forget(*entry);
                entry->caller->ended(fmt::format("{}, {}", was_running ? "cancelled" : "removed",
                                                 words_of(entry->state.counts())));
            }
        } else {
            lock.unlock();
            run(entry);
        }
        lock.lock();
    }
}

void Imports::run(const EntryPtr& entry) {
    if (auto allowed = still_allowed(entry->state, parts_.rules); !allowed)
        return ended(entry, allowed);
    ImportState state;
    {
        const std::lock_guard lock(mutex_);
        entry->run = std::make_unique<ImportRun>(
            parts_.work, entry->caller->access,
            [this, entry = entry.get()](std::size_t input, const ImportProgress& progress,
                                        ImportFindings findings) {
                keep(*entry, input, progress, std::move(findings));
            });
        if (stopping_) entry->run->cancel();
        state = entry->state;
    }
    auto outcome = entry->run->run(std::move(state));
    {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [&] { return entry->keeping == 0; });
        if (entry->lost) outcome = tl::unexpected(*entry->lost);
    }
    ended(entry, outcome);
}

void Imports::ended(const EntryPtr& entry, const Result<void>& outcome) {
    std::string text, words;
    {
        const std::lock_guard lock(mutex_);
        entry->run.reset();
        if (stopping_ || entry->cancelled) return;  // it goes on later, or is forgotten
        auto& state = entry->state;
        state.ended = parts_.rest()->now();
        state.phase = outcome ? ImportState::Phase::complete : ImportState::Phase::failed;
        if (!outcome) state.failure = outcome.error().message;
        text = write_import_state(state);
        words = fmt::format("{}, {}", outcome ? "complete" : "failed", words_of(state.counts()));
    }
    parts_.documents.change({change(job_kind, entry->id, std::move(text))}, std::nullopt,
                            [](const Result<void>&) {});
    entry->caller->ended(std::move(words));
}

}  // namespace vigil::fhir

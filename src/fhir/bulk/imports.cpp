#include "fhir/bulk/imports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>

#include "base/json_writer.hpp"
#include "fhir/bulk/import_address.hpp"
#include "fhir/bulk/job_answer.hpp"

namespace vigil::fhir {
namespace {

constexpr std::string_view operation = "$import";
constexpr std::string_view ndjson = "application/fhir+ndjson";
// Of the Documents that are kept: imports, what has come of their inputs, their error files.
constexpr const char* job_kind = "fhir-import";
constexpr const char* input_kind = "fhir-import-input";
constexpr const char* finding_kind = "fhir-import-finding";
constexpr int niceness = 5;

std::string input_id(std::string_view job, std::size_t input) {
    return fmt::format("{}/{:05}", job, input);
}
std::string finding_id(std::string_view input, std::uint64_t part) {
    return fmt::format("{}/{:08}", input, part);
}
void remove_input(const std::string& input, std::uint64_t parts,
                  std::vector<store::DocumentChange>& changes) {
    changes.push_back(JobQueue::change(input_kind, input, std::nullopt));
    for (std::uint64_t part = 0; part < parts; ++part)
        changes.push_back(JobQueue::change(finding_kind, finding_id(input, part), std::nullopt));
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

}  // namespace

class Imports::Entry final : public Job {
public:
    Entry(const ImportsParts& parts, std::string id, ImportState state)
        : Job(std::move(id)), parts_(parts), state_(std::move(state)) {}

    // How far an earlier process came with one of its inputs.
    void restore(std::string_view kept_as, ImportProgress progress);

    ImportState& state() override { return state_; }
    std::string document() override { return write_import_state(state_); }
    Result<bool> step() override;
    void interrupt() override;
    std::string tally() override { return words_of(state_.counts()); }
    std::string progress() override;
    std::string result(std::string_view url) override;
    session::HttpResponse file(JobCaller caller, std::string_view name) override;
    std::vector<store::DocumentChange> removals() override;

private:
    void keep(std::size_t input, const ImportProgress& progress, ImportFindings findings);
    void kept(const Result<void>& outcome);

    const ImportsParts& parts_;
    ImportState state_;

    std::mutex mutex_;  // of what a step changes and others read: this and state_.inputs
    std::unique_ptr<ImportRun> run_;  // while it is under way
    bool interrupted_ = false;
    std::size_t keeping_ = 0;  // changes of what is kept of it that are on their way
    std::condition_variable kept_;
    std::optional<Error> lost_;  // why one of them was not kept
};

Imports::Imports(ImportsParts parts)
    : parts_(std::move(parts)),
      queue_({.operation = operation,
              .noun = "import",
              .document_kind = job_kind,
              .running_max = parts_.limits.jobs_max,
              .kept_max = parts_.limits.jobs_max,
              .kept_for = parts_.limits.kept_for,
              .niceness = niceness,
              .rest = parts_.rest,
              .documents = parts_.documents}) {}

bool Imports::owns(std::string_view path) {
    const auto segments = job_segments(path);
    return !segments.empty() && segments.size() <= 3 && segments.front() == operation;
}

// --- Across restarts
// ------------------------------------------------------------------------------------------------

Result<void> Imports::open(const JobReadmission& readmit) {
    std::map<std::string, std::shared_ptr<Entry>, std::less<>> entries;
    VIGIL_CHECK(parts_.documents.each(job_kind, [&](std::string_view id, std::string_view body) {
        if (auto state = read_import_state(body))
            entries.emplace(id,
                            std::make_shared<Entry>(parts_, std::string(id), std::move(*state)));
        return true;
    }));
    // Without an import: one that was ended, and had kept more until the process did.
    std::vector<store::DocumentChange> strays;
    VIGIL_CHECK(parts_.documents.each(input_kind, [&](std::string_view id, std::string_view body) {
        const auto entry = entries.find(id.substr(0, id.rfind('/')));
        auto progress = read_import_progress(body);
        if (entry == entries.end())
            remove_input(std::string(id), progress ? progress->parts : 0, strays);
        else if (progress)
            entry->second->restore(id, std::move(*progress));
        return true;
    }));
    if (!strays.empty())
        parts_.documents.change(std::move(strays), std::nullopt, [](const Result<void>&) {});
    std::vector<JobQueue::JobPtr> left;
    left.reserve(entries.size());
    for (auto& [id, entry] : entries) left.push_back(std::move(entry));
    queue_.start(std::move(left), readmit);
    return {};
}

void Imports::Entry::restore(std::string_view kept_as, ImportProgress progress) {
    for (std::size_t i = 0; i < state_.inputs.size(); ++i)
        if (input_id(id(), i) == kept_as) {
            state_.inputs[i] = std::move(progress);
            return;
        }
}

// With the writes before it in one commit or in a later one: what it tells of is durable.
void Imports::Entry::keep(std::size_t input, const ImportProgress& progress,
                          ImportFindings findings) {
    std::vector<store::DocumentChange> changes;
    const auto kept_as = input_id(id(), input);
    {
        const std::lock_guard lock(mutex_);
        auto& kept = state_.inputs[input];
        const auto parts = kept.parts;
        kept = progress;
        kept.parts = parts;
        if (findings.count > 0)
            changes.push_back(JobQueue::change(finding_kind, finding_id(kept_as, kept.parts++),
                                               std::move(findings.ndjson)));
        changes.push_back(
            JobQueue::change(input_kind, input_id(id(), input), write_import_progress(kept)));
        ++keeping_;
    }
    // `step` waits for it.
    parts_.documents.change(std::move(changes), std::nullopt,
                            [this](const Result<void>& outcome) { kept(outcome); });
}

// What was found and is not kept would be told of by nobody: the import ends.
void Imports::Entry::kept(const Result<void>& outcome) {
    const std::lock_guard lock(mutex_);
    --keeping_;
    if (!outcome && !lost_) {
        lost_ = outcome.error();
        lost_->message = "what came of it cannot be kept: " + lost_->message;
        if (run_) run_->cancel();
    }
    kept_.notify_all();
}

std::vector<store::DocumentChange> Imports::Entry::removals() {
    const std::lock_guard lock(mutex_);
    std::vector<store::DocumentChange> changes;
    for (std::size_t i = 0; i < state_.inputs.size(); ++i)
        remove_input(input_id(id(), i), state_.inputs[i].parts, changes);
    return changes;
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
        respond(answer(std::move(caller), std::move(request), path));
    });
}

session::HttpResponse Imports::answer(JobCaller caller, session::HttpRequest asked,
                                      const std::string& path) {
    const bool lenient = is_lenient(asked);
    const auto request = read_request(std::move(asked), path);
    if (!request) return job_refused(request.error());
    if (request->segments.size() > 1) return queue_.answer(std::move(caller), *request);
    if (request->method != "POST")
        return job_refused(405, "not-supported", "$import is asked with POST");
    return kick_off(std::move(caller), *request, lenient);
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
    ImportState state;
    state.asked = fmt::format("{}/{}", rest->base, operation);
    state.inputs.resize(read->inputs.size());
    state.request = std::move(*read);
    return queue_.admit(std::make_shared<Entry>(parts_, rest->new_id(), std::move(state)),
                        std::move(caller));
}

std::string Imports::Entry::progress() {
    const std::lock_guard lock(mutex_);
    const auto done = std::ranges::count(state_.inputs, true, &ImportProgress::is_done);
    return fmt::format("{} resources, {} of {} inputs done", state_.counts().all(), done,
                       state_.inputs.size());
}

std::string Imports::Entry::result(std::string_view url) {
    const auto& state = state_;
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
            .member("url", fmt::format("{}/{}", url, file_name(i)));
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
session::HttpResponse Imports::Entry::file(JobCaller /*caller*/, std::string_view name) {
    std::optional<std::size_t> input;
    std::uint64_t parts = 0;
    {
        const std::lock_guard lock(mutex_);
        const auto& inputs = state_.inputs;
        for (std::size_t i = 0; i < inputs.size() && !input; ++i)
            if (inputs[i].parts > 0 && file_name(i) == name) input = i;
        if (input) parts = inputs[*input].parts;
    }
    if (!input) return job_refused(404, "not-found", "the import has no such file");
    session::HttpResponse response{
        .status = 200,
        .headers = {{"content-type", std::string(ndjson)}, {"cache-control", "no-store"}}};
    for (std::uint64_t part = 0; part < parts; ++part) {
        const auto text =
            parts_.documents.get(finding_kind, finding_id(input_id(id(), *input), part));
        if (!text) return job_refused(problem_of(text.error()));
        if (*text) response.body += **text;
    }
    return response;
}

// --- The work
// -------------------------------------------------------------------------------------------------------

// All of it: one import is under way at a time.
Result<bool> Imports::Entry::step() {
    VIGIL_CHECK(still_allowed(state_, parts_.rules));
    {
        const std::lock_guard lock(mutex_);
        run_ = std::make_unique<ImportRun>(
            parts_.work, ImportedBy{caller().access, caller().writes},
            [this](std::size_t input, const ImportProgress& progress, ImportFindings findings) {
                keep(input, progress, std::move(findings));
            });
        if (interrupted_) run_->cancel();
    }
    auto outcome = run_->run(state_);
    std::unique_lock lock(mutex_);
    kept_.wait(lock, [this] { return keeping_ == 0; });
    run_.reset();
    if (lost_) return tl::unexpected(*lost_);
    VIGIL_CHECK(std::move(outcome));
    return false;
}

void Imports::Entry::interrupt() {
    const std::lock_guard lock(mutex_);
    interrupted_ = true;
    if (run_) run_->cancel();
}

}  // namespace vigil::fhir

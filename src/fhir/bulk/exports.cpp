#include "fhir/bulk/exports.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
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
constexpr int niceness = 10;
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

// How many bytes these take; nothing: one of them is not there.
std::optional<std::uint64_t> size_of(const std::vector<ExportedFile>& files,
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

class Exports::Entry final : public Job {
public:
    Entry(Exports& exports, std::string id)
        : Job(std::move(id)),
          exports_(exports),
          folder_(fmt::format("{}/{}", exports.parts_.folder, this->id())) {}

    // As an earlier process left it. False: files of it are gone.
    bool restore(ExportState state);
    // From what was asked: now, or again after a restart.
    Answer<void> make_job(const store::Access& access);

    ExportState& state() override { return state_; }
    std::string document() override { return write_export_state(state_); }
    void begin(const TakeTurn& take_turn) override;
    Result<bool> step() override;
    std::string tally() override { return fmt::format("{} resources", count_); }
    std::vector<PatientId> whose() override { return std::move(whose_); }
    std::string progress() override {
        const std::lock_guard lock(mutex_);
        return progress_;
    }
    std::string result(std::string_view url) override;
    session::HttpResponse file(JobCaller caller, std::string_view name) override;
    void remove_files() override;

private:
    Result<bool> page();
    void take(std::uint64_t bytes) {
        exports_.bytes_ += bytes - std::exchange(bytes_taken_, bytes);
    }

    Exports& exports_;
    std::string folder_;
    ExportState state_;
    std::unique_ptr<ExportJob> job_;  // while it is under way
    std::uint64_t count_ = 0, bytes_taken_ = 0;
    std::vector<PatientId> whose_;  // once it is done

    std::mutex mutex_;  // of what a step changes and others read: this, state_.output and deleted
    std::string progress_ = "waiting";
};

Exports::Exports(ExportsParts parts)
    : parts_(std::move(parts)),
      queue_({.operation = operation,
              .noun = "export",
              .document_kind = kind,
              .running_max = parts_.limits.at_once,
              .kept_max = kept_max,
              .kept_for = parts_.limits.kept_for,
              .niceness = niceness,
              .rest = parts_.rest,
              .documents = parts_.documents}) {}

// --- Across restarts
// ------------------------------------------------------------------------------------------------

Result<void> Exports::open(const JobReadmission& readmit) {
    namespace fs = std::filesystem;
    std::error_code failure;
    fs::create_directory(parts_.folder, failure);
    if (failure || ::chmod(parts_.folder.c_str(), S_IRWXU) != 0)
        return fail(Error::Kind::internal, "cannot make the folder for exports", parts_.folder);
    std::vector<JobQueue::JobPtr> left, broken;
    VIGIL_CHECK(parts_.documents.each(kind, [&](std::string_view id, std::string_view body) {
        auto state = read_export_state(body);
        if (!state) return true;
        auto entry = std::make_shared<Entry>(*this, std::string(id));
        (entry->restore(std::move(*state)) ? left : broken).push_back(std::move(entry));
        return true;
    }));
    for (const auto& entry : broken) queue_.forget(*entry);
    // What belongs to none of them was being removed.
    for (const auto& place : fs::directory_iterator(parts_.folder, failure)) {
        std::error_code stays;
        if (std::ranges::find(left, place.path().filename().string(), &Job::id) == left.end())
            fs::remove_all(place.path(), stays);
    }
    queue_.start(std::move(left), readmit);
    return {};
}

bool Exports::Entry::restore(ExportState state) {
    state_ = std::move(state);
    for (const auto& each : state_.output) count_ += each.count;
    if (state_.phase != JobState::Phase::complete) return true;
    const auto output = size_of(state_.output, folder_);
    const auto deleted = size_of(state_.deleted, folder_);
    if (!output || !deleted) return false;
    take(*output + *deleted);
    return true;
}

void Exports::Entry::remove_files() {
    std::error_code failure;
    std::filesystem::remove_all(folder_, failure);
    take(0);
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
        const bool lenient = is_lenient(request);
        const auto read = read_request(std::move(request), path);
        if (!read) return respond(job_refused(read.error()));
        respond(read->segments.back() == operation ? kick_off(std::move(caller), *read, lenient)
                                                   : queue_.answer(std::move(caller), *read));
    });
}

session::HttpResponse Exports::kick_off(JobCaller caller, const Request& request, bool lenient) {
    // After a restore it would leave out what is not indexed yet, and not say so.
    const auto whole = parts_.records.index_is_whole();
    if (!whole || !*whole)
        return job_later(503, "transient",
                         "the index of the records is being made again: ask later");
    auto entry = std::make_shared<Entry>(*this, parts_.rest()->new_id());
    entry->state().request = request;
    entry->state().lenient = lenient;
    if (auto made = entry->make_job(caller.access); !made) return job_refused(made.error());
    return queue_.admit(entry, std::move(caller));
}

Answer<void> Exports::Entry::make_job(const store::Access& access) {
    const auto& parts = exports_.parts_;
    const auto rest = parts.rest();
    std::optional<Answer<ExportRequest>> asked;
    const auto looked = parts.read(access, [&](ViewReader& reader) {
        asked = read_export_request(state_.request, state_.lenient, reader, *rest);
        return Result<void>();
    });
    if (!looked) return refuse(looked.error());
    if (!*asked) return as_refusal(asked->error());
    FHIR_TRY(named, exports_.members(**asked, access));
    std::error_code failure;
    std::filesystem::remove_all(folder_, failure);
    if (::mkdir(folder_.c_str(), S_IRWXU) != 0)
        return refuse(500, "exception", "the export's files cannot be made: is the disk full?");
    state_.asked = (*asked)->url;
    job_ = std::make_unique<ExportJob>(
        std::move(**asked), std::move(named),
        ExportJob::Parts{
            .rest = rest, .sealer = parts.sealer, .patients = parts.patients, .folder = folder_});
    return {};
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

// What is written from now on is later than the newest version there may be.
void Exports::Entry::begin(const TakeTurn& take_turn) {
    auto time = std::make_shared<Timestamp>(state_.begun);
    exports_.parts_.records.write(
        caller().access,
        [time](store::RecordTransaction& transaction) {
            *time = transaction.time();
            return Result<void>();
        },
        [time, take_turn](const Result<void>&) {
            // What devices said until then may still be on its way into the series.
            constexpr auto on_its_way = std::chrono::seconds(5);
            take_turn(*time - on_its_way);
        });
}

Result<bool> Exports::Entry::step() {
    auto more = page();
    const std::lock_guard lock(mutex_);
    if (job_) count_ = job_->count();
    if (more && *more) {
        progress_ = job_->progress();
        return more;
    }
    if (more) {
        state_.output = job_->output();
        state_.deleted = job_->deleted();
    } else {
        remove_files();
    }
    if (job_) whose_.assign(job_->patients().begin(), job_->patients().end());
    job_.reset();
    return more;
}

Result<bool> Exports::Entry::page() {
    bool more = false;
    if (!job_)  // it was under way when the server ended
        if (auto made = make_job(caller().access); !made)
            return fail(Error::Kind::conflict, made.error().issues.front().diagnostics);
    VIGIL_CHECK(exports_.parts_.read(caller().access, [&](ViewReader& reader) -> Result<void> {
        VIGIL_TRY(went_on, job_->step(reader));
        more = went_on;
        return {};
    }));
    take(job_->bytes());
    if (exports_.bytes_ > exports_.parts_.limits.bytes_max)
        return fail(Error::Kind::too_large,
                    "the files of all exports together are more than this server keeps: delete "
                    "those you have fetched, or ask for less with _type and _since");
    return more;
}

std::string Exports::Entry::result(std::string_view url) {
    std::string text;
    JsonWriter json(text);
    json.begin_object()
        .member("transactionTime", instant(state_.begun))
        .member("request", state_.asked)
        .member("requiresAccessToken", true);
    write_files(json, "output", state_.output, url);
    write_files(json, "deleted", state_.deleted, url);
    json.key("error").begin_array().end_array().end_object();
    return text;
}

session::HttpResponse Exports::Entry::file(JobCaller caller, std::string_view name) {
    bool is_there = false;
    {
        const std::lock_guard lock(mutex_);
        const auto has = [&](const std::vector<ExportedFile>& files) {
            return std::ranges::find(files, name, &ExportedFile::name) != files.end();
        };
        is_there = has(state_.output) || has(state_.deleted);
    }
    const auto& parts = exports_.parts_;
    if (is_there)
        if (auto reading = ExportReading::open(fmt::format("{}/{}", folder_, name), parts.sealer))
            return export_download(std::move(*reading), parts.on_worker,
                                   [self = shared_from_this(), stands = std::move(caller.stands)] {
                                       return !self->is_cancelled() && stands();
                                   });
    return job_refused(404, "not-found", "the export has no such file");
}

}  // namespace vigil::fhir

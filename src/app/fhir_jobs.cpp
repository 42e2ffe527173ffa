#include "app/fhir_jobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "app/asking_again.hpp"
#include "fhir/rest/importing.hpp"

namespace vigil::app {
namespace {

constexpr std::string_view export_kind = "fhir.export", import_kind = "fhir.import";
constexpr std::size_t line_patients_max = 1'000;  // one line of the audit names no more
constexpr int niceness = 5;  // monitoring, and who waits for an answer, go first

std::size_t background_threads() {
    return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 8);
}

}  // namespace

FhirJobs::FhirJobs(FhirJobsParts parts)
    : parts_(std::move(parts)),
      background_(background_threads(), niceness),
      exports_({.rest = [this] { return parts_.server.rest(); },
                .patients = parts_.server.patients(),
                .records = parts_.records,
                .documents = parts_.documents,
                .sealer = parts_.sealer,
                .folder = parts_.export_folder,
                .limits = parts_.exports,
                .on_worker = parts_.on_worker,
                .read =
                    [this](const store::Access& access,
                           const std::function<Result<void>(fhir::ViewReader&)>& work) {
                        return parts_.server.read_all(access, work);
                    }}),
      imports_(
          {.rest = [this] { return parts_.server.rest(); },
           .documents = parts_.documents,
           .work = {
               .open =
                   [this](const std::string& url, std::uint64_t from) {
                       return open_import_source(parts_.import_sources, url, from);
                   },
               .in_background =
                   [this](std::function<void()> work) { background_.post(std::move(work)); },
               .prepare =
                   [this](const fhir::ImportedBy& by, const std::vector<fhir::ImportLine>& lines) {
                       return parts_.server.prepare_import(by, lines);
                   },
               .write =
                   [this](std::shared_ptr<fhir::ImportBatch> batch,
                          std::function<void(Result<std::vector<fhir::Imported>>)> done) {
                       parts_.server.write_import(std::move(batch), std::move(done));
                   }},
           .rules = parts_.import_rules,
           .limits = parts_.imports,
           .on_worker = parts_.on_worker}) {}

bool FhirJobs::owns(std::string_view path) {
    return fhir::Exports::owns(path) || fhir::Imports::owns(path);
}

Result<void> FhirJobs::start() {
    VIGIL_CHECK(exports_.open([this](const fhir::JobOwner& owner) {
        return readmit(owner, store::Act::read, export_kind);
    }));
    return imports_.open([this](const fhir::JobOwner& owner) {
        return readmit(owner, store::Act::write, import_kind);
    });
}

void FhirJobs::stop() {
    imports_.stop();
    exports_.stop();
    background_.finish();
}

void FhirJobs::handle(const identity::Principal& who, store::Access access,
                      session::HttpRequest request, std::string path,
                      session::HttpRespond respond) {
    const auto from = request.peer.address;
    if (fhir::Imports::owns(path))
        return imports_.handle(caller(who, std::move(access), from, store::Act::write, import_kind),
                               std::move(request), std::move(path), std::move(respond));
    exports_.handle(caller(who, std::move(access), from, store::Act::read, export_kind),
                    std::move(request), std::move(path), std::move(respond));
}

fhir::JobCaller FhirJobs::caller(identity::Principal who, store::Access access,
                                 const std::string& from, store::Act act, std::string_view what) {
    // A job outlasts the token that it was begun with, not the app's registration or its grant.
    who.until = identity::end_of_time;
    identity::AccessRequest request{.act = act,
                                    .subjects = identity::Subjects::all(),
                                    .areas = {},
                                    .resources = {},
                                    .what = std::string(what),
                                    .purpose = access.purpose(),
                                    .from = from,
                                    .at = parts_.now()};
    auto writes = parts_.desk.line_of_part(who, request);
    return {.access = std::move(access),
            .from = from,
            .stands = [this, who] { return parts_.stands(who); },
            .ended =
                [this, who, request = std::move(request)](const std::string& how,
                                                          std::vector<PatientId> whose) {
                    parts_.on_loop([this, who, request, how, whose = std::move(whose)]() mutable {
                        put_end_on_record(who, std::move(request), how, whose);
                    });
                },
            .writes = std::move(writes)};
}

// Everyone whose data went out is named, however many lines that takes.
void FhirJobs::put_end_on_record(const identity::Principal& who, identity::AccessRequest request,
                                 const std::string& how, std::span<const PatientId> whose) {
    request.at = parts_.now();
    request.what = fmt::format("{}.end: {}", request.what, how);
    for (bool first = true; first || !whose.empty(); first = false) {
        const auto some = whose.first(std::min(whose.size(), line_patients_max));
        whose = whose.subspan(some.size());
        if (!some.empty())
            request.subjects = {.everyone = false, .patients = {some.begin(), some.end()}};
        parts_.desk.note(who, request, true);
    }
}

// Decided anew, and on record: their rights may be others by now.
std::optional<fhir::JobCaller> FhirJobs::readmit(const fhir::JobOwner& owner, store::Act act,
                                                 std::string_view what) {
    // An app begins again by itself: what it was granted is not known for a job.
    if (owner.app != 0) return std::nullopt;
    const auto who = asking_again(parts_.registry, owner.account, owner.token);
    if (!who || who->name != owner.principal || !parts_.stands(*who)) return std::nullopt;
    auto access = parts_.desk.decide(*who, {.act = act,
                                            .subjects = identity::Subjects::all(),
                                            .areas = {identity::Area::exports},
                                            .resources = {},
                                            .what = fmt::format("{}.resume", what),
                                            .purpose = owner.purpose,
                                            .from = owner.from,
                                            .at = parts_.now()});
    if (!access) return std::nullopt;
    return caller(*who, std::move(*access), owner.from, act, what);
}

}  // namespace vigil::app

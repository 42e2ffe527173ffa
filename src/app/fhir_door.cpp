#include "app/fhir_door.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <set>

#include "base/json_writer.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/validation/profiles.hpp"
#include "identity/secret.hpp"

namespace vigil::app {
namespace {

// RFC 4122 version 4: ids that the server gives tell nothing.
std::string new_id() {
    static const auto random = identity::system_random();
    std::array<std::uint8_t, 16> bytes{};
    random(bytes);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
    std::string id;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) id += '-';
        fmt::format_to(std::back_inserter(id), "{:02x}", bytes[i]);
    }
    return id;
}

session::HttpResponse refused(int status, std::string_view code, std::string message) {
    const fhir::Problem problem{status,
                                {{fhir::Severity::error, code, std::move(message), std::string()}}};
    auto response = fhir::http_response(fhir::response_of(problem), {}, {});
    if (status == 401) response.headers.emplace_back("www-authenticate", "Bearer");
    return response;
}

constexpr const char* not_on_record =
    "the access cannot be put on record: the server's disk takes no writes";

bool is_one_of(std::string_view origin, std::string_view allowed) {
    while (!allowed.empty()) {
        const auto end = std::min(allowed.find(' '), allowed.size());
        const auto one = allowed.substr(0, end);
        if (one == "*" || (!one.empty() && one == origin)) return true;
        allowed.remove_prefix(std::min(end + 1, allowed.size()));
    }
    return false;
}

}  // namespace

FhirDoor::FhirDoor(FhirDoorParts parts)
    : parts_(std::move(parts)),
      parameters_(definitions_),
      profiles_(std::make_unique<fhir::Profiles>(definitions_)),
      validator_(definitions_, profiles_.get()),
      subscriptions_({.registry = parts_.registry,
                      .desk = parts_.desk,
                      .audit = parts_.audit,
                      .sealer = parts_.sealer,
                      .records = parts_.records,
                      .documents = parts_.documents,
                      .now = parts_.now,
                      .clock = parts_.clock,
                      .on_worker = parts_.on_worker,
                      .on_loop = parts_.on_loop,
                      .stands = parts_.stands,
                      .base = parts_.base,
                      .endpoints = parts_.subscription_endpoints,
                      .ca_pem = parts_.subscription_ca_pem,
                      .reach = parts_.reach}),
      server_(fhir::ServerParts{
          .rest = rest_context(),
          .records = parts_.records,
          .documents = parts_.documents,
          .series = parts_.series,
          .catalogue = parts_.catalogue,
          .on_worker = parts_.on_worker,
          .number_patients =
              [this](std::vector<fhir::Demographics> patients, std::string by,
                     std::function<void(Result<std::vector<PatientId>>)> done) {
                  parts_.on_loop([this, patients = std::move(patients), by = std::move(by),
                                  done = std::move(done)]() mutable {
                      number(std::move(patients), std::move(by), std::move(done));
                  });
              },
          .patient_written =
              [this](PatientId number, fhir::Demographics demographics) {
                  parts_.on_loop([this, number, demographics = std::move(demographics)] {
                      patient_written(number, demographics);
                  });
              },
          .records_written = [this] { subscriptions_.records_written(); },
          .observation_begins = [this] { return relay_.begins(); },
          .subscription_written =
              [this](std::string id, std::uint64_t version, const store::Access& by,
                     std::function<void()> then) {
                  subscriptions_.written(std::move(id), version, by, std::move(then));
              },
          .consents = &consents_,
          .software_version = parts_.version,
          .started = parts_.now(),
          .read_audit = parts_.read_audit,
          .read_alarms = parts_.read_alarms,
          .site_name = parts_.site_name}),
      consents_(parts_.desk.consents(),
                {.parameters = parameters_,
                 .catalogue = parts_.catalogue,
                 .groups = server_.readings().groups(),
                 .base = parts_.base,
                 .organization = parts_.organization},
                [this] { parts_.on_loop(parts_.access_changed); }),
      jobs_(jobs_parts()),
      relay_({.registry = parts_.registry,
              .intake = parts_.intake,
              .log = parts_.log,
              .records = parts_.records,
              .documents = parts_.documents,
              .series = parts_.series,
              .server = server_,
              .context = {parts_.catalogue, definitions_, parts_.base},
              .on_worker = parts_.on_worker,
              .on_loop = parts_.on_loop,
              .when_durable = parts_.when_durable}) {}

FhirDoor::~FhirDoor() = default;

FhirJobsParts FhirDoor::jobs_parts() {
    return {.server = server_,
            .registry = parts_.registry,
            .desk = parts_.desk,
            .records = parts_.records,
            .documents = parts_.documents,
            .sealer = parts_.sealer,
            .now = parts_.now,
            .on_worker = parts_.on_worker,
            .on_loop = parts_.on_loop,
            .stands = parts_.stands,
            .export_folder = parts_.export_folder,
            .exports = parts_.exports,
            .import_rules = {parts_.import_sources},
            .import_sources = {parts_.import_folder, parts_.import_ca_pem, parts_.reach},
            .imports = parts_.imports};
}

fhir::RestContext FhirDoor::rest_context() {
    fhir::RestContext context{
        .definitions = definitions_,
        .parameters = parameters_,
        .base = parts_.base,
        .limits = {},
        .now = parts_.clock,
        .new_id = new_id,
        .validate =
            [this](JsonValue resource, std::vector<std::string> profiles) {
                return validator_.validate(
                    resource, {.now = parts_.clock(), .profiles = std::move(profiles)});
            },
        .validation = parts_.validation,
        .admit_subscription = {},
        .check_consent = [this](JsonValue consent) { return consents_.check(consent); },
        .is_shared = !parts_.cors_origins.empty(),
        .authorization = parts_.authorization,
        .terms = fhir::Terms{profiles_->shelf(), terms_learned_}};
    subscriptions_.join(context);
    return context;
}

session::Upgrade FhirDoor::upgrade(const session::HttpRequest& request) {
    if (request.path == std::string(path) + "/websocket")
        return subscriptions_.upgrade(parts_.sender(request), request.peer.address);
    session::Upgrade upgrade;
    upgrade.refusal = refused(404, "not-found", "there is no websocket at this address");
    return upgrade;
}

bool FhirDoor::owns(std::string_view request_path) {
    return request_path.starts_with(path) &&
           (request_path.size() == path.size() || request_path[path.size()] == '/');
}

session::HttpRespond FhirDoor::sharing(const session::HttpRequest& request,
                                       session::HttpRespond respond) const {
    const auto origin = std::string(request.header("origin").value_or(""));
    if (origin.empty() || !is_one_of(origin, parts_.cors_origins)) return respond;
    return [respond = std::move(respond), origin](session::HttpResponse response) {
        auto& headers = response.headers;
        headers.emplace_back("access-control-allow-origin", origin);
        headers.emplace_back("vary", "origin");
        headers.emplace_back("access-control-expose-headers",
                             "content-location, etag, last-modified, location, retry-after, "
                             "x-progress");
        respond(std::move(response));
    };
}

void FhirDoor::handle(session::HttpRequest request, session::HttpRespond respond) {
    respond = sharing(request, std::move(respond));
    if (request.method == "OPTIONS")  // the question before: it carries no token
        return respond(
            {.status = 204,
             .headers = {{"allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"},
                         {"access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE"},
                         {"access-control-allow-headers",
                          "accept, authorization, content-type, if-match, if-modified-since, "
                          "if-none-exist, if-none-match, prefer, purpose-of-use"},
                         {"access-control-max-age", "600"}}});
    auto rest = request.path.substr(std::min(request.path.size(), path.size() + 1));
    if (fhir::Server::is_open(request, rest))
        return server_.handle(identity::AccessDesk::for_system("metadata"), std::move(request),
                              std::move(rest), std::move(respond));
    auto who = parts_.sender(request);
    if (!who) {
        const bool is_nobody = who.error().kind == Error::Kind::forbidden;
        return respond(refused(is_nobody ? 401 : 403, is_nobody ? "login" : "forbidden",
                               std::move(who).error().message));
    }
    auto purpose = request.purpose();
    if (!purpose) return respond(refused(400, "value", purpose.error().message));
    // What goes on by itself runs for what its owner's role is for.
    if (!purpose->empty() && request.method != "GET" && rest.starts_with("Subscription"))
        return respond(refused(400, "not-supported",
                               "a Subscription is for what its owner's role is for: leave out "
                               "Purpose-Of-Use"));
    const auto asked = fhir::Server::asked(request, rest);
    auto subjects = identity::Subjects::all();
    if (const auto number = server_.patients().number(asked.patient))
        subjects = identity::Subjects::of(*number);
    else if (const auto searched = server_.patients().number(asked.searched))
        subjects.patients.push_back(*searched);
    identity::AccessRequest wanted{.act = asked.act,
                                   .subjects = std::move(subjects),
                                   .areas = {},
                                   .resources = {},
                                   .what = asked.what,
                                   .purpose = std::move(*purpose),
                                   .from = request.peer.address,
                                   .at = parts_.now()};
    if (asked.is_bulk)
        wanted.areas = {identity::Area::exports};
    else
        wanted.resources = {asked.needed.any_of, asked.needed.type};
    auto events = admit_to_events(asked, *who, wanted);
    devices_.keep_up(parts_.now());
    const bool is_job = FhirJobs::owns(rest);
    // A person goes on reading where the disk takes no writes and the site allows that; what takes
    // data away in bulk can wait.
    const bool person = who->account && who->token.empty();
    const auto least = person && asked.act == store::Act::read && !is_job
                           ? identity::OnRecord::held
                           : identity::OnRecord::durable;
    if (!is_job)
        return ask_server(*who, wanted, least, std::move(events), std::move(request),
                          std::move(rest), std::move(respond));
    auto access = parts_.desk.decide(*who, wanted);
    if (!access) return refuse(access.error(), std::move(respond));
    if (asked.act == store::Act::write)  // it may commit before it answers
        return parts_.audit.when_on_record(
            least, [this, who = *who, access = std::move(*access), request = std::move(request),
                    rest = std::move(rest),
                    respond = std::move(respond)](const Result<void>& durable) mutable {
                if (!durable) return respond(refused(503, "transient", not_on_record));
                jobs_.handle(who, std::move(access), std::move(request), std::move(rest),
                             std::move(respond));
            });
    jobs_.handle(*who, std::move(*access), std::move(request), std::move(rest),
                 when_on_record(least, std::move(respond)));
}

// What is written has its line committed with it. Else the line waits for the end of the reading,
// which shows whose data it was, and the answer for the line.
void FhirDoor::ask_server(const identity::Principal& who, const identity::AccessRequest& wanted,
                          identity::OnRecord least, std::optional<fhir::EventReader> events,
                          session::HttpRequest request, std::string rest,
                          session::HttpRespond respond) {
    auto access = parts_.desk.decide_owing(who, wanted);
    if (!access) return refuse(access.error(), std::move(respond));
    auto given = access->access;
    auto owed = access->owed;
    server_.handle(
        std::move(given), std::move(request), std::move(rest),
        [this, access = std::move(*access), least,
         respond = std::move(respond)](session::HttpResponse response) {
            if (access.owed->on_record) return respond(std::move(response));
            parts_.on_loop(
                [this, access, least, respond, response = std::move(response)]() mutable {
                    if (response.status >= 400)
                        access.owed->line.what += fmt::format(": {}", response.status);
                    if (!parts_.desk.settle(access))
                        return respond(refused(503, "transient", not_on_record));
                    answer_on_record(least, respond, std::move(response));
                });
        },
        std::move(owed), std::move(events));
}

void FhirDoor::refuse(const Error& why, session::HttpRespond respond) {
    parts_.audit.when_on_record(
        identity::OnRecord::durable,
        [respond = std::move(respond), message = why.message](const Result<void>&) {
            respond(refused(403, "forbidden", message));
        });
}

// An answer leaves once the access is on record (promise 5).
session::HttpRespond FhirDoor::when_on_record(identity::OnRecord least,
                                              session::HttpRespond respond) {
    return [this, least, respond = std::move(respond)](session::HttpResponse response) {
        parts_.on_loop([this, least, respond, response = std::move(response)]() mutable {
            answer_on_record(least, respond, std::move(response));
        });
    };
}

void FhirDoor::answer_on_record(identity::OnRecord least, session::HttpRespond respond,
                                session::HttpResponse response) {
    parts_.audit.when_on_record(
        least, [respond = std::move(respond),
                response = std::move(response)](const Result<void>& durable) mutable {
            if (durable) return respond(std::move(response));
            respond(refused(503, "transient", not_on_record));
        });
}

// A package that cannot be read stops the start; a profile in it that cannot is named and left out.
Result<void> FhirDoor::read_profiles() {
    namespace fs = std::filesystem;
    profiles_->add_vital_signs();
    profiles_->add_personal_health_devices();
    std::vector<fs::path> packages;
    std::error_code error;
    if (!parts_.packages.empty())
        for (const auto& entry : fs::directory_iterator(parts_.packages, error))
            if (entry.is_directory() || entry.path().extension() == ".tgz")
                packages.push_back(entry.path());
    if (error)
        return fail(Error::Kind::not_found, "the folder of fhir.packages cannot be read",
                    parts_.packages);
    std::ranges::sort(packages);
    for (const auto& package : packages) {
        auto added = profiles_->add_package(package);
        if (!added) {
            added.error().place = package.string() + " " + added.error().place;
            return added;
        }
    }
    for (const auto& left_out : profiles_->link())
        fmt::print(stderr, "vigil: a profile is left out: {} {}\n", left_out.message,
                   left_out.place);
    return {};
}

Result<std::optional<Position>> FhirDoor::start() {
    VIGIL_CHECK(read_profiles());
    VIGIL_CHECK(server_.learn_patients(identity::AccessDesk::for_system("start")));
    VIGIL_CHECK(consents_.learn(parts_.records, identity::AccessDesk::for_system("start")));
    for (const auto& [id, patient] : parts_.registry.patients()) patient_added(patient);
    VIGIL_CHECK(relay_.start());
    VIGIL_TRY(readings_seen, subscriptions_.start(server_));
    VIGIL_CHECK(jobs_.start());
    return readings_seen;
}

}  // namespace vigil::app

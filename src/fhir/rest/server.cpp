#include "fhir/rest/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "fhir/consent/consent_keeper.hpp"
#include "fhir/operation/operations.hpp"
#include "fhir/rest/capability.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/rest/server_call.hpp"
#include "fhir/rest/terminology_capability.hpp"
#include "fhir/subscription/subscription.hpp"

namespace vigil::fhir {
namespace {

// Value sets are asked for by operations and modifiers (:in): only then is it worth remembering
// what the snapshot says of them.
bool may_look_codes_up(const Request& request) {
    return is_operation(request) || request.segment(0) == "metadata" ||
           std::ranges::any_of(request.query, [](const auto& parameter) {
               return parameter.first.find(':') != std::string::npos;
           });
}

}  // namespace

Server::Server(ServerParts parts)
    : parts_(std::move(parts)),
      parameters_(parts_.rest, {.records = parts_.records,
                                .documents = parts_.documents,
                                .on_worker = parts_.on_worker,
                                .changed = [this] { make_device_views(); }}),
      readings_(parts_.catalogue, parts_.series, patients_),
      groups_(group_rows(readings_, parts_.rest.extraction())),
      metrics_(parts_.catalogue, parts_.series),
      events_(parts_.read_audit, {parts_.rest.base, parts_.site_name, patients_}),
      alarms_(parts_.read_alarms, patients_) {
    parts_.records.share_keys(shared_keys(parts_.rest.parameters));
    parts_.records.pair_keys(paired_keys(parts_.rest.parameters));
}

bool Server::is_open(const session::HttpRequest& request, std::string_view path) {
    // Which code systems are kept here is for those who may read them.
    return (request.method == "GET" || request.method == "HEAD") && path == "metadata" &&
           request.parameter("mode") != "terminology";
}

void Server::handle(store::Access access, session::HttpRequest request, std::string path,
                    Respond respond, std::shared_ptr<store::OwedLine> owed,
                    std::optional<EventReader> events) {
    parts_.on_worker([this, access = std::move(access), request = std::move(request),
                      path = std::move(path), respond = std::move(respond), owed = std::move(owed),
                      events = std::move(events)]() mutable {
        auto read = read_request(std::move(request), path);
        if (!read) return respond(http_response(response_of(read.error()), {}, parts_.rest.base));
        auto call = std::make_shared<Call>(Call{.access = std::move(access),
                                                .request = std::move(*read),
                                                .answered = {},
                                                .rest = parameters_.now(),
                                                .job = {},
                                                .problem = {},
                                                .observed = {},
                                                .done = {},
                                                .owed = std::move(owed),
                                                .events = std::move(events)});
        call->answered = [this, respond = std::move(respond),
                          pretty = call->request.pretty](Response response) {
            Request shown;
            shown.pretty = pretty;
            respond(http_response(std::move(response), shown, parts_.rest.base));
        };
        answer(call);
    });
}

Result<void> Server::learn_patients(const store::Access& access) {
    VIGIL_CHECK(parameters_.open(access));
    return parts_.records.read(access, [this](store::RecordReader& reader) -> Result<void> {
        store::RecordQuery query{.type = "Patient",
                                 .where = {store::AllOf{}},
                                 .sort = {},
                                 .after = {},
                                 .count_max = 1000};
        do {
            VIGIL_TRY(page, reader.search(query));
            for (const auto& record : page.records)
                if (record.subject) patients_.add(record.id, *record.subject);
            query.after = std::move(page.next);
        } while (!query.after.empty());
        return {};
    });
}

void Server::create_patient(store::Access access, std::string resource, PatientId number,
                            std::string id) {
    parts_.on_worker([this, access = std::move(access), resource = std::move(resource), number,
                      id = std::move(id)] {
        Request request;
        request.method = "POST";
        request.segments = {"Patient"};
        request.body = resource;
        if (!id.empty()) {
            bool is_free = false;
            (void)parts_.records.read(access, [&](store::RecordReader& reader) -> Result<void> {
                VIGIL_TRY(found, reader.get("Patient", id));
                is_free = !found;
                return {};
            });
            if (!is_free) return;
            request.method = "PUT";
            request.segments.push_back(id);
            request.if_none_match = "*";  // whoever chose the id may write it meanwhile
        }
        const auto rest = parameters_.now();
        auto entry = read_entry(std::move(request), *rest);
        if (!entry) return;  // the registry's own words: a bug would be found by the tests
        std::vector<WriteEntry> entries;
        entries.push_back(std::move(*entry));
        auto call = std::make_shared<Call>(Call{.access = access,
                                                .request = {},
                                                .answered = [](const Response&) {},
                                                .rest = parameters_.now(),
                                                .job = {},
                                                .problem = {},
                                                .observed = {},
                                                .done = [](WriteJob&) { return Response{}; }});
        call->job = std::make_unique<WriteJob>(std::move(entries), patients_, call->rest);
        call->job->number(0, number);
        if (call->job->prepare()) commit(call);
    });
}

// What was learned of codes before.
void Server::forget_terms(const WriteJob& job) const {
    const bool is_about_codes = std::ranges::any_of(job.entries(), [](const WriteEntry& entry) {
        return terminology::is_terminology(entry.type);
    });
    if (is_about_codes && parts_.rest.terms) parts_.rest.terms->memory.forget();
}

void Server::tell_patients(const WriteJob& job) const {
    if (!parts_.patient_written) return;
    for (const auto& entry : job.entries())
        if (const auto number = patients_.number(entry.id);
            entry.type == "Patient" && entry.is_put() && number)
            parts_.patient_written(*number, demographics_of(entry.resource->json()));
}

void Server::answer(const CallPtr& call) {
    if (call->request.method == "POST" && call->request.segments.empty()) return bundle(call);
    answer_one(call);
}

void Server::answer_one(const CallPtr& call) {
    const auto& request = call->request;
    if (const auto may = check_may(call->access, request); !may)
        return call->answered(response_of(may.error()));
    if (is_operation(request)) return call->answered(read(*call));
    if (request.method == "GET") return call->answered(read(*call));
    write(call);
}

// "full" and "normative" are one: all that is told is what works (3.1.0.8).
Response Server::read(const Call& call) {
    if (const auto may = check_may(call.access, call.request); !may)
        return response_of(may.error());
    const bool is_metadata = call.request.segment(0) == "metadata";
    const bool is_terminology = call.request.parameter("mode") == "terminology";
    if (is_metadata && !is_terminology)
        return {.status = 200,
                .body = capability_statement(*call.rest, parts_.software_version, parts_.started),
                .version = {},
                .last_modified = {},
                .location = {}};
    std::optional<Answer<Response>> answer;
    std::optional<RestContext> remembering;
    if (may_look_codes_up(call.request)) remembering.emplace(call.rest->for_reading());
    const auto& context = remembering ? *remembering : *call.rest;
    const auto read = read_all(call.access, [&](ViewReader& reader) {
        if (call.events) reader.see_events(*call.events);
        answer = is_metadata ? answer_terminology_capabilities(
                                   reader, context, parts_.software_version, parts_.started)
                 : is_operation(call.request) ? answer_operation(call.request, reader, context)
                                              : answer_read(call.request, reader, context);
        if (call.owed)
            for (const auto patient : reader.touched()) call.owed->touches(patient);
        return Result<void>();
    });
    if (!read) return response_of(problem_of(read.error()));
    return *answer ? std::move(**answer) : response_of(answer->error());
}

void Server::write(const CallPtr& call) {
    auto entry = read_entry(std::move(call->request), *call->rest);
    if (!entry) return call->answered(response_of(entry.error()));
    std::vector<WriteEntry> entries;
    entries.push_back(std::move(*entry));
    call->job = std::make_unique<WriteJob>(std::move(entries), patients_, call->rest);
    call->done = [](WriteJob& job) { return std::move(*job.entries().front().answer); };
    number_and_commit(call);
}

// The line says whose data was written, and where one resource was, which version.
Result<void> Server::put_on_record(store::RecordTransaction& transaction, Call& call) {
    for (const auto& entry : call.job->entries()) {
        if (entry.removed_from) call.owed->touches(*entry.removed_from);
        if (entry.prepared && entry.prepared->subject) call.owed->touches(*entry.prepared->subject);
    }
    // What it was called when it was asked stays, should it come to nothing.
    auto line = call.owed->line;
    if (call.job->entries().size() == 1) line.what = what_was_written(line.what, *call.job);
    return transaction.put_on_record(line);
}

void Server::commit(const CallPtr& call) {
    for (auto& entry : call->job->entries())
        if (entry.prepared && entry.prepared->compressed.empty())
            entry.prepared->compressed = parts_.records.compress(entry.prepared->body);
    if (parts_.observation_begins && may_observe(*call->job))
        call->observed = parts_.observation_begins();
    parts_.records.write(
        call->access,
        [this, call](store::RecordTransaction& transaction) -> Result<void> {
            call->problem.reset();
            call->job->use(parameters_.now());
            auto ran = call->job->run(transaction);
            if (ran) return call->owed ? put_on_record(transaction, *call) : Result<void>();
            call->problem = std::move(ran).error();
            return fail(Error::Kind::conflict, "refused");
        },
        [this, call](const Result<void>& done) {
            if (call->observed) call->observed(call->problem || has_observed(*call->job));
            if (done && call->owed) call->owed->on_record = true;
            if (call->problem) return call->answered(response_of(*call->problem));
            if (!done) return call->answered(response_of(problem_of(done.error())));
            committed(call);
        });
}

// The answer to whoever wrote a Subscription leaves once it is known whose it is.
void Server::committed(const CallPtr& call) {
    std::vector<const WriteEntry*> entries;
    for (const auto& entry : call->job->entries()) entries.push_back(&entry);
    tell_consents(entries);
    tell_subscriptions(entries, call->access, [this, call] { answer_written(call); });
}

void Server::tell_consents(const std::vector<const WriteEntry*>& entries) const {
    for (const auto* entry : entries) {
        if (parts_.consents == nullptr || entry->type != "Consent" || !entry->answer) continue;
        const auto version = entry->answer->version;
        if (!version) continue;
        if (entry->request.method == "DELETE")
            parts_.consents->written(entry->id, *version, std::nullopt, {});
        else if (entry->is_put())
            parts_.consents->written(entry->id, *version, entry->prepared->subject,
                                     entry->prepared->body);
    }
}

void Server::answer_written(const CallPtr& call) {
    const bool reloads = call->job->has_search_parameters();
    const bool many = call->job->entries().size() > 1;
    const auto finish = [this, call, reloads] {
        call->job->remember_patients();
        forget_terms(*call->job);
        tell_patients(*call->job);
        // Search parameters that were written are in force when their writer is told.
        if (reloads) parameters_.reload();
        call->answered(call->done(*call->job));
        call->job.reset();
    };
    // Not on the one thread that writes, where it is much.
    if (reloads || many) return parts_.on_worker(finish);
    finish();
}

void Server::set_subscription_status(store::Access access, std::string id, std::uint64_t version,
                                     std::string status, std::string error) {
    parts_.on_worker([this, access = std::move(access), id = std::move(id), version,
                      status = std::move(status), error = std::move(error)] {
        std::optional<store::Record> current;
        (void)parts_.records.read(access, [&](store::RecordReader& reader) -> Result<void> {
            VIGIL_TRY(found, reader.get("Subscription", id));
            current = std::move(found);
            return {};
        });
        if (!current || current->deleted || current->version != version) return;
        auto resource = Resource::parse(resource_text(*current));
        if (!resource) return;
        Request request;
        request.method = "PUT";
        request.segments = {"Subscription", id};
        request.body = with_status(resource->json(), status, error);
        request.if_match = entity_tag(version);
        request.by_server = true;
        const auto rest = parameters_.now();
        auto entry = read_entry(std::move(request), *rest);
        if (!entry) return;
        std::vector<WriteEntry> entries;
        entries.push_back(std::move(*entry));
        auto call = std::make_shared<Call>(Call{.access = access,
                                                .request = {},
                                                .answered = [](const Response&) {},
                                                .rest = rest,
                                                .job = {},
                                                .problem = {},
                                                .observed = {},
                                                .done = [](WriteJob&) { return Response{}; }});
        call->job = std::make_unique<WriteJob>(std::move(entries), patients_, rest);
        if (call->job->prepare()) commit(call);
    });
}

}  // namespace vigil::fhir

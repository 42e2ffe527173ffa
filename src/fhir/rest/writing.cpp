#include "fhir/rest/writing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fhir/rest/fhirpath_patch.hpp"
#include "fhir/rest/json_patch.hpp"
#include "fhir/rest/parameter_rules.hpp"
#include "fhir/rest/reading.hpp"

namespace vigil::fhir {
namespace {

tl::unexpected<Problem> several(std::string_view type) {
    return refuse(412, "multiple-matches",
                  fmt::format("the condition leads to more than one {}: make it narrower", type));
}

// A Consent of nobody would be kept and bind nobody.
Answer<void> check_whose(const WriteEntry& entry, const RestContext& context) {
    const bool is_in_force = entry.type == "Consent" && context.check_consent && entry.resource &&
                             entry.resource->json()["status"].string() == "active";
    if (!is_in_force || entry.prepared->subject.value_or(PatientId{})) return {};
    return refuse(422, "not-found",
                  "a Consent that is active names a Patient who is here: nobody's data would be "
                  "held to it",
                  "Consent.patient");
}

}  // namespace

bool WriteJob::looks_into_store(const WriteEntry& entry) const {
    if (entry.request.method == "GET") return false;
    return entry.request.if_none_exist || is_conditional(entry.request) ||
           entry.request.method == "PATCH";
}

bool WriteJob::has_search_parameters() const {
    return std::ranges::any_of(entries_, [](const WriteEntry& entry) {
        return entry.type == "SearchParameter" && entry.request.method != "GET";
    });
}

// Where in the Bundle it is, if there is one.
Problem WriteJob::at_entry(std::size_t index, Problem problem) const {
    if (entries_[index].full_url.empty()) return problem;
    for (auto& issue : problem.issues) {
        const auto dot = issue.expression.find('.');
        issue.expression =
            fmt::format("Bundle.entry[{}]{}{}", index, issue.expression.empty() ? "" : ".resource",
                        dot == std::string::npos ? std::string() : issue.expression.substr(dot));
    }
    return problem;
}

// Finds out which resource an entry is about, or that it needs no writing.
Answer<void> WriteJob::resolve(std::size_t index, store::RecordReader& reader) {
    auto& entry = entries_[index];
    const auto& request = entry.request;
    if (!looks_into_store(entry)) return {};
    if (request.method == "POST") {
        FHIR_TRY(found,
                 matches(entry.type, condition_of(*request.if_none_exist), reader, *context_));
        if (found.size() > 1) return several(entry.type);
        if (found.size() == 1) {
            entry.id = found.front().id;
            entry.answer = written_response(found.front(), found.front().body, false, request);
        }
        return {};
    }
    if (!is_conditional(request)) return {};
    FHIR_TRY(found, matches(entry.type, request.query, reader, *context_));
    if (found.size() > 1) return several(entry.type);
    if (found.size() == 1) {
        entry.id = found.front().id;
        if (entry.resource && !entry.resource->id().empty() && entry.resource->id() != entry.id)
            return refuse(400, "invalid",
                          "the condition leads to a resource of another id than the one sent",
                          fmt::format("{}.id", entry.type));
        return {};
    }
    if (request.method == "DELETE") {
        entry.answer =
            Response{.status = 204, .body = {}, .version = {}, .last_modified = {}, .location = {}};
        return {};
    }
    if (request.method == "PATCH")
        return refuse(404, "not-found", fmt::format("no {} matches the condition", entry.type));
    entry.id = entry.resource->id();
    return {};
}

// From now on what refers to the entry by its fullUrl refers to the resource.
void WriteJob::link(const WriteEntry& entry) {
    if (!entry.full_url.empty() && !entry.id.empty())
        links_.insert_or_assign(entry.full_url, fmt::format("{}/{}", entry.type, entry.id));
}

Answer<void> WriteJob::run(store::RecordTransaction& transaction) {
    const bool was_ready = std::exchange(is_ready_, false);
    if (!was_ready) forget_run();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        auto& entry = entries_[i];
        FHIR_CHECK(resolve(i, transaction));
        if (entry.resource && entry.id.empty()) {
            if (entry.new_id.empty()) entry.new_id = context_->new_id();
            entry.id = entry.new_id;
            entry.is_new = true;
        }
        link(entry);
        if (const auto number = patients_.find(i); number != patients_.end() && !entry.answer)
            new_numbers_.insert_or_assign(entry.id, number->second);
    }
    if (!was_ready) keep_what_stands();
    // The order of R4 3.1.0.11.2.
    for (const auto& methods :
         {std::array{"DELETE", ""}, std::array{"POST", ""}, std::array{"PUT", "PATCH"}})
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            const auto& method = entries_[i].request.method;
            const bool now = method == methods[0] || method == methods[1];
            if (!now || entries_[i].answer) continue;
            auto done = perform(i, transaction);
            if (done) continue;
            return as_refusal(at_entry(i, std::move(done).error()));
        }
    for (auto& entry : entries_) {
        if (entry.answer) continue;
        FHIR_TRY(answer, answer_read(entry.request, transaction, *context_));
        entry.answer = std::move(answer);
    }
    return {};
}

void WriteJob::remember_patients() {
    for (const auto& entry : entries_)
        if (entry.type == "Patient" && entry.is_put() && entry.prepared->subject)
            numbers_.add(entry.id, *entry.prepared->subject);
}

Answer<void> WriteJob::perform(std::size_t index, store::RecordTransaction& transaction) {
    auto& entry = entries_[index];
    FHIR_CHECK(check_not_made(entry.type, entry.id));
    FHIR_CHECK(keep_view(entry, transaction));
    if (entry.request.method == "DELETE") return remove(entry, transaction);
    if (entry.request.method == "PATCH") return patch(index, transaction);
    return put(index, transaction);
}

// What is written over a view is its second version: the first is the view as it was.
Answer<void> WriteJob::keep_view(const WriteEntry& entry, store::RecordTransaction& transaction) {
    if (!entry.view) return {};
    FHIR_TRY(current, transaction.get(entry.type, entry.id));
    if (current) return {};
    FHIR_TRY(resource, Resource::parse(resource_text(*entry.view)));
    FHIR_TRY(extracted, extract(resource.json(), context_->extraction()));
    FHIR_CHECK(transaction.put({.type = entry.type,
                                .id = entry.id,
                                .subject = entry.view->subject,
                                .method = entry.view->method,
                                .body = entry.view->body,
                                .rows = std::move(extracted.rows),
                                .narrative = std::move(extracted.narrative),
                                .content = std::move(extracted.content)}));
    return {};
}

Answer<void> WriteJob::check_match(const Request& request,
                                   const std::optional<store::Record>& current) {
    if (request.if_match) {
        const auto wanted = version_of_entity_tag(*request.if_match);
        if (!current || current->deleted || wanted != current->version)
            return refuse(412, "conflict",
                          fmt::format("the resource is at version {} now: read it again",
                                      current ? current->version : 0));
    }
    if (request.if_none_match == "*" && current && !current->deleted)
        return refuse(412, "conflict", "the resource is there already");
    return {};
}

Answer<std::optional<PatientId>> WriteJob::subject(std::size_t index, store::RecordReader& reader) {
    const auto& entry = entries_[index];
    if (entry.type == "Patient") {
        if (const auto known = numbers_.number(entry.id)) return known;
        if (const auto fresh = new_numbers_.find(entry.id); fresh != new_numbers_.end())
            return fresh->second;
        FHIR_TRY(current, reader.get("Patient", entry.id));
        if (current && current->subject) return current->subject;
        return refuse(409, "conflict", "the Patient went while it was written: send it again");
    }
    return subject_of(entry.type, entry.prepared->rows, context_->definitions, numbers_,
                      new_numbers_, reader);
}

Answer<void> WriteJob::put(std::size_t index, store::RecordTransaction& transaction) {
    auto& entry = entries_[index];
    const bool checks = entry.request.if_match || entry.request.if_none_match;
    if (checks) {
        FHIR_TRY(current, transaction.get(entry.type, entry.id));
        FHIR_CHECK(check_match(entry.request, current));
    }
    if (entry.prepared && !still_refers(entry, transaction)) entry.prepared.reset();
    if (!entry.prepared) FHIR_CHECK(make_put(entry, &transaction));
    if (entry.type == "SearchParameter")
        FHIR_CHECK(check_code_is_free(entry.resource->json(), entry.id, transaction));
    FHIR_TRY(subject_number, subject(index, transaction));
    entry.prepared->subject = subject_number;
    FHIR_CHECK(check_whose(entry, *context_));
    FHIR_TRY(record, transaction.put(*entry.prepared));
    const bool created = record.version == 1 || entry.is_new;
    entry.answer =
        written_response(record, entry.prepared->body, created, entry.request, entry.hints);
    if (context_->validation == ValidationMode::warn) entry.answer->hints = entry.hints;
    return {};
}

Answer<void> WriteJob::remove(WriteEntry& entry, store::RecordTransaction& transaction) {
    FHIR_TRY(current, transaction.get(entry.type, entry.id));
    FHIR_CHECK(check_match(entry.request, current));
    entry.answer =
        Response{.status = 204, .body = {}, .version = {}, .last_modified = {}, .location = {}};
    if (!current || current->deleted) return {};
    FHIR_TRY(record, transaction.remove(entry.type, entry.id, "DELETE"));
    entry.answer->version = record.version;
    entry.removed_from = record.subject;
    return {};
}

Answer<void> WriteJob::patch(std::size_t index, store::RecordTransaction& transaction) {
    auto& entry = entries_[index];
    FHIR_TRY(current, transaction.get(entry.type, entry.id));
    if (!current || current->deleted)
        return refuse(404, "not-found", fmt::format("there is no {}/{}", entry.type, entry.id));
    FHIR_CHECK(check_match(entry.request, current));
    FHIR_TRY(before, Resource::parse(resource_text(*current)));
    const bool is_json_patch = entry.request.content_type.find("json-patch") != std::string::npos;
    auto patched = is_json_patch ? json_patch(before.json(), entry.request.body)
                                 : fhirpath_patch(before.json(), entry.request.body, *context_);
    if (!patched) return as_refusal(std::move(patched).error());
    auto& text = *patched;
    FHIR_TRY(after, Resource::parse(std::move(text)));
    if (after.type() != entry.type || after.id() != entry.id)
        return refuse(400, "invalid", "a patch changes neither resourceType nor id");
    entry.resource = std::move(after);
    FHIR_CHECK(make_put(entry, &transaction));
    return put(index, transaction);
}

namespace {

bool is_of_device(const WriteEntry& entry) {
    return !entry.resource || entry.resource->json()["device"];
}

}  // namespace

std::string what_was_written(std::string_view asked, const WriteJob& job) {
    const auto& entry = job.entries().front();
    const bool is_kept =
        entry.is_put() || entry.removed_from || (entry.answer && entry.request.method == "DELETE");
    const auto verb = asked.substr(0, asked.find(' '));
    if (verb == "fhir.bundle" || !is_kept || !entry.answer->version) return std::string(asked);
    return fmt::format("{} {}/{}/_history/{}", verb, entry.type, entry.id, *entry.answer->version);
}

bool may_observe(const WriteJob& job) {
    return std::ranges::any_of(job.entries(), [](const WriteEntry& entry) {
        const auto& method = entry.request.method;
        return entry.type == "Observation" && method != "GET" &&
               (method != "POST" || is_of_device(entry));
    });
}

bool has_observed(const WriteJob& job) {
    return std::ranges::any_of(job.entries(), [](const WriteEntry& entry) {
        const bool is_later = entry.answer && entry.answer->version.value_or(1) > 1;
        return entry.type == "Observation" && entry.request.method != "GET" &&
               (is_later || is_of_device(entry));
    });
}

}  // namespace vigil::fhir

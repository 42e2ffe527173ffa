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

bool is_conditional(const Request& request) {
    return request.segments.size() == 1 && !request.query.empty();
}

bool is_error(const Issue& issue) {
    return issue.severity == Severity::error || issue.severity == Severity::fatal;
}

// What whoever wrote it is to be told of a resource that is kept.
Answer<std::vector<Issue>> check_valid(JsonValue resource, const RestContext& context) {
    if (context.validation == ValidationMode::off || !context.validate) return std::vector<Issue>();
    auto issues = context.validate(resource, {});
    if (context.validation == ValidationMode::enforce && std::ranges::any_of(issues, is_error))
        return as_refusal(Problem{.status = 422, .issues = std::move(issues)});
    for (auto& issue : issues)
        if (is_error(issue)) issue.severity = Severity::warning;
    return issues;
}

Answer<void> check_body(const WriteEntry& entry) {
    const auto& resource = *entry.resource;
    if (resource.type() != entry.type)
        return refuse(400, "invalid",
                      fmt::format("a {} was sent to the address of {}",
                                  resource.type().substr(0, 64), entry.type),
                      "resourceType");
    const bool names_one = entry.request.method == "PUT" && !is_conditional(entry.request);
    if (names_one && resource.id().empty())
        return refuse(400, "required", "the resource of an update has the id of its address",
                      fmt::format("{}.id", entry.type));
    if (names_one && resource.id() != entry.id)
        return refuse(400, "invalid", "the id in the resource is not that of the address",
                      fmt::format("{}.id", entry.type));
    if (!resource.id().empty() && !is_id(resource.id()))
        return refuse(400, "value", "an id is 1 to 64 letters, digits, - and .",
                      fmt::format("{}.id", entry.type));
    return {};
}

// The query of "If-None-Exist: identifier=…"; people put "Patient?" or "?" before it.
Parameters condition_of(std::string_view text) {
    const auto question = text.find('?');
    return read_form(question == std::string_view::npos ? text : text.substr(question + 1));
}

tl::unexpected<Problem> several(std::string_view type) {
    return refuse(412, "multiple-matches",
                  fmt::format("the condition leads to more than one {}: make it narrower", type));
}

}  // namespace

Answer<WriteEntry> read_entry(Request request, const RestContext& context) {
    WriteEntry entry;
    entry.type = request.segment(0);
    entry.id = request.segment(1);
    if (!context.definitions.is_resource_type(entry.type))
        return refuse(
            404, "not-supported",
            fmt::format("there is no resource type {} in FHIR R4", entry.type.substr(0, 64)));
    const bool to_type = request.segments.size() == 1, to_one = request.segments.size() == 2;
    const auto& method = request.method;
    const bool known = (method == "POST" && to_type) ||
                       (to_one && (method == "PUT" || method == "DELETE" || method == "PATCH")) ||
                       (to_type && !request.query.empty() &&
                        (method == "PUT" || method == "DELETE" || method == "PATCH"));
    if (!known)
        return refuse(405, "not-supported",
                      fmt::format("{} does nothing at this address", method.substr(0, 16)));
    if (to_one && !is_id(entry.id))
        return refuse(400, "value", "an id is 1 to 64 letters, digits, - and .");
    if (method == "POST" || method == "PUT") {
        FHIR_TRY(resource, Resource::parse(std::move(request.body)));
        entry.resource = std::move(resource);
    }
    entry.request = std::move(request);
    if (entry.resource) FHIR_CHECK(check_body(entry));
    return entry;
}

bool WriteJob::looks_into_store(const WriteEntry& entry) const {
    if (entry.request.method == "GET") return false;
    return entry.request.if_none_exist || is_conditional(entry.request) ||
           entry.request.method == "PATCH";
}

void WriteJob::use(std::shared_ptr<const RestContext> context) {
    if (context == context_) return;
    context_ = std::move(context);
    for (auto& entry : entries_) entry.prepared.reset();
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

bool WriteJob::refers_conditionally() const {
    return std::ranges::any_of(entries_, [](const WriteEntry& entry) {
        // "Patient?identifier=…" as a reference: cheap to suspect, and a suspicion costs little.
        return entry.resource && !entry.full_url.empty() &&
               entry.resource->text().find("?") != std::string::npos;
    });
}

Answer<void> WriteJob::prepare() {
    if (std::ranges::any_of(entries_, [&](const auto& one) { return looks_into_store(one); }) ||
        refers_conditionally())
        return {};
    for (auto& entry : entries_) {
        if (!entry.resource) continue;
        if (entry.request.method == "POST") {
            entry.id = context_->new_id();
            entry.is_new = true;
        }
        link(entry);
    }
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (!entries_[i].resource) continue;
        if (auto made = make_put(entries_[i], nullptr); !made)
            return as_refusal(at_entry(i, std::move(made).error()));
    }
    return {};
}

// What a reference in a transaction leads to; nothing: it stays as it is.
Answer<std::optional<std::string>> WriteJob::referred(std::string_view text,
                                                      store::RecordReader* reader) {
    if (const auto known = links_.find(text); known != links_.end()) return known->second;
    const auto question = text.find('?');
    if (reader == nullptr || question == std::string_view::npos) return std::nullopt;
    const auto type = text.substr(0, question);
    if (!context_->definitions.is_resource_type(type)) return std::nullopt;
    FHIR_TRY(found, matches(type, read_form(text.substr(question + 1)), *reader, *context_));
    if (found.size() == 1) return fmt::format("{}/{}", type, found.front().id);
    return refuse(412, found.empty() ? "not-found" : "multiple-matches",
                  fmt::format("the reference to {} leads to {} resource", type,
                              found.empty() ? "no" : "more than one"));
}

Answer<void> WriteJob::make_put(WriteEntry& entry, store::RecordReader* reader) {
    if (entry.type == "Subscription" && !entry.request.by_server && context_->admit_subscription) {
        FHIR_TRY(admitted, context_->admit_subscription(entry.resource->json()));
        entry.resource = std::move(admitted);
    }
    std::optional<Problem> problem;
    ReplaceMember replace;
    if (!entry.full_url.empty() && (reader != nullptr || !links_.empty()))
        replace = [&](JsonWriter& json, std::string_view key, JsonValue value) {
            if (problem || !value.is(JsonKind::string) || value.text().size() > 4096) return false;
            auto to = referred(value.text(), key == "reference" ? reader : nullptr);
            if (!to) problem = std::move(to).error();
            if (!to || !*to) return false;
            json.key(key).text(**to);
            return true;
        };
    store::RecordPut put{.type = entry.type,
                         .id = entry.id,
                         .subject = {},
                         .method = entry.request.method,
                         .body = stored_body(entry.resource->json(), entry.id, replace),
                         .rows = {},
                         .narrative = {},
                         .content = {}};
    if (problem) return as_refusal(std::move(*problem));
    // Where nothing was replaced it is found by what was sent.
    std::optional<Resource> rewritten;
    if (replace) {
        std::string text;
        append_resource(text, put.body, 1, context_->now());
        FHIR_TRY(resource, Resource::parse(std::move(text)));
        rewritten = std::move(resource);
    }
    FHIR_TRY(hints, check_valid((rewritten ? *rewritten : *entry.resource).json(), *context_));
    entry.hints = std::move(hints);
    if (entry.type == "SearchParameter")
        FHIR_CHECK(check_definition((rewritten ? *rewritten : *entry.resource).json(), *context_));
    FHIR_TRY(extracted,
             extract((rewritten ? *rewritten : *entry.resource).json(), context_->extraction()));
    put.rows = std::move(extracted.rows);
    put.narrative = std::move(extracted.narrative);
    put.content = std::move(extracted.content);
    entry.prepared = std::move(put);
    return {};
}

Answer<std::vector<std::size_t>> new_patients(std::vector<WriteEntry>& entries,
                                              store::RecordReader& reader,
                                              const PatientNumbers& numbers,
                                              const RestContext& context) {
    std::vector<std::size_t> fresh;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto& entry = entries[i];
        if (entry.type != "Patient" || !entry.resource) continue;
        const auto& request = entry.request;
        if (request.method == "PUT" && !is_conditional(request)) {
            if (numbers.number(entry.id)) continue;
            FHIR_TRY(current, reader.get("Patient", entry.id));
            if (current && current->subject) continue;
        } else if (request.if_none_exist || is_conditional(request)) {
            const auto query =
                request.if_none_exist ? condition_of(*request.if_none_exist) : request.query;
            FHIR_TRY(found, matches("Patient", query, reader, context));
            if (!found.empty()) continue;
        }
        fresh.push_back(i);
    }
    return fresh;
}

Demographics demographics_of(const WriteEntry& entry) {
    auto out = demographics_of(entry.resource->json());
    if (entry.request.method == "PUT" && !is_conditional(entry.request)) out.id = entry.id;
    return out;
}

Answer<void> WriteJob::run(store::RecordTransaction& transaction) {
    new_numbers_.clear();
    for (auto& entry : entries_) {
        entry.answer.reset();
        if (looks_into_store(entry)) entry.prepared.reset();
    }
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        auto& entry = entries_[i];
        FHIR_CHECK(resolve(i, transaction));
        if (entry.resource && entry.id.empty()) {
            entry.id = context_->new_id();
            entry.is_new = true;
        }
        link(entry);
        if (const auto number = patients_.find(i); number != patients_.end())
            new_numbers_.insert_or_assign(entry.id, number->second);
    }
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
    for (const auto& [id, number] : new_numbers_) numbers_.add(id, number);
}

Answer<void> WriteJob::perform(std::size_t index, store::RecordTransaction& transaction) {
    auto& entry = entries_[index];
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
    if (!entry.prepared) FHIR_CHECK(make_put(entry, &transaction));
    if (entry.type == "SearchParameter")
        FHIR_CHECK(check_code_is_free(entry.resource->json(), entry.id, transaction));
    FHIR_TRY(subject_number, subject(index, transaction));
    entry.prepared->subject = subject_number;
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

Response written_response(const store::Record& record, std::string_view body, bool created,
                          const Request& request, const std::vector<Issue>& hints) {
    Response response{
        .status = created ? 201 : 200,
        .body = {},
        .version = record.version,
        .last_modified = record.updated,
        .location = fmt::format("{}/{}/_history/{}", record.type, record.id, record.version)};
    switch (request.returned.value_or(Returned::representation)) {
        case Returned::representation:
            append_resource(response.body, body, record.version, record.updated);
            break;
        case Returned::outcome: {
            auto issues = hints;
            issues.push_back({.severity = Severity::information,
                              .code = "informational",
                              .diagnostics = created ? "created" : "updated",
                              .expression = {}});
            response.body = outcome(issues);
            break;
        }
        case Returned::minimal:
            break;
    }
    return response;
}

}  // namespace vigil::fhir

#include "fhir/rest/write_entry.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fhir/audit/event_writer.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/view/view_id.hpp"

namespace vigil::fhir {
namespace {

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

bool has_search(JsonValue value, const std::function<bool(std::string_view)>& is_so) {
    for (auto part = value.begin(); part != value.end(); ++part) {
        const auto text = (*part).string();
        const bool is_search =
            part.key() == "reference" && text.find('?') != std::string_view::npos;
        if (is_search ? is_so(text) : has_search(*part, is_so)) return true;
    }
    return false;
}

}  // namespace

bool is_conditional(const Request& request) {
    return request.segments.size() == 1 && !request.query.empty();
}

std::string place_in(std::string_view type, std::string_view pointer) {
    std::string place(type);
    while (!pointer.empty()) {
        const auto part = pointer.substr(1, pointer.find('/', 1) - 1);
        const bool is_number = !part.empty() && part.find_first_not_of("0123456789") == part.npos;
        place += is_number ? fmt::format("[{}]", part) : fmt::format(".{}", part);
        pointer.remove_prefix(part.size() + 1);
    }
    return place;
}

bool refers_conditionally(const Resource& resource,
                          const std::function<bool(std::string_view)>& is_so) {
    return resource.text().find('?') != std::string::npos && has_search(resource.json(), is_so);
}

Parameters condition_of(std::string_view text) {
    const auto question = text.find('?');
    return read_form(question == std::string_view::npos ? text : text.substr(question + 1));
}

Answer<void> check_not_made(std::string_view type, std::string_view id) {
    if (type == "Communication" && read_alarm_id(id))
        return refuse(405, "not-supported",
                      fmt::format("Communication/{} is what this server knows of an alarm: nobody "
                                  "changes it, and nothing else gets its id",
                                  id));
    if (type != "AuditEvent" || !read_audit_event_id(id)) return {};
    return refuse(405, "not-supported",
                  fmt::format("AuditEvent/{} is a line of this server's audit: nobody changes it, "
                              "and nothing else gets its id",
                              id));
}

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
    FHIR_CHECK(check_not_made(entry.type, entry.id));
    if (method == "POST" || method == "PUT") {
        FHIR_TRY(resource, Resource::parse(std::move(request.body)));
        entry.resource = std::move(resource);
    }
    entry.request = std::move(request);
    if (entry.resource) FHIR_CHECK(check_body(entry));
    return entry;
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

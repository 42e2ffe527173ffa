#include "fhir/rest/reading.hpp"

#include <fmt/format.h>

#include "fhir/resource/resource.hpp"
#include "fhir/rest/subset.hpp"

namespace vigil::fhir {
namespace {

tl::unexpected<Problem> not_here(std::string_view type, std::string_view id) {
    return refuse(404, "not-found", fmt::format("there is no {}/{}", type, id.substr(0, 64)));
}

tl::unexpected<Problem> deleted(const store::Record& record) {
    return refuse(410, "deleted",
                  fmt::format("{}/{} was deleted at {}; its history is kept", record.type,
                              record.id, instant(record.updated)));
}

std::optional<Timestamp> http_time(std::string_view text) {
    // "Wed, 21 Oct 2015 07:28:00 GMT" (RFC 9110 5.6.7); FHIR instants are taken too.
    std::tm parts{};
    if (strptime(std::string(text).c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) != nullptr)
        return std::chrono::system_clock::from_time_t(timegm(&parts));
    const auto read = parse_rfc3339(text);
    return read ? std::optional(read->instant) : std::nullopt;
}

bool not_modified(const Request& request, const store::Record& record) {
    if (request.if_none_match)
        return version_of_entity_tag(*request.if_none_match) == record.version;
    if (!request.if_modified_since) return false;
    const auto since = http_time(*request.if_modified_since);
    return since && std::chrono::floor<std::chrono::seconds>(record.updated) <= *since;
}

Answer<Subset> subset_wanted(const Request& request) {
    Subset subset;
    if (const auto summary = request.parameter("_summary")) {
        if (*summary == "true") subset.summary = Summary::yes;
        if (*summary == "text") subset.summary = Summary::text;
        if (*summary == "data") subset.summary = Summary::data;
    }
    if (const auto elements = request.parameter("_elements"))
        for (const auto one : split_escaped(*elements, ',')) subset.elements.emplace_back(one);
    return subset;
}

Answer<Response> answer_resource(const Request& request, const store::Record& record,
                                 const RestContext& context) {
    Response response{.status = 200,
                      .body = {},
                      .version = record.version,
                      .last_modified = record.updated,
                      .location = {}};
    if (not_modified(request, record)) {
        response.status = 304;
        return response;
    }
    FHIR_TRY(subset, subset_wanted(request));
    response.body = resource_text(record);
    if (!subset.whole()) response.body = subset_of(response.body, subset, context.definitions);
    return response;
}

// Patient/12/Observation: what belongs to a compartment (3.1.1.2).
Answer<store::Condition> compartment(std::string_view compartment_type, std::string_view id,
                                     std::string_view type, const RestContext& context) {
    const auto* membership = context.definitions.compartment(compartment_type, type);
    if (membership == nullptr)
        return refuse(
            404, "not-supported",
            fmt::format("a {} is no part of the compartment of a {}", type, compartment_type));
    store::AnyOf any;
    for (const auto parameter : membership->parameters)
        any.conditions.push_back({store::ReferenceMatch{
            std::string(parameter), {std::string(compartment_type), std::string(id), {}}}});
    return store::Condition{std::move(any)};
}

}  // namespace

std::string resource_text(const store::Record& record) {
    std::string text;
    append_resource(text, record.body, record.version, record.updated);
    return text;
}

Answer<std::vector<store::Record>> matches(std::string_view type, const Parameters& query,
                                           store::RecordReader& reader,
                                           const RestContext& context) {
    // Strict: a condition that is not understood would be met by everything.
    FHIR_TRY(search, read_search(type, query, context.search(true, reader)));
    auto& asked = search.queries.front();
    asked.count_max = 2;
    FHIR_TRY(page, reader.search(asked));
    return std::move(page.records);
}

Answer<Response> answer_read(const Request& request, store::RecordReader& reader,
                             const RestContext& context) {
    const auto type = request.segment(0), id = request.segment(1), third = request.segment(2);
    if (type.empty()) return answer_search({}, request, {}, reader, context);
    if (type == "_history") return answer_history(request, reader, context);
    if (!context.definitions.is_resource_type(type))
        return refuse(404, "not-supported",
                      fmt::format("there is no resource type {} in FHIR R4", type.substr(0, 64)));
    if (id == "_history" || third == "_history") {
        if (request.segments.size() < 4) return answer_history(request, reader, context);
        const auto version = version_of_entity_tag(request.segment(3));
        if (!version || request.segments.size() > 4) return not_here(type, id);
        FHIR_TRY(found, reader.version(type, id, *version));
        if (!found) return not_here(type, id);
        if (found->deleted) return deleted(*found);
        return answer_resource(request, *found, context);
    }
    if (id.empty()) return answer_search(type, request, {}, reader, context);
    if (third.empty()) {
        FHIR_TRY(found, reader.get(type, id));
        if (!found) return not_here(type, id);
        if (found->deleted) return deleted(*found);
        return answer_resource(request, *found, context);
    }
    if (request.segments.size() > 3 || !context.definitions.is_resource_type(third))
        return refuse(404, "not-supported", "there is nothing at this address");
    FHIR_TRY(within, compartment(type, id, third, context));
    return answer_search(third, request, {std::move(within)}, reader, context);
}

}  // namespace vigil::fhir

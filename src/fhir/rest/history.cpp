// Histories of a resource, a type and the whole server (R4 3.1.0.9): newest first.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "fhir/resource/date.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/page_size.hpp"
#include "fhir/rest/reading.hpp"

namespace vigil::fhir {
namespace {

Answer<Timestamp> time_of(const Request& request, std::string_view name) {
    const auto span = read_date(*request.parameter(name));
    if (!span) return refuse(400, "value", fmt::format("{} is a date or an instant", name));
    return span->start;
}

Answer<store::HistoryQuery> read_query(const Request& request, const RestContext& context) {
    store::HistoryQuery query;
    query.count_max = context.limits.search.page_default;
    if (request.segment(0) != "_history") query.type = request.segment(0);
    if (request.segment(1) != "_history") query.id = request.segment(1);
    if (request.parameter("_since")) {
        FHIR_TRY(since, time_of(request, "_since"));
        query.since = since;
    }
    if (request.parameter("_at")) {
        FHIR_TRY(at, time_of(request, "_at"));
        query.at = at;
    }
    if (const auto count = request.parameter("_count")) {
        std::size_t number = 0;
        const auto [end, error] =
            std::from_chars(count->data(), count->data() + count->size(), number);
        if (error != std::errc() || end != count->data() + count->size())
            return refuse(400, "value", "_count is a whole number");
        query.count_max = std::clamp<std::size_t>(number, 1, context.limits.search.page_max);
    }
    query.after = request.parameter("_cursor").value_or("");
    return query;
}

// What the request that made a version was answered with.
std::string_view status_of(const store::Record& record) {
    if (record.deleted) return "204";
    return record.version == 1 ? "201" : "200";
}

void write_entry(JsonWriter& json, const store::Record& record, const RestContext& context) {
    const auto url =
        record.method == "POST" ? record.type : fmt::format("{}/{}", record.type, record.id);
    json.begin_object().member("fullUrl",
                               fmt::format("{}/{}/{}", context.base, record.type, record.id));
    if (!record.deleted) json.key("resource").verbatim(resource_text(record));
    json.key("request")
        .begin_object()
        .member("method", record.method)
        .member("url", url)
        .end_object();
    json.key("response")
        .begin_object()
        .member("status", status_of(record))
        .member("etag", entity_tag(record.version))
        .member("lastModified", instant(record.updated))
        .end_object();
    json.end_object();
}

// A few at a time: large versions make shorter pages.
Result<store::RecordPage> page_of(store::HistoryQuery query, store::RecordReader& reader) {
    constexpr std::size_t first = 5;  // versions of one resource are large together
    PageSize size(query.count_max, first);
    store::RecordPage page;
    do {
        query.count_max = size.step();
        VIGIL_TRY(found, reader.history(query));
        size.add(found.records);
        std::ranges::move(found.records, std::back_inserter(page.records));
        query.after = found.next;
        page.next = std::move(found.next);
    } while (!page.next.empty() && !size.is_full());
    return page;
}

}  // namespace

Answer<Response> answer_history(const Request& request, store::RecordReader& reader,
                                const RestContext& context) {
    FHIR_TRY(query, read_query(request, context));
    if (!query.id.empty()) {
        FHIR_TRY(current, reader.get(query.type, query.id));
        if (!current)
            return refuse(
                404, "not-found",
                fmt::format("there never was a {}/{}", query.type, query.id.substr(0, 64)));
    }
    FHIR_TRY(page, page_of(std::move(query), reader));
    auto address = context.base;
    for (const auto& segment : request.segments) address += "/" + segment;
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("resourceType", "Bundle").member("type", "history");
    json.key("link").begin_array();
    const auto link = [&](std::string_view relation, const Parameters& parameters) {
        const auto written = query_text(parameters);
        json.begin_object()
            .member("relation", relation)
            .member("url", fmt::format("{}{}{}", address, written.empty() ? "" : "?", written))
            .end_object();
    };
    link("self", request.query);
    if (!page.next.empty()) {
        auto following = request.query;
        std::erase_if(following, [](const auto& one) { return one.first == "_cursor"; });
        following.emplace_back("_cursor", page.next);
        link("next", following);
    }
    json.end_array();
    if (!page.records.empty()) {
        json.key("entry").begin_array();
        for (const auto& record : page.records) write_entry(json, record, context);
        json.end_array();
    }
    json.end_object();
    return Response{
        .status = 200, .body = std::move(text), .version = {}, .last_modified = {}, .location = {}};
}

}  // namespace vigil::fhir

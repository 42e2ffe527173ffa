// Patient/$match (http://hl7.org/fhir/R4/patient-operation-match.html). Candidates are found in the
// index: by an identifier, a birth date (also with day and month swapped), both names in either
// order, or a phone number or email address as it is written. Somebody with a slip in a name and
// another in the birth date, and nothing else in common, is not found.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "fhir/operation/operation_input.hpp"
#include "fhir/operation/operations.hpp"
#include "fhir/operation/patient_match.hpp"
#include "fhir/resource/date.hpp"
#include "fhir/rest/reading.hpp"

namespace vigil::fhir {
namespace {

using store::Condition;

// Of people who are alike in one respect: more say that it tells too little.
constexpr std::size_t candidates_max = 1'000;

Condition name_begins(std::string text) {
    return {store::StringMatch{.parameter = "name", .text = std::move(text)}};
}

void by_date(const std::string& date, std::vector<Condition>& ways) {
    const auto span = read_date(date);
    // A year or a month alone would find very many.
    const bool is_day = span && span->end - span->start <= std::chrono::hours(24);
    if (is_day)
        ways.push_back(
            {store::DateMatch{"birthdate", store::Comparison::equal, {span->start, span->end}}});
}

// How candidates may be alike.
std::vector<Condition> ways_to_find(const Person& person, JsonValue patient) {
    std::vector<Condition> ways;
    ways.reserve(person.identifiers.size());
    for (const auto& one : person.identifiers)
        ways.push_back({store::TokenMatch{"identifier", one.system, one.value}});
    by_date(person.birth_date, ways);
    by_date(day_and_month_swapped(person.birth_date), ways);
    for (const auto& name : person.names) {
        if (name.family.empty() || name.given.empty()) {
            ways.push_back(name_begins(name.family.empty() ? name.given.front() : name.family));
            continue;
        }
        const auto& given = name.given.front();
        ways.push_back({store::AllOf{{name_begins(name.family), name_begins(given)}}});
        ways.push_back(name_begins(fmt::format("{} {}", given, name.family)));  // of a text alone
        ways.push_back(name_begins(fmt::format("{}, {}", name.family, given)));
    }
    std::size_t contacts = 0;
    for (const auto telecom : patient["telecom"]) {
        if (contacts++ == Person::of_each_max) break;
        const auto value = telecom["value"].string();
        if (!value.empty()) ways.push_back({store::TokenMatch{"telecom", {}, std::string(value)}});
    }
    return ways;
}

struct Found {
    store::Record record;
    Likeness likeness;
};

struct Candidates {
    std::map<std::string, store::Record> by_id;
    bool is_whole = true;
};

Answer<Candidates> find_candidates(const std::vector<Condition>& ways, ViewReader& reader) {
    Candidates candidates;
    for (const auto& way : ways) {
        FHIR_TRY(page, reader.search({.type = "Patient",
                                      .where = way,
                                      .sort = {},
                                      .after = {},
                                      .count_max = candidates_max}));
        if (!page.next.empty()) {
            candidates.is_whole = false;
            continue;  // which of them come first says nothing about who it is
        }
        for (auto& record : page.records) {
            auto id = record.id;
            candidates.by_id.emplace(std::move(id), std::move(record));
        }
    }
    return candidates;
}

std::vector<Found> graded(Candidates candidates, const Person& asked, bool only_certain) {
    std::vector<Found> found;
    for (auto& [id, record] : candidates.by_id) {
        const auto resource = Resource::parse(resource_text(record));
        if (!resource) continue;
        const auto like = likeness(asked, person_of(resource->json()));
        const auto least = only_certain ? Grade::certain : Grade::possible;
        if (like.grade <= least) found.push_back({std::move(record), like});
    }
    // Two that are certain are not: "should not return the results with this flag set to true".
    if (only_certain && found.size() > 1) found.clear();
    std::ranges::sort(found, [](const Found& a, const Found& b) {
        return std::tie(a.likeness.grade, b.likeness.score, a.record.id) <
               std::tie(b.likeness.grade, a.likeness.score, b.record.id);
    });
    return found;
}

void write_match(JsonWriter& json, const Found& one, const RestContext& context) {
    json.begin_object()
        .member("fullUrl", fmt::format("{}/Patient/{}", context.base, one.record.id))
        .key("resource")
        .verbatim(resource_text(one.record));
    json.key("search").begin_object();
    json.key("extension")
        .begin_array()
        .begin_object()
        .member("url", "http://hl7.org/fhir/StructureDefinition/match-grade")
        .member("valueCode", to_string(one.likeness.grade))
        .end_object()
        .end_array();
    json.member("mode", "match").key("score").verbatim(fmt::format("{:.3g}", one.likeness.score));
    json.end_object().end_object();
}

void write_warning(JsonWriter& json) {
    json.begin_object().key("resource");
    write_outcome(json,
                  {{.severity = Severity::warning,
                    .code = "too-costly",
                    .diagnostics = fmt::format("more than {} Patients share one of the things "
                                               "asked by, which was passed over: say more",
                                               candidates_max),
                    .expression = {}}});
    json.key("search").begin_object().member("mode", "outcome").end_object().end_object();
}

}  // namespace

Answer<Response> answer_match(const Request& request, ViewReader& reader,
                              const RestContext& context) {
    FHIR_TRY(input, OperationInput::read(request));
    const auto patient = input.resource("resource");
    if (patient["resourceType"].string() != "Patient")
        return refuse(400, "required",
                      "$match takes a Patient: Parameters with resource, or itself", "resource");
    FHIR_TRY(only_certain, input.boolean("onlyCertainMatches"));
    FHIR_TRY(count, input.positive("count"));
    const auto asked = person_of(patient);
    const auto ways = ways_to_find(asked, patient);
    if (ways.empty())
        return refuse(
            400, "required",
            "the Patient says nothing to find somebody by: an identifier, a name, a birth "
            "date, a phone number or email address",
            "resource");
    FHIR_TRY(candidates, find_candidates(ways, reader));
    const bool is_whole = candidates.is_whole;
    const auto found = graded(std::move(candidates), asked, only_certain.value_or(false));
    const auto shown = static_cast<std::size_t>(
        std::min<std::uint64_t>({found.size(), count.value_or(context.limits.search.page_default),
                                 context.limits.search.page_max}));
    std::string body;
    JsonWriter json(body);
    json.begin_object()
        .member("resourceType", "Bundle")
        .member("type", "searchset")
        .member("total", found.size());
    if (shown > 0 || !is_whole) {
        json.key("entry").begin_array();
        for (std::size_t i = 0; i < shown; ++i) write_match(json, found[i], context);
        if (!is_whole) write_warning(json);
        json.end_array();
    }
    json.end_object();
    return Response{
        .status = 200, .body = std::move(body), .version = {}, .last_modified = {}, .location = {}};
}

}  // namespace vigil::fhir

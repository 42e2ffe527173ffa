// Patient/[id]/$everything and Encounter/[id]/$everything: the compartment, and what it refers to.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "fhir/operation/operations.hpp"
#include "fhir/resource/date.hpp"
#include "fhir/rest/reading.hpp"

namespace vigil::fhir {
namespace {

struct Wanted {
    std::optional<DateSpan> start, end, since;
    std::vector<std::string> types;
};

Answer<Wanted> read_wanted(const Request& request, const Definitions& definitions) {
    Wanted wanted;
    const auto date = [&](std::string_view name, std::optional<DateSpan>& out) -> Answer<void> {
        const auto text = request.parameter(name);
        if (!text) return {};
        auto span = read_date(*text);
        if (!span) return refuse(400, "value", fmt::format("{} is a date", name));
        out = *span;
        return {};
    };
    FHIR_CHECK(date("start", wanted.start));
    FHIR_CHECK(date("end", wanted.end));
    FHIR_CHECK(date("_since", wanted.since));
    for (const auto& [name, value] : request.query) {
        if (name != "_type") continue;
        for (const auto type : split_escaped(value, ',')) {
            if (!definitions.is_resource_type(type))
                return refuse(
                    400, "value",
                    fmt::format("_type: there is no resource type {}", type.substr(0, 64)));
            wanted.types.emplace_back(type);
        }
    }
    return wanted;
}

// The parameter by which a type tells when it was: start and end of the operation look at it.
std::string_view date_parameter(std::string_view type, const SearchParameters& parameters) {
    for (const auto* name :
         {"date", "period", "authored", "authoredon", "effective-time", "effective",
          "recorded-date", "onset-date", "created", "issued", "sent"}) {
        const auto* known = parameters.find(type, name);
        if (known != nullptr && known->type == SearchType::date) return name;
    }
    return {};
}

store::RecordQuery query_of(std::string_view type, store::Condition within, const Wanted& wanted,
                            const SearchParameters& parameters) {
    store::AllOf all{{std::move(within)}};
    using store::Comparison;
    if (wanted.since)
        all.conditions.push_back({store::UpdatedMatch{Comparison::greater_equal,
                                                      {wanted.since->start, wanted.since->end}}});
    const auto date = std::string(date_parameter(type, parameters));
    if (!date.empty() && wanted.start)
        all.conditions.push_back({store::DateMatch{
            date, Comparison::greater_equal, {wanted.start->start, wanted.start->end}}});
    if (!date.empty() && wanted.end)
        all.conditions.push_back(
            {store::DateMatch{date, Comparison::less_equal, {wanted.end->start, wanted.end->end}}});
    return {.type = std::string(type),
            .where = {std::move(all)},
            .sort = {},
            .after = {},
            .count_max = 50};
}

}  // namespace

Answer<Response> answer_everything(const Request& request, ViewReader& reader,
                                   const RestContext& context) {
    const auto type = request.segment(0), id = request.segment(1);
    const auto& rest = context;
    FHIR_TRY(self, reader.get(type, id));
    if (!self || self->deleted)
        return refuse(self ? 410 : 404, self ? "deleted" : "not-found",
                      fmt::format("there is no {}/{}", type, id.substr(0, 64)));
    FHIR_TRY(wanted, read_wanted(request, rest.definitions));
    SearchRequest search;
    search.count_max = rest.limits.search.page_default;
    for (const auto& [name, value] : request.query) {
        if (name == "_cursor") {
            search.cursor = value;
            continue;
        }
        if (name == "_count") {
            std::size_t count = 0;
            std::from_chars(value.data(), value.data() + value.size(), count);
            search.count_max = std::clamp<std::size_t>(count, 1, rest.limits.search.page_max);
        }
        search.used.emplace_back(name, value);
    }
    const auto add = [&](std::string_view of_type, store::Condition within) {
        search.types.emplace_back(of_type);
        search.queries.push_back(query_of(of_type, std::move(within), wanted, rest.parameters));
    };
    const auto is_wanted = [&](std::string_view of_type) {
        return wanted.types.empty() ||
               std::ranges::find(wanted.types, of_type) != wanted.types.end();
    };
    // Itself first, whenever it was written.
    if (is_wanted(type)) {
        search.types.emplace_back(type);
        search.queries.push_back({.type = std::string(type),
                                  .where = {store::IdMatch{std::string(id)}},
                                  .sort = {},
                                  .after = {},
                                  .count_max = 1});
    }
    for (const auto* each : rest.definitions.resource_types()) {
        const auto* membership = rest.definitions.compartment(type, each->name);
        if (membership == nullptr || each->name == type || !is_wanted(each->name)) continue;
        store::AnyOf any;
        for (const auto parameter : membership->parameters)
            any.conditions.push_back({store::ReferenceMatch{
                std::string(parameter), {std::string(type), std::string(id), {}}}});
        add(each->name, {std::move(any)});
    }
    // What the record needs to be read: who wrote it, where, with what.
    if (wanted.types.empty())
        for (const auto* target : {"Practitioner", "PractitionerRole", "Organization", "Location",
                                   "Medication", "Device"})
            search.includes.push_back({.source = {}, .parameter = "*", .target = target});
    return answer_page(search, fmt::format("{}/{}/{}/$everything", rest.base, type, id), reader,
                       rest);
}

}  // namespace vigil::fhir

#include "fhir/rest/context.hpp"

#include <fmt/format.h>

#include "fhir/rest/reading.hpp"

namespace vigil::fhir {
namespace {

constexpr std::size_t codes_max = 9'000;      // that one parameter may stand for
constexpr std::size_t locations_max = 5'000;  // that are measured for one

using Codes = std::vector<store::TokenValue>;

tl::unexpected<Problem> too_many(std::string_view what) {
    return refuse(400, "too-costly",
                  fmt::format("{} stands for more than {} codes: that is too many to search by",
                              what, codes_max));
}

// A value set's url, or its address on this server.
Answer<Codes> codes_in(std::string_view url, std::string_view base,
                       terminology::RecordLibrary& library) {
    if (url.starts_with(base) && url.substr(base.size()).starts_with("/ValueSet/"))
        url.remove_prefix(base.size() + 1);
    terminology::Budget budget;
    FHIR_TRY(set, library.composed(url, {}, budget));
    if (!set)
        return refuse(404, "not-found",
                      fmt::format("the value set {} is not on this server", url.substr(0, 256)));
    FHIR_TRY(members, terminology::members(*set, budget));
    if (members.size() > codes_max) return too_many(url);
    Codes codes;
    for (const auto& member : members)
        codes.push_back({std::string(member.system), std::string(member.code)});
    return codes;
}

Answer<Codes> codes_related(const store::TokenValue& to, bool below,
                            terminology::RecordLibrary& library) {
    FHIR_TRY(system, library.code_system(to.system, {}));
    if (!system)
        return refuse(404, "not-found",
                      fmt::format("the code system {} is not on this server", to.system));
    if (!system->hierarchy_subsumes())
        return refuse(400, "not-supported",
                      fmt::format("the hierarchy of {} is {}: it has no :above and :below",
                                  to.system, system->hierarchy_meaning));
    const auto* from = system->find(to.code);
    if (from == nullptr)
        return refuse(400, "value", fmt::format("{} has no code {}", to.system, to.code));
    const auto wanted = below ? system->at_or_below(*from) : system->at_or_above(*from);
    Codes codes;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (wanted[i]) codes.push_back({to.system, std::string(system->concepts()[i].code)});
    if (codes.size() > codes_max) return too_many(to.code);
    return codes;
}

Answer<std::vector<std::string>> locations_in(const NearArea& area, store::RecordReader& reader) {
    std::vector<std::string> ids;
    std::size_t measured = 0;
    store::RecordQuery query{
        .type = "Location", .where = box_around(area), .sort = {}, .after = {}, .count_max = 500};
    do {
        FHIR_TRY(page, reader.search(query));
        for (const auto& record : page.records) {
            if (++measured > locations_max)
                return refuse(400, "too-costly",
                              fmt::format("more than {} Locations lie near there: ask for a "
                                          "smaller distance",
                                          locations_max));
            FHIR_TRY(location, Resource::parse(resource_text(record)));
            const auto position = position_of(location.json()["position"]);
            if (position && distance_m(*position, area.centre) <= area.distance_m)
                ids.push_back(record.id);
        }
        query.after = std::move(page.next);
    } while (!query.after.empty());
    return ids;
}

}  // namespace

SearchContext RestContext::search(bool strict, store::RecordReader& reader) const {
    auto context = search(strict);
    context.expand = [this, &reader](std::string_view url) -> Answer<Codes> {
        FHIR_TRY(at_hand, library(reader));
        return codes_in(url, base, at_hand);
    };
    context.related = [this, &reader](const store::TokenValue& to, bool below) -> Answer<Codes> {
        FHIR_TRY(at_hand, library(reader));
        return codes_related(to, below, at_hand);
    };
    context.nearby = [&reader](const NearArea& area) { return locations_in(area, reader); };
    return context;
}

Answer<terminology::RecordLibrary> RestContext::library(store::RecordReader& reader) const {
    if (!terms) return refuse(501, "not-supported", "this server keeps no terminology");
    return terminology::RecordLibrary(reader, terms->shelf, terms->memory, memory_as_of);
}

}  // namespace vigil::fhir

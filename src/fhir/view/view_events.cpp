// The AuditEvents that were posted and those that are lines of the audit as one: newest first.
#include <algorithm>
#include <charconv>

#include "fhir/resource/date.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/view/view_reader.hpp"

namespace vigil::fhir {
namespace {

using store::Record;
using store::RecordPage;
using store::SortKey;

// The number of the line that was last; 0: from the newest on.
std::optional<std::uint64_t> read_place(std::string_view text) {
    std::uint64_t before = 0;
    if (text.empty()) return before;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), before);
    if (error != std::errc() || end != text.data() + text.size() || before == 0 ||
        before > INT64_MAX)
        return std::nullopt;
    return before;
}

bool is_newest_first(const std::vector<SortKey>& sort) {
    if (sort.empty()) return true;
    const auto& key = sort.front();
    const bool is_time = key.by == SortKey::By::updated ||
                         (key.by == SortKey::By::parameter && key.parameter == "date");
    return sort.size() == 1 && is_time && key.descending;
}

Timestamp recorded(const Record& event) {
    if (const auto resource = Resource::parse(resource_text(event)))
        if (const auto span = read_date(resource->json()["recorded"].string())) return span->start;
    return event.updated;
}

}  // namespace

// Those that others recorded are ordinary resources. Whoever may see the lines of one patient only
// has no right to the type.
Result<RecordPage> ViewReader::posted_events(store::RecordQuery query, std::string_view after,
                                             std::size_t count_max) {
    if (events_->patient) return RecordPage();
    query.after = after;
    query.count_max = count_max;
    VIGIL_TRY(where, of_records(query.type, query.where));
    query.where = std::move(where);
    return records_.search(query);
}

Result<RecordPage> ViewReader::events(const store::RecordQuery& asked) {
    if (!is_newest_first(asked.sort))
        return fail(Error::Kind::malformed,
                    "events of the audit come newest first: _sort=-date, or none");
    auto query = asked;
    if (query.sort.empty())
        query.sort.push_back(
            {.by = SortKey::By::parameter, .parameter = "date", .descending = true});
    NewestSources sources;
    sources.views = [&](std::string_view place) -> Result<NewestViews> {
        const auto before = read_place(place);
        if (!before)
            return fail(Error::Kind::malformed, "this is no page of the search: start it again");
        VIGIL_TRY(found, sources_.events.find(query, *before, *events_, context_, *this));
        NewestViews views{.records = std::move(found.records),
                          .looked_down_to = found.looked_down_to};
        for (const auto number : found.numbers) views.places.push_back(std::to_string(number));
        if (found.before != 0) views.next = std::to_string(found.before);
        return views;
    };
    sources.records = [&](std::string_view after, std::size_t count_max) {
        return posted_events(query, after, count_max);
    };
    sources.time = recorded;
    return newest_first(query, sources);
}

}  // namespace vigil::fhir

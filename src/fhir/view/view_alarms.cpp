// The Communications that were posted and those that are alarms as one: newest first.
#include <algorithm>

#include "fhir/resource/date.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/view/view_reader.hpp"

namespace vigil::fhir {
namespace {

using store::Record;
using store::RecordPage;
using store::SortKey;

// Alarms that may be made into resources to be counted, or put in another order.
constexpr std::size_t finds_max = 4;

bool is_newest_first(const std::vector<SortKey>& sort) {
    if (sort.empty()) return true;
    const auto& key = sort.front();
    return sort.size() == 1 && key.by == SortKey::By::parameter && key.parameter == "sent" &&
           key.descending;
}

// Those that were never sent come last, as the store sorts them.
Timestamp sent(const Record& record) {
    if (const auto resource = Resource::parse(resource_text(record)))
        if (const auto span = read_date(resource->json()["sent"].string())) return span->start;
    return Timestamp::min();
}

}  // namespace

Result<RecordPage> ViewReader::alarms(const store::RecordQuery& asked) {
    if (!is_newest_first(asked.sort)) return sorted(asked);
    auto query = asked;
    if (query.sort.empty())
        query.sort.push_back(
            {.by = SortKey::By::parameter, .parameter = "sent", .descending = true});
    NewestSources sources;
    sources.views = [&](std::string_view place) -> Result<NewestViews> {
        if (!sees_readings()) return NewestViews();
        const auto before = place.empty() ? std::nullopt : read_alarm_id(place);
        if (!place.empty() && !before)
            return fail(Error::Kind::malformed, "this is no page of the search: start it again");
        VIGIL_TRY(found, sources_.alarms.find(access_, query, before, context_, *this));
        NewestViews views{.records = std::move(found.records)};
        for (const auto& each : found.places) views.places.push_back(alarm_id(each));
        if (found.next) {
            views.next = alarm_id(*found.next);
            views.looked_down_to = found.next->time;
        }
        return views;
    };
    auto of_records = query;
    VIGIL_TRY(where, this->of_records(query.type, query.where));
    of_records.where = std::move(where);
    sources.records = [&](std::string_view after, std::size_t count_max) {
        of_records.after = after;
        of_records.count_max = count_max;
        return records_.search(of_records);
    };
    sources.time = sent;
    return newest_first(query, sources);
}

Result<ViewReader::ViewPage> ViewReader::alarm_views(const store::RecordQuery& query,
                                                     std::size_t count_max) {
    ViewPage page;
    if (!sees_readings()) return page;
    auto some = query;
    some.count_max = count_max;
    VIGIL_TRY(found, sources_.alarms.find(access_, some, {}, context_, *this));
    page.records = std::move(found.records);
    page.is_last = !found.next;
    return page;
}

// Of a search all that there are, or `count_max` of them.
Result<std::vector<Record>> ViewReader::all_alarms(const store::RecordQuery& query,
                                                   std::size_t count_max) {
    std::vector<Record> out;
    if (!sees_readings()) return out;
    auto some = query;
    std::optional<AlarmPlace> before;
    for (std::size_t finds = 0; out.size() < count_max; ++finds) {
        if (finds == finds_max)
            return fail(Error::Kind::too_large,
                        "there are too many alarms for that: say whose, or since when (sent)");
        some.count_max = count_max - out.size();
        VIGIL_TRY(found, sources_.alarms.find(access_, some, before, context_, *this));
        std::ranges::move(found.records, std::back_inserter(out));
        if (!found.next) break;
        before = found.next;
    }
    return out;
}

}  // namespace vigil::fhir

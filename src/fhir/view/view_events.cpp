// The AuditEvents that were posted and those that are lines of the audit as one: newest first.
#include <fmt/format.h>

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

constexpr std::string_view all_read = "end";

// Where both go on: the number of the line that was last ("0": there are no more), and the cursor
// of the records. "e:30500~…".
struct EventCursor {
    std::uint64_t before = 0;
    bool lines_ended = false;
    std::string records;
};

std::optional<EventCursor> read_event_cursor(std::string_view text) {
    EventCursor cursor;
    if (text.empty()) return cursor;
    const auto tilde = text.find('~');
    if (!text.starts_with("e:") || tilde == std::string_view::npos) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + tilde, cursor.before);
    if (error != std::errc() || end != text.data() + tilde || cursor.before > INT64_MAX)
        return std::nullopt;
    cursor.lines_ended = cursor.before == 0;
    cursor.records = text.substr(tilde + 1);
    return cursor;
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
Result<RecordPage> ViewReader::posted_events(store::RecordQuery query, std::string after,
                                             std::size_t count_max) {
    if (after == all_read || events_->patient) return RecordPage();
    query.after = std::move(after);
    query.count_max = count_max;
    VIGIL_TRY(where, of_records(query.type, query.where));
    query.where = std::move(where);
    return records_.search(query);
}

Result<RecordPage> ViewReader::events(const store::RecordQuery& asked) {
    const auto cursor = read_event_cursor(asked.after);
    if (!cursor)
        return fail(Error::Kind::malformed, "this is no page of the search: start it again");
    if (!is_newest_first(asked.sort))
        return fail(Error::Kind::malformed,
                    "events of the audit come newest first: _sort=-date, or none");
    auto query = asked;
    if (query.sort.empty())
        query.sort.push_back(
            {.by = SortKey::By::parameter, .parameter = "date", .descending = true});
    EventPage lines;
    if (!cursor->lines_ended) {
        VIGIL_TRY(found, sources_.events.find(query, cursor->before, *events_, context_, *this));
        lines = std::move(found);
    }
    VIGIL_TRY(posted, posted_events(query, cursor->records, query.count_max));

    RecordPage out;
    std::size_t lines_taken = 0, posted_taken = 0;
    while (out.records.size() < query.count_max) {
        const bool has_line = lines_taken < lines.records.size();
        if (posted_taken < posted.records.size()) {
            const auto time = recorded(posted.records[posted_taken]);
            // What is older than all that was looked at waits for the next page.
            const bool is_next = has_line ? time > recorded(lines.records[lines_taken])
                                          : lines.before == 0 || time > lines.looked_down_to;
            if (is_next) {
                out.records.push_back(std::move(posted.records[posted_taken++]));
                continue;
            }
        }
        if (!has_line) break;
        out.records.push_back(std::move(lines.records[lines_taken++]));
    }

    auto before = lines.before;
    const bool lines_left = lines_taken < lines.records.size();
    if (lines_left)
        before = lines_taken == 0 ? lines.numbers.front() + 1 : lines.numbers[lines_taken - 1];
    std::string records(all_read);
    if (posted_taken == posted.records.size()) {
        if (!posted.next.empty()) records = std::move(posted.next);
    } else if (posted_taken == 0) {
        records = cursor->records;
    } else {  // the store's cursors stand at the ends of pages
        VIGIL_TRY(page, posted_events(query, cursor->records, posted_taken));
        if (!page.next.empty()) records = std::move(page.next);
    }
    const bool is_last = before == 0 && !lines_left && records == all_read;
    if (!is_last) out.next = fmt::format("e:{}~{}", before, records);
    return out;
}

}  // namespace vigil::fhir

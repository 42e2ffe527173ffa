// Records and views that are read from the newest on, as one.
#include <fmt/format.h>

#include "fhir/view/view_reader.hpp"

namespace vigil::fhir {
namespace {

using store::RecordPage;

constexpr std::string_view all_read = "end";

// Where both go on: after which view (empty: none yet; "end": there are no more), and the cursor of
// the records, likewise. "e:30500~…".
struct NewestCursor {
    std::string place, records;
};

std::optional<NewestCursor> read_newest_cursor(std::string_view text) {
    if (text.empty()) return NewestCursor();
    const auto tilde = text.find('~');
    if (!text.starts_with("e:") || tilde == std::string_view::npos) return std::nullopt;
    return NewestCursor{.place = std::string(text.substr(2, tilde - 2)),
                        .records = std::string(text.substr(tilde + 1))};
}

}  // namespace

Result<RecordPage> ViewReader::newest_first(const store::RecordQuery& query,
                                            const NewestSources& sources) {
    const auto cursor = read_newest_cursor(query.after);
    if (!cursor)
        return fail(Error::Kind::malformed, "this is no page of the search: start it again");
    NewestViews views;
    if (cursor->place != all_read) {
        VIGIL_TRY(found, sources.views(cursor->place));
        views = std::move(found);
    }
    RecordPage kept;
    if (cursor->records != all_read) {
        VIGIL_TRY(found, sources.records(cursor->records, query.count_max));
        kept = std::move(found);
    }

    RecordPage out;
    std::size_t views_taken = 0, kept_taken = 0;
    while (out.records.size() < query.count_max) {
        const bool has_view = views_taken < views.records.size();
        if (kept_taken < kept.records.size()) {
            const auto time = sources.time(kept.records[kept_taken]);
            // What is older than all that was looked at waits for the next page.
            const bool is_next = has_view ? time > sources.time(views.records[views_taken])
                                          : views.next.empty() || time > views.looked_down_to;
            if (is_next) {
                out.records.push_back(std::move(kept.records[kept_taken++]));
                continue;
            }
        }
        if (!has_view) break;
        out.records.push_back(std::move(views.records[views_taken++]));
    }

    auto place = views.next.empty() ? std::string(all_read) : views.next;
    if (views_taken < views.records.size())
        place = views_taken == 0 ? cursor->place : views.places[views_taken - 1];
    std::string records(all_read);
    if (kept_taken == kept.records.size()) {
        if (!kept.next.empty()) records = std::move(kept.next);
    } else if (kept_taken == 0) {
        records = cursor->records;
    } else {  // the store's cursors stand at the ends of pages
        VIGIL_TRY(page, sources.records(cursor->records, kept_taken));
        if (!page.next.empty()) records = std::move(page.next);
    }
    const bool is_last = place == all_read && records == all_read;
    if (!is_last) out.next = fmt::format("e:{}~{}", place, records);
    return out;
}

}  // namespace vigil::fhir

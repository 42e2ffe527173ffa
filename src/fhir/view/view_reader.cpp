#include "fhir/view/view_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "fhir/resource/date.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"

namespace vigil::fhir {
namespace {

using store::Record;
using store::RecordPage;

tl::unexpected<Error> no_cursor() {
    return fail(Error::Kind::malformed, "this is no page of the search: start it again");
}

// Sorted by when it was, or when it was written: for readings the same order but for what came
// late.
bool sorts_by_time(const store::RecordQuery& query) {
    if (query.type != "Observation" || query.sort.empty()) return false;
    const auto& key = query.sort.front();
    return key.by == store::SortKey::By::updated ||
           (key.by == store::SortKey::By::parameter && key.parameter == "date");
}

// What a merge compares: when the Observation was, or its version was made.
Timestamp time_of(const Record& record, const store::SortKey& key) {
    if (key.by == store::SortKey::By::updated) return record.updated;
    const auto none = key.descending ? Timestamp::min() : Timestamp::max();  // those come last
    const auto resource = Resource::parse(resource_text(record));
    if (!resource) return none;
    const auto json = resource->json();
    for (const auto text : {json["effectiveDateTime"].string(), json["effectiveInstant"].string(),
                            json["effectivePeriod"]["start"].string()})
        if (const auto span = read_date(text)) return span->start;
    return none;
}

// Where a merge of both stands: the last view taken ("-" for none), and the cursor of the records
// ("end": there are no more).
struct MergeCursor {
    std::string view = "-", records;
    bool records_ended = false;
};

std::optional<MergeCursor> read_merge_cursor(std::string_view text) {
    MergeCursor cursor;
    if (text.empty()) return cursor;
    const auto tilde = text.find('~');
    if (!text.starts_with("m:") || tilde == std::string_view::npos) return std::nullopt;
    cursor.view = text.substr(2, tilde - 2);
    cursor.records = text.substr(tilde + 1);
    cursor.records_ended = cursor.records == "end";
    return cursor;
}

// "12~r.…": the patient and the view that were last.
std::optional<std::pair<PatientId, std::string_view>> read_patient_cursor(std::string_view text) {
    std::uint32_t patient = 0;
    const auto* const begin = text.data();
    const auto [end, error] = std::from_chars(begin, begin + text.size(), patient);
    if (error != std::errc() || end == begin + text.size() || *end != '~') return std::nullopt;
    return std::pair(PatientId{patient}, text.substr(static_cast<std::size_t>(end - begin) + 1));
}

}  // namespace

Result<std::optional<Record>> ViewReader::view(std::string_view type, std::string_view id) {
    VIGIL_TRY(made, make_view(type, id));
    if (!made) return std::move(made);
    VIGIL_TRY(within, is_within_access(*made));
    return within ? std::move(made) : std::nullopt;
}

Result<std::optional<Record>> ViewReader::make_view(std::string_view type, std::string_view id) {
    if (const auto* table = registry(type)) {
        const auto* found = table->find(id);
        if (found == nullptr) return std::optional<Record>();
        VIGIL_TRY(seen, may_see(*found));
        return seen ? std::optional(shown(*found)) : std::nullopt;
    }
    if (type == "AuditEvent" && events_) return sources_.events.get(id, *events_);
    if (type == "Communication") {
        if (!sees_readings()) return std::optional<Record>();
        return sources_.alarms.get(access_, id, context_, *this);
    }
    if (type != "Observation" || !sees_readings()) return std::optional<Record>();
    const auto named = read_view_id(id);
    if (!named) return std::optional<Record>();
    VIGIL_TRY(found, sources_.readings.get(access_, *named));
    return found ? std::optional(std::move(found->record)) : std::nullopt;
}

bool ViewReader::shows_views(std::string_view type) const {
    return has_views(type) || (type == "AuditEvent" && events_);
}

// A record under a view's id stands in its place, also of those who do not see it.
Result<bool> ViewReader::is_replaced(std::string_view type, std::string_view id) {
    VIGIL_TRY(first, records_.ids(type, id, 1));
    return !first.empty() && first.front() == id;
}

// Someone has corrected it.
Result<std::optional<Record>> ViewReader::read_current(std::string_view type, std::string_view id) {
    VIGIL_TRY(kept, records_.get(type, id));
    if (kept || !shows_views(type)) return std::move(kept);
    VIGIL_TRY(replaced, is_replaced(type, id));
    if (replaced) return std::optional<Record>();
    return view(type, id);
}

Result<std::optional<Record>> ViewReader::read_version(std::string_view type, std::string_view id,
                                                       std::uint64_t version) {
    VIGIL_TRY(kept, records_.version(type, id, version));
    // An alarm's versions are what it has come to; only the newest can be made.
    if (kept || !shows_views(type) || (version != 1 && type != "Communication"))
        return std::move(kept);
    VIGIL_TRY(replaced, is_replaced(type, id));
    if (replaced) return std::optional<Record>();
    VIGIL_TRY(found, view(type, id));
    if (found && found->version != version) return std::optional<Record>();
    return std::move(found);
}

Result<RecordPage> ViewReader::read_history(const store::HistoryQuery& query) {
    VIGIL_TRY(page, records_.history(query));
    if (!page.records.empty() || query.id.empty() || !shows_views(query.type))
        return std::move(page);
    VIGIL_TRY(replaced, is_replaced(query.type, query.id));
    if (replaced) return std::move(page);
    VIGIL_TRY(found, view(query.type, query.id));
    const bool wanted = found && query.after.empty() &&
                        (!query.since || found->updated >= *query.since) &&
                        (!query.at || found->updated <= *query.at);
    if (wanted) page.records.push_back(std::move(*found));
    return std::move(page);
}

store::RecordQuery ViewReader::within_access(store::RecordQuery query) const {
    const auto* conditionals = access_.only_if(store::looking, query.type);
    if (conditionals == nullptr) return query;
    store::AnyOf any;
    for (const auto& each : *conditionals) any.conditions.push_back(*each.condition);
    query.where = {store::AllOf{{std::move(query.where), {std::move(any)}}}};
    return query;
}

Result<bool> ViewReader::is_within_access(const Record& view) {
    if (access_.only_if(store::looking, view.type) == nullptr) return true;
    VIGIL_TRY(resource, Resource::parse(resource_text(view)));
    VIGIL_TRY(extracted, extract(resource.json(), context_));
    store::RecordQuery all;
    all.type = view.type;
    return holds(within_access(std::move(all)).where,
                 {.type = view.type,
                  .id = view.id,
                  .updated = view.updated,
                  .rows = extracted.rows,
                  .narrative = extracted.narrative,
                  .content = extracted.content},
                 *this);
}

Result<RecordPage> ViewReader::find(const store::RecordQuery& asked) {
    const auto query = within_access(asked);
    if (query.type == "AuditEvent" && events_) return events(query);
    if (query.type == "Communication") return alarms(query);
    if (has_views(query.type)) {
        if (query.type != "Observation" && !query.sort.empty()) return sorted(query);
        return sorts_by_time(query) ? merged(query) : records_then_views(query);
    }
    auto of_records = query;
    VIGIL_TRY(where, this->of_records(query.type, query.where));
    of_records.where = std::move(where);
    return records_.search(of_records);
}

// The cursor says in which of the two the page goes on: "s:…" or "v:…".
Result<RecordPage> ViewReader::records_then_views(const store::RecordQuery& query) {
    RecordPage out;
    std::string after;
    if (query.after.empty() || query.after.starts_with("s:")) {
        auto of_records = query;
        VIGIL_TRY(where, this->of_records(query.type, query.where));
        of_records.where = std::move(where);
        if (!query.after.empty()) of_records.after = query.after.substr(2);
        VIGIL_TRY(page, records_.search(of_records));
        out = std::move(page);
        if (!out.next.empty()) {
            out.next.insert(0, "s:");
            return out;
        }
    } else if (query.after.starts_with("v:")) {
        after = query.after.substr(2);
    } else {
        return no_cursor();
    }
    const auto room = query.count_max - std::min(query.count_max, out.records.size());
    if (room == 0) {
        VIGIL_TRY(more, views(query, after, 1, Order::by_patient));
        if (!more.records.empty()) out.next = "v:";
        return out;
    }
    VIGIL_TRY(page, views(query, after, room, Order::by_patient));
    std::ranges::move(page.records, std::back_inserter(out.records));
    if (!page.is_last) {
        const auto& last = out.records.back();
        out.next = fmt::format("v:{}~{}", last.subject.value_or(PatientId{}).value, last.id);
    }
    return out;
}

Result<RecordPage> ViewReader::merged(const store::RecordQuery& query) {
    auto cursor = read_merge_cursor(query.after);
    if (!cursor) return no_cursor();
    const auto& key = query.sort.front();
    auto of_records = query;
    of_records.after = cursor->records;
    VIGIL_TRY(where, this->of_records(query.type, query.where));
    of_records.where = std::move(where);
    RecordPage kept;
    if (!cursor->records_ended) {
        VIGIL_TRY(page, records_.search(of_records));
        kept = std::move(page);
    }
    VIGIL_TRY(views, this->views(query, cursor->view == "-" ? "" : cursor->view, query.count_max,
                                 key.descending ? Order::newest_first : Order::oldest_first));
    RecordPage out;
    std::size_t kept_taken = 0, views_taken = 0;
    const auto before = [&](Timestamp a, Timestamp b) { return key.descending ? a > b : a < b; };
    while (out.records.size() < query.count_max) {
        const bool has_kept = kept_taken < kept.records.size();
        const bool has_view = views_taken < views.records.size();
        if (!has_kept && !has_view) break;
        const bool take_kept =
            has_kept && (!has_view || !before(time_of(views.records[views_taken], key),
                                              time_of(kept.records[kept_taken], key)));
        out.records.push_back(take_kept ? kept.records[kept_taken++]
                                        : views.records[views_taken++]);
    }
    if (views_taken > 0) cursor->view = views.records[views_taken - 1].id;
    const bool kept_more = kept_taken < kept.records.size() || !kept.next.empty();
    const bool views_more = views_taken < views.records.size() || !views.is_last;
    if (!kept_more && !views_more) return out;
    if (!kept_more) {
        cursor->records = "end";
    } else if (kept_taken == kept.records.size()) {
        cursor->records = kept.next;
    } else if (kept_taken > 0) {  // the store's cursors stand at the ends of pages
        of_records.count_max = kept_taken;
        VIGIL_TRY(page, records_.search(of_records));
        cursor->records = page.next.empty() ? "end" : page.next;
    }
    out.next = "m:" + cursor->view + "~" + cursor->records;
    return out;
}

Result<ViewReader::ViewPage> ViewReader::views(const store::RecordQuery& query,
                                               std::string_view after, std::size_t count_max,
                                               Order order) {
    if (query.type == "Communication") return alarm_views(query, count_max);
    if (order == Order::by_patient && !after.empty()) {
        const auto place = read_patient_cursor(after);
        if (!place) return no_cursor();
        if (query.type != "Observation") return registry_views(query, place->second, count_max);
        return reading_views(query, place, count_max, order);
    }
    if (query.type != "Observation") return registry_views(query, after, count_max);
    std::optional<std::pair<PatientId, std::string_view>> place;
    if (!after.empty()) place.emplace(PatientId{}, after);
    return reading_views(query, place, count_max, order);
}

// Asked for, and with no record in its place.
Result<bool> ViewReader::is_wanted(const ViewPlan& plan, const View& view) {
    VIGIL_TRY(met, passes(plan, view, context_, *this));
    if (!met) return false;
    VIGIL_TRY(replaced, is_replaced("Observation", view.record.id));
    return !replaced;
}

Result<ViewReader::ViewPage> ViewReader::reading_views(
    const store::RecordQuery& query,
    const std::optional<std::pair<PatientId, std::string_view>>& after, std::size_t count_max,
    Order order) {
    if (!sees_readings()) return ViewPage();
    VIGIL_TRY(plan, plan_views(query.where, sources_.groups, sources_.patients, *this));
    const bool descending = order == Order::newest_first, by_patient = order == Order::by_patient;
    std::optional<ViewId> last;
    if (after) {
        last = read_view_id(after->second);
        if (!last) return no_cursor();
        auto& span = plan.scan.span;
        if (by_patient)
            plan.scan.resume.emplace(after->first, last->time);
        else if (descending)
            span.to = std::min(span.to, last->time + Nanoseconds(1));
        else
            span.from = std::max(span.from, last->time);
    }
    plan.scan.descending = descending;
    plan.scan.by_patient = by_patient;
    plan.scan.views_wanted = count_max + count_max / 4 + 1;
    ViewPage page;
    std::optional<Error> failed;
    const auto place = [](const ViewId& id) { return std::pair(id.time, id); };
    VIGIL_CHECK(sources_.readings.scan(access_, plan.scan, [&](View&& view) {
        if (last && (!by_patient || view.record.subject == after->first)) {
            const bool seen =
                descending ? place(view.id) >= place(*last) : place(view.id) <= place(*last);
            if (seen) return true;
        }
        const auto wanted = is_wanted(plan, view);
        if (!wanted) {
            failed = wanted.error();
            return false;
        }
        if (!*wanted) return true;
        if (page.records.size() == count_max) {
            page.is_last = false;
            return false;
        }
        page.records.push_back(std::move(view.record));
        return true;
    }));
    if (failed) return tl::unexpected(std::move(*failed));
    return page;
}

Result<std::vector<Record>> ViewReader::find_newest(const store::RecordQuery& asked,
                                                    std::size_t count) {
    if (!sees_readings()) return std::vector<Record>();
    const auto query = within_access(asked);
    VIGIL_TRY(plan, plan_views(query.where, sources_.groups, sources_.patients, *this));
    std::vector<Record> out;
    auto scan = plan.scan;
    scan.descending = true;
    scan.views_wanted = 4 * count;
    VIGIL_TRY(present, sources_.readings.present(access_, plan.scan));
    for (const auto* group : present) {
        scan.groups = {group};
        std::size_t found = 0;
        std::optional<Timestamp> last;
        std::optional<Error> failed;
        VIGIL_CHECK(sources_.readings.scan(access_, scan, [&](View&& view) {
            if (found >= count && view.id.time != *last) return false;
            const auto wanted = is_wanted(plan, view);
            if (!wanted) {
                failed = wanted.error();
                return false;
            }
            if (!*wanted) return true;
            ++found;
            last = view.id.time;
            out.push_back(std::move(view.record));
            return true;
        }));
        if (failed) return tl::unexpected(std::move(*failed));
    }
    return out;
}

Result<void> ViewReader::numbers(std::string_view patient_id, MetricId metric, store::Span span,
                                 const ReadingViews::NumberVisitor& visit) {
    constexpr std::size_t replaced_max = 100'000;
    const auto& readings = sources_.readings;
    const auto patient = sources_.patients.number(patient_id);
    // Numbers have no rows by which they could be told apart.
    const bool all = access_.only_if(store::looking, "Observation") == nullptr;
    if (!patient || !all || !access_.sees("Observation", patient)) return {};
    note(*patient);
    VIGIL_TRY(devices, readings.devices(access_, *patient, metric));
    std::set<ViewId> replaced;
    for (const auto device : devices) {
        VIGIL_TRY(ids,
                  records_.ids("Observation", view_id_prefix(device, readings.group_of(metric)),
                               replaced_max));
        if (ids.size() == replaced_max)
            return fail(Error::Kind::too_large, "too many of the readings have been corrected");
        for (const auto& id : ids)
            if (const auto view = read_view_id(id)) replaced.insert(*view);
    }
    if (devices.empty()) return {};
    return readings.numbers(access_, *patient, metric, span, replaced, visit);
}

std::vector<MetricId> ViewReader::parts(MetricId metric) const {
    for (const auto& group : sources_.readings.groups())
        if (group.id == metric) return group.parts;
    return {metric};
}

}  // namespace vigil::fhir

// How many Observations a search finds, without making those that are views.
#include <algorithm>

#include "fhir/view/view_reader.hpp"

namespace vigil::fhir {
namespace {

using store::Span;

// An Observation's date is as long as its last digit, a waveform's up to a minute: so near to a
// date that is asked for it has to be looked at.
constexpr Nanoseconds near_number = std::chrono::seconds(1);
constexpr Nanoseconds near_waveform = std::chrono::seconds(62);

struct Part {
    Span span;
    bool is_near = false;
};

// What of the span is near to that time; empty: nothing is. Of waveforms whole minutes.
Span near_to(Timestamp time, Span whole, bool waveforms) {
    const auto away = waveforms ? near_waveform : near_number;
    auto span = whole;
    if (time > Timestamp::min() + 2 * away) span.from = std::max(span.from, time - away);
    if (time < Timestamp::max() - 2 * away) span.to = std::min(span.to, time + away);
    if (!waveforms) return span;
    if (span.from > whole.from) span.from = std::chrono::floor<std::chrono::minutes>(span.from);
    if (span.to < whole.to)
        span.to = std::min<Timestamp>(whole.to, std::chrono::ceil<std::chrono::minutes>(span.to));
    return span;
}

// The span in parts that are either near to a date of the plan or on one side of all of them. Of
// waveforms parts are whole minutes.
std::vector<Part> parts_of(const ViewPlan& plan, bool waveforms) {
    const auto& whole = plan.scan.span;
    std::vector<Span> near;
    for (const auto& date : plan.dates)
        for (const auto time : {date.value.start, date.value.end})
            if (const auto span = near_to(time, whole, waveforms); span.from < span.to)
                near.push_back(span);
    std::ranges::sort(near, {}, &Span::from);
    std::vector<Part> parts;
    auto from = whole.from;
    for (const auto& span : near) {
        if (span.from > from) parts.push_back({{from, span.from}, false});
        if (span.to <= from) continue;
        parts.push_back({{std::max(from, span.from), span.to}, true});
        from = span.to;
    }
    if (from < whole.to) parts.push_back({{from, whole.to}, false});
    return parts;
}

}  // namespace

Result<std::uint64_t> ViewReader::count(const store::RecordQuery& asked, std::uint64_t at_most) {
    if (asked.type == "AuditEvent" && events_)
        return fail(Error::Kind::too_large,
                    "the events of the audit are not counted: read them a page at a time");
    const auto query = within_access(asked);
    auto of_records = query;
    VIGIL_TRY(where, this->of_records(query.type, query.where));
    of_records.where = std::move(where);
    VIGIL_TRY(kept, records_.count(of_records, at_most));
    if (!has_views(query.type) || kept >= at_most) return kept;
    if (query.type == "Observation") {
        VIGIL_TRY(views, count_readings(query, at_most - kept));
        return kept + views;
    }
    if (query.type == "Communication") {
        VIGIL_TRY(all, all_alarms(query, at_most - kept));
        return kept + all.size();
    }
    VIGIL_TRY(page, registry_views(query, {}, at_most - kept));
    return kept + page.records.size();
}

Result<std::uint64_t> ViewReader::count_readings(const store::RecordQuery& query,
                                                 std::uint64_t at_most) {
    if (!sees_readings()) return 0U;
    VIGIL_TRY(plan, plan_views(query.where, sources_.groups, sources_.patients, *this));
    VIGIL_TRY(replaced, replaced_views());
    plan.scan.views_wanted = 1'000;
    if (!plan.remaining.empty() || !replaced) return count_near(plan, at_most);
    std::uint64_t count = 0;
    for (const bool waveforms : {false, true}) {
        auto some = plan;
        std::erase_if(some.scan.groups,
                      [&](const ViewGroup* group) { return group->is_waveform != waveforms; });
        if (some.scan.groups.empty()) continue;
        for (const auto& part : parts_of(plan, waveforms)) {
            some.scan.span = part.span;
            VIGIL_TRY(found, part.is_near ? count_near(some, at_most) : count_far(some, *replaced));
            count += found;
        }
        if (count >= at_most) return at_most;
    }
    return count;
}

// Each view is made and looked at.
Result<std::uint64_t> ViewReader::count_near(const ViewPlan& plan, std::uint64_t at_most) {
    std::uint64_t count = 0;
    std::optional<Error> failed;
    VIGIL_CHECK(sources_.readings.scan(access_, plan.scan, [&](View&& view) {
        const auto wanted = is_wanted(plan, view);
        if (!wanted) failed = wanted.error();
        count += wanted && *wanted ? 1 : 0;
        return wanted && count < at_most;
    }));
    if (failed) return tl::unexpected(std::move(*failed));
    return count;
}

// The same where all of them are on one side of each date: as many as there are readings, but for
// those that a record stands in the place of.
Result<std::uint64_t> ViewReader::count_far(const ViewPlan& plan,
                                            const std::vector<ViewId>& replaced) {
    const auto& span = plan.scan.span;
    const auto one = span.from > Timestamp::min() ? span.from : span.to - Nanoseconds(1);
    const bool in_time = std::ranges::all_of(plan.dates, [&](const store::DateMatch& asked) {
        return compare(asked.comparison, store::DateValue{one, one}, asked.value);
    });
    if (!in_time) return 0;
    VIGIL_TRY(count, sources_.readings.count(access_, plan.scan));
    for (const auto& id : replaced) {
        const bool may_be = span.from <= id.time && id.time < span.to &&
                            std::ranges::find(plan.scan.groups, id.metric, &ViewGroup::id) !=
                                plan.scan.groups.end() &&
                            (!plan.scan.devices || plan.scan.devices->contains(id.device));
        if (!may_be || count == 0) continue;
        VIGIL_TRY(view, sources_.readings.get(access_, id, plan.scan.patients));
        if (view) --count;
    }
    return count;
}

// The views that may have a record in their place; nothing where those are too many to look at
// each.
Result<std::optional<std::vector<ViewId>>> ViewReader::replaced_views() {
    constexpr std::size_t few = 1'000;
    VIGIL_TRY(ids, records_.ids("Observation", "r.", few));
    if (ids.size() == few) return std::nullopt;
    std::vector<ViewId> views;
    for (const auto& id : ids)
        if (const auto view = read_view_id(id)) views.push_back(*view);
    return std::optional(std::move(views));
}

}  // namespace vigil::fhir

#include "fhir/audit/event_views.hpp"

#include <algorithm>

#include "fhir/resource/resource.hpp"
#include "fhir/view/condition_match.hpp"

namespace vigil::fhir {
namespace {

// Lines stand in the order in which they were written, which clocks do not follow to the second.
constexpr auto clock_slack = std::chrono::hours(1);
// Lines that are read at once, before they are made into events: the store waits meanwhile.
constexpr std::size_t read_at_once = 250;

// What a search asks of the lines themselves, which spares most of them being made into events: a
// part of its condition, which is looked at whole afterwards.
struct LineFilter {
    Timestamp from = Timestamp::min(), to = Timestamp::max();
    std::optional<PatientId> patient{};
    std::optional<std::string> outcome{}, action{}, user{};
    bool finds_nothing = false;

    bool passes(const store::AuditLine& line) const {
        if (line.time < from || line.time >= to) return false;
        if (user && line.principal != *user) return false;
        if (patient && std::ranges::find(line.patients, *patient) == line.patients.end())
            return false;
        if (!outcome && !action) return true;
        const auto kind = kind_of(line);
        return (!action || *action == std::string_view(&kind.action, 1)) &&
               (!outcome || *outcome == std::to_string(outcome_of(line, kind)));
    }
    // Nothing that was written before it can pass.
    bool ends_at(const store::AuditLine& line) const {
        return from > Timestamp::min() + clock_slack && !line.written_late &&
               line.time < from - clock_slack;
    }
};

class FilterReader {
public:
    FilterReader(LineFilter& filter, const PatientNumbers& patients)
        : filter_(filter), patients_(patients) {}

    void operator()(const store::Condition& condition) {
        std::visit([this](const auto& is) { take(is); }, condition.is);
    }

private:
    template <class Other>
    void take(const Other&) {}  // looked at in the event itself
    void take(const store::AllOf& all) {
        for (const auto& condition : all.conditions) (*this)(condition);
    }
    void take(const store::DateMatch& asked) {
        if (asked.parameter != "date") return;
        using store::Comparison;
        const auto is = asked.comparison;
        const bool bounds_start = is != Comparison::less && is != Comparison::less_equal &&
                                  is != Comparison::ends_before && is != Comparison::not_equal;
        const bool bounds_end = is != Comparison::greater && is != Comparison::greater_equal &&
                                is != Comparison::starts_after && is != Comparison::not_equal;
        constexpr auto one_digit = std::chrono::milliseconds(1);  // as `recorded` is written
        if (bounds_start && asked.value.start > Timestamp::min() + one_digit)
            filter_.from = std::max<Timestamp>(filter_.from, asked.value.start - one_digit);
        if (bounds_end && asked.value.end < Timestamp::max() - one_digit)
            filter_.to = std::min<Timestamp>(filter_.to, asked.value.end + one_digit);
    }
    void take(const store::ReferenceMatch& asked) {
        const bool is_patient =
            asked.to.type == "Patient" || (asked.to.type.empty() && asked.parameter == "patient");
        if (!is_patient || !asked.to.url.empty()) return;
        if (asked.parameter != "patient" && asked.parameter != "entity") return;
        filter_.patient = patients_.number(asked.to.id);
        if (asked.parameter == "patient" && !filter_.patient) filter_.finds_nothing = true;
    }
    void take(const store::TokenMatch& asked) {
        if (asked.parameter == "outcome") filter_.outcome = asked.code;
        if (asked.parameter == "action") filter_.action = asked.code;
        if (asked.parameter == "altid") filter_.user = asked.code;
    }

    LineFilter& filter_;
    const PatientNumbers& patients_;
};

struct FoundLine {
    std::uint64_t number;
    store::AuditLine line;
};

Result<bool> meets(const store::RecordQuery& query, const store::Record& event,
                   const ExtractionContext& context, store::RecordReader& others) {
    VIGIL_TRY(extracted, extract_of(event, context));
    return holds(query.where,
                 {.type = query.type,
                  .id = event.id,
                  .updated = event.updated,
                  .rows = extracted.rows,
                  .narrative = extracted.narrative,
                  .content = extracted.content},
                 others);
}

}  // namespace

std::optional<store::Record> EventViews::record(std::uint64_t number, const store::AuditLine& line,
                                                const EventReader& reader) const {
    const auto text = audit_event(line, context_, reader);
    JsonDocument document;
    const auto root = document.parse(text, resource_limits);
    if (!root) return std::nullopt;  // our own words
    store::Record out;
    out.type = "AuditEvent";
    out.id = audit_event_id(number);
    out.version = 1;
    out.updated = line.written_late.value_or(line.time);
    out.method = "POST";
    out.body = stored_body(*root, out.id);
    return out;
}

Result<std::optional<store::Record>> EventViews::get(std::string_view id,
                                                     const EventReader& reader) const {
    std::optional<store::Record> found;
    const auto wanted = read_audit_event_id(id);
    if (!wanted || reader.patient) return found;
    VIGIL_CHECK(read_(*wanted + 1, [&](std::uint64_t number, const store::AuditLine& line) {
        if (number == *wanted) found = record(number, line, reader);
        return false;
    }));
    return found;
}

Result<EventPage> EventViews::find(const store::RecordQuery& query, std::uint64_t before,
                                   const EventReader& reader, const ExtractionContext& extraction,
                                   store::RecordReader& others) const {
    EventPage page;
    LineFilter filter;
    FilterReader{filter, context_.patients}(query.where);
    if (reader.patient && filter.patient && *filter.patient != *reader.patient) return page;
    if (reader.patient) filter.patient = reader.patient;
    if (filter.finds_nothing) return page;
    std::size_t looked_at = 0, made = 0;
    for (page.before = before;;) {
        std::vector<FoundLine> lines;
        bool is_end = true;
        VIGIL_CHECK(read_(page.before, [&](std::uint64_t number, const store::AuditLine& line) {
            is_end = filter.ends_at(line);
            if (is_end) return false;
            page.before = number;
            page.looked_down_to = line.time;
            if (filter.passes(line)) lines.push_back({number, line});
            is_end = number <= 1;
            if (is_end) return false;
            return ++looked_at < lines_max && lines.size() < read_at_once;
        }));
        for (const auto& [number, line] : lines) {
            auto event = record(number, line, reader);
            if (!event) continue;
            ++made;
            VIGIL_TRY(met, meets(query, *event, extraction, others));
            if (!met) continue;
            page.records.push_back(std::move(*event));
            page.numbers.push_back(number);
            if (page.records.size() < query.count_max) continue;
            page.before = number;
            page.looked_down_to = line.time;
            if (is_end && number == lines.back().number) page.before = 0;
            return page;
        }
        if (is_end) {
            page.before = 0;
            page.looked_down_to = Timestamp::min();
            return page;
        }
        if (looked_at >= lines_max || made >= made_max) return page;
    }
}

}  // namespace vigil::fhir

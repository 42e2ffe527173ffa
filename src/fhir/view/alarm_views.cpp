#include "fhir/view/alarm_views.hpp"

#include <algorithm>
#include <set>

#include "fhir/resource/resource.hpp"
#include "fhir/view/alarm_writer.hpp"
#include "fhir/view/condition_match.hpp"

namespace vigil::fhir {
namespace {

using store::Comparison;
using store::Condition;
using store::Record;

// Whose alarms can meet a condition. None: anybody's.
using Whose = std::optional<std::set<PatientId>>;

Whose both(Whose a, const Whose& b) {
    if (!a || !b) return a ? a : b;
    std::erase_if(*a, [&](PatientId each) { return !b->contains(each); });
    return a;
}

class WhoseReader {
public:
    explicit WhoseReader(const PatientNumbers& patients) : patients_(patients) {}

    Whose of(const Condition& condition) const {
        return std::visit([this](const auto& is) { return read(is); }, condition.is);
    }

private:
    template <class Other>
    Whose read(const Other&) const {
        return std::nullopt;  // looked at in the alarm itself
    }
    Whose read(const store::AllOf& all) const {
        Whose out;
        for (const auto& each : all.conditions) out = both(std::move(out), of(each));
        return out;
    }
    Whose read(const store::AnyOf& any) const {
        std::set<PatientId> out;
        for (const auto& each : any.conditions) {
            const auto some = of(each);
            if (!some) return std::nullopt;
            out.insert(some->begin(), some->end());
        }
        return out;
    }
    // An alarm is of its patient, from a device, and refers to nothing else.
    Whose read(const store::ReferenceMatch& asked) const {
        const auto& to = asked.to;
        std::set<PatientId> out;
        for (const auto* other : {"recipient", "encounter", "part-of", "based-on"})
            if (asked.parameter == other) return out;
        if (asked.parameter == "sender" && to.type == "Patient") return out;
        if (asked.parameter != "subject" && asked.parameter != "patient") return std::nullopt;
        if (to.url.empty() && (to.type.empty() || to.type == "Patient"))
            if (const auto number = patients_.number(to.id)) out.insert(*number);
        return out;
    }

    const PatientNumbers& patients_;
};

// When alarms begin that can meet it.
class SpanReader {
public:
    explicit SpanReader(store::Span& span) : span_(span) {}
    void operator()(const Condition& condition) const {
        std::visit([this](const auto& is) { take(is); }, condition.is);
    }

private:
    // As they are written to.
    static constexpr auto one_digit = std::chrono::milliseconds(1);

    template <class Other>
    void take(const Other&) const {}
    void take(const store::AllOf& all) const {
        for (const auto& each : all.conditions) (*this)(each);
    }
    void take(const store::IdMatch& asked) const { take(std::vector{Condition{asked}}); }
    void take(const store::AnyOf& any) const { take(any.conditions); }
    // Some ids: from the first that is an alarm's up to the last.
    void take(const std::vector<Condition>& any) const {
        store::Span all{Timestamp::max(), Timestamp::min()};
        for (const auto& each : any) {
            const auto* named = std::get_if<store::IdMatch>(&each.is);
            if (named == nullptr) return;
            const auto onset = read_alarm_id(named->id);
            if (!onset || onset->time == Timestamp::max()) continue;
            all = {std::min(all.from, onset->time), std::max(all.to, onset->time + Nanoseconds(1))};
        }
        from(all.from);
        to(all.to);
    }
    void take(const store::DateMatch& asked) const {
        if (asked.parameter != "sent") return;
        const auto is = asked.comparison;
        if (is != Comparison::less && is != Comparison::less_equal &&
            is != Comparison::ends_before && is != Comparison::not_equal)
            begin_of(asked.value);
        if (is != Comparison::greater && is != Comparison::greater_equal &&
            is != Comparison::starts_after && is != Comparison::not_equal)
            end_of(asked.value);
    }
    // What was changed before then began before then.
    void take(const store::UpdatedMatch& asked) const {
        const auto is = asked.comparison;
        if (is == Comparison::equal || is == Comparison::less || is == Comparison::less_equal ||
            is == Comparison::ends_before)
            end_of(asked.value);
    }
    void begin_of(const store::DateValue& value) const {
        if (value.start > Timestamp::min() + one_digit) from(value.start - one_digit);
    }
    void end_of(const store::DateValue& value) const {
        if (value.end < Timestamp::max() - one_digit) to(value.end + one_digit);
    }
    void from(Timestamp time) const { span_.from = std::max(span_.from, time); }
    void to(Timestamp time) const { span_.to = std::min(span_.to, time); }

    store::Span& span_;
};

IndexedResource indexed(const Record& view, const Extracted& extracted) {
    return {.type = view.type,
            .id = view.id,
            .updated = view.updated,
            .rows = extracted.rows,
            .narrative = extracted.narrative,
            .content = extracted.content};
}

// The access sees it, and it is asked for.
Result<bool> is_wanted(const store::Access& access, const Condition& where, const Record& view,
                       const ExtractionContext& context, store::RecordReader& others) {
    if (!access.sees(view.type, view.subject)) return false;
    VIGIL_TRY(extracted, extract_of(view, context));
    const auto withheld = access.withheld_from(view.subject.value_or(PatientId{}));
    if (const auto condition = withheld ? withheld->of_type(view.type) : nullptr) {
        VIGIL_TRY(is_withheld, holds(*condition, indexed(view, extracted), others));
        if (is_withheld) return false;
    }
    return holds(where, indexed(view, extracted), others);
}

}  // namespace

AlarmQuery query_of_alarms(const Condition& where, const PatientNumbers& patients) {
    AlarmQuery query;
    if (const auto whose = WhoseReader(patients).of(where))
        query.patients.emplace(whose->begin(), whose->end());
    SpanReader{query.span}(where);
    return query;
}

std::optional<Record> AlarmViews::record(const AlarmOccurrence& alarm) const {
    const auto patient = patients_.id(alarm.patient);
    if (!patient) return std::nullopt;
    const auto text = alarm_communication(alarm, *patient);
    JsonDocument document;
    const auto root = document.parse(text, resource_limits);
    if (!root) return std::nullopt;  // our own words
    Record out;
    out.type = "Communication";
    out.id = alarm_id(alarm.onset);
    out.version = alarm.version;
    out.updated = alarm.changed;
    out.method = out.version == 1 ? "POST" : "PUT";
    out.subject = alarm.patient;
    out.body = stored_body(*root, out.id);
    return out;
}

Result<std::optional<Record>> AlarmViews::get(const store::Access& access, std::string_view id,
                                              const ExtractionContext& extraction,
                                              store::RecordReader& others) const {
    const auto onset = read_alarm_id(id);
    if (!read_ || !onset || onset->time == Timestamp::max()) return std::optional<Record>();
    VIGIL_TRY(part, read_(access, {.span = {onset->time, onset->time + Nanoseconds(1)}}));
    for (const auto& alarm : part.alarms) {
        if (alarm.onset != *onset) continue;
        auto found = record(alarm);
        if (!found) break;
        VIGIL_TRY(seen, is_wanted(access, {store::AllOf{}}, *found, extraction, others));
        if (seen) return std::move(found);
    }
    return std::optional<Record>();
}

Result<AlarmPage> AlarmViews::find(const store::Access& access, const store::RecordQuery& query,
                                   std::optional<AlarmPlace> before,
                                   const ExtractionContext& extraction,
                                   store::RecordReader& others) const {
    AlarmPage page;
    if (!read_) return page;
    auto asked = query_of_alarms(query.where, patients_);
    if ((asked.patients && asked.patients->empty()) || asked.span.from >= asked.span.to)
        return page;
    asked.before = before;
    std::size_t made = 0;
    for (std::size_t looks = 0; looks < looks_max && made < made_max; ++looks) {
        VIGIL_TRY(part, read_(access, asked));
        for (const auto& alarm : part.alarms) {
            auto view = record(alarm);
            if (!view) continue;
            ++made;
            VIGIL_TRY(wanted, is_wanted(access, query.where, *view, extraction, others));
            if (!wanted) continue;
            if (page.records.size() == query.count_max) {
                page.next = page.places.back();
                return page;
            }
            page.records.push_back(std::move(*view));
            page.places.push_back(alarm.onset);
        }
        page.next = asked.before = part.next;
        if (!part.next) break;
    }
    return page;
}

}  // namespace vigil::fhir

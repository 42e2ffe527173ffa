#include "share/alarms/occurrences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "metric/unit.hpp"
#include "monitor/alarms/event.hpp"
#include "share/alarms/rules.hpp"

namespace vigil::share {

using fhir::AlarmOccurrence;
using fhir::AlarmPlace;
using monitor::AlarmEvent;
using monitor::AlarmPriority;
using monitor::EventType;

namespace {

constexpr std::size_t events_max = 5'000, onsets_max = 100;

bool begins(const AlarmEvent& event) {
    return event.type == EventType::onset || event.type == EventType::onset_again;
}

// R4 request-priority; the mapping is ours.
std::string_view request_priority(AlarmPriority priority) {
    switch (priority) {
        case AlarmPriority::high:
            return "stat";
        case AlarmPriority::medium:
            return "urgent";
        case AlarmPriority::low:
            break;
    }
    return "routine";
}

// ISO/IEEE 11073-10101, events (partition 3): those that say the same.
struct MdcEvent {
    std::uint32_t code = 0;
    std::string_view refid{};
};
MdcEvent mdc_event(const monitor::MonitorTables& tables, monitor::ConditionId condition) {
    if (condition == tables.signals.leads_off) return {196'882, "MDC_EVT_LEADS_OFF"};
    const auto row = tables.limits.row_of(condition);
    if (!row || tables.limits.rows()[*row].metrics.empty()) return {};
    return tables.limits.rows()[*row].side == monitor::LimitSide::high
               ? MdcEvent{196'648, "MDC_EVT_HI"}
               : MdcEvent{196'670, "MDC_EVT_LO"};
}

std::string measured(const AlarmEvent& onset, const Catalogue& catalogue) {
    if (!onset.value) return {};
    const auto* metric = onset.condition.metric ? catalogue.find(onset.condition.metric) : nullptr;
    const auto shown = metric != nullptr ? units::at(metric->unit).shown : std::string_view();
    const auto quantity = [&](const Decimal& value) {
        return shown.empty() ? to_string(value) : fmt::format("{} {}", to_string(value), shown);
    };
    auto text = quantity(*onset.value);
    if (onset.limit) text += ", limit " + quantity(*onset.limit);
    return text;
}

AlarmOccurrence begun(const AlarmEvent& onset, const AlarmPlace& place,
                      const monitor::MonitorTables& tables, const Catalogue& catalogue) {
    const auto id = onset.condition.condition;
    const auto* condition = tables.conditions.find(id);
    const auto mdc = mdc_event(tables, id);
    return {.onset = place,
            .patient = onset.id.subject.patient,
            .id = to_string(onset.alarm),
            .episode = onset.episode,
            .condition = condition != nullptr ? condition->key : rule_key(id),
            .words = condition != nullptr ? condition->display : std::string("Smart condition"),
            .event_code = mdc.code,
            .event_refid = mdc.refid,
            .priority = request_priority(onset.priority.value_or(AlarmPriority::low)),
            .device = onset.condition.device,
            .metric = onset.condition.metric,
            .measured = measured(onset, catalogue),
            .changed = place.time};
}

// What of an event is told of the alarm as it is after it.
void follow(AlarmOccurrence& alarm, const AlarmEvent& event) {
    const auto before = std::tuple(alarm.priority, alarm.acknowledged, alarm.ended);
    const bool is_over = alarm.ended.has_value();
    // A latched one whose condition is back is another occurrence.
    if (event.episode == alarm.episode && !is_over) {
        if (event.priority) alarm.priority = request_priority(*event.priority);
        const bool is_answer =
            event.type == EventType::acknowledged || event.type == EventType::reset;
        if (is_answer && !alarm.acknowledged) alarm.acknowledged = event.time;
        if (event.type == EventType::ended || event.type == EventType::reset)
            alarm.ended = event.time;
    } else if (event.episode > alarm.episode && !is_over) {
        alarm.ended = event.time;
    }
    if (before == std::tuple(alarm.priority, alarm.acknowledged, alarm.ended)) return;
    ++alarm.version;
    alarm.changed = event.time;
}

struct Onset {
    AlarmEvent event;
    AlarmPlace place;
};

class OccurrenceReader {
public:
    OccurrenceReader(store::EventStore& events, const monitor::MonitorTables& tables,
                     const Catalogue& catalogue, const store::Access& access)
        : events_(events), tables_(tables), catalogue_(catalogue), access_(access) {}

    Result<fhir::AlarmPart> read(const fhir::AlarmQuery& query) {
        fhir::AlarmPart part;
        VIGIL_CHECK(find_onsets(query, part.next));
        for (const auto& onset : onsets_)
            part.alarms.push_back(begun(onset.event, onset.place, tables_, catalogue_));
        std::map<PatientId, std::vector<std::size_t>> by_patient;
        for (std::size_t i = 0; i < part.alarms.size(); ++i)
            by_patient[part.alarms[i].patient].push_back(i);
        for (const auto& [patient, places] : by_patient)
            VIGIL_CHECK(follow_all(patient, places, part.alarms));
        return part;
    }

private:
    Result<void> find_onsets(const fhir::AlarmQuery& query, std::optional<AlarmPlace>& next) {
        store::EventQuery asked{.subject = {}, .span = query.span, .before = {}};
        if (query.patients && query.patients->size() == 1) asked.subject = query.patients->front();
        if (query.before) asked.before.emplace(query.before->time, query.before->position);
        std::size_t looked_at = 0;
        bool is_end = true;
        VIGIL_CHECK(events_.read(access_, asked, [&](const store::KeptEvent& kept) {
            is_end = looked_at++ < events_max && onsets_.size() < onsets_max;
            if (!is_end) return false;
            next.emplace(kept.time, kept.position);
            const bool is_asked =
                kept.subject &&
                (!query.patients ||
                 std::ranges::find(*query.patients, kept.subject) != query.patients->end());
            if (!is_asked) return true;
            auto event = monitor::decode_event(kept.body);
            if (event && begins(*event) && event->id.subject.patient == kept.subject)
                onsets_.push_back({std::move(*event), {kept.time, kept.position}});
            return true;
        }));
        if (is_end) next.reset();
        return {};
    }

    // An alarm is over within the hour, mostly: later events are read only where it is not.
    Result<void> follow_all(PatientId patient, const std::vector<std::size_t>& places,
                            std::vector<AlarmOccurrence>& alarms) {
        constexpr std::array<Nanoseconds, 3> steps{std::chrono::hours(1), std::chrono::hours(24),
                                                   std::chrono::days(30)};
        const auto oldest = onsets_[places.back()].place.time;
        const auto newest = onsets_[places.front()].place.time;
        auto from = oldest;
        for (std::size_t step = 0; step <= steps.size(); ++step) {
            const auto to = step < steps.size() && newest < Timestamp::max() - steps[step]
                                ? newest + steps[step]
                                : Timestamp::max();
            VIGIL_CHECK(follow_span(patient, places, {from, to}, alarms));
            const bool all_over = std::ranges::all_of(
                places, [&](std::size_t i) { return alarms[i].ended.has_value(); });
            if (all_over) break;
            from = to;
        }
        return {};
    }

    Result<void> follow_span(PatientId patient, const std::vector<std::size_t>& places,
                             const store::Span& span, std::vector<AlarmOccurrence>& alarms) {
        std::map<monitor::EventId, std::vector<std::size_t>> wanted;
        for (const auto i : places)
            if (!alarms[i].ended) wanted[onsets_[i].event.alarm].push_back(i);
        std::vector<Onset> later;
        VIGIL_CHECK(events_.read(access_, {.subject = patient, .span = span, .before = {}},
                                 [&](const store::KeptEvent& kept) {
                                     auto event = monitor::decode_event(kept.body);
                                     if (event && wanted.contains(event->alarm))
                                         later.push_back(
                                             {std::move(*event), {kept.time, kept.position}});
                                     return true;
                                 }));
        for (auto each = later.rbegin(); each != later.rend(); ++each)
            for (const auto i : wanted.at(each->event.alarm))
                if (onsets_[i].place < each->place) follow(alarms[i], each->event);
        return {};
    }

    store::EventStore& events_;
    const monitor::MonitorTables& tables_;
    const Catalogue& catalogue_;
    const store::Access& access_;
    std::vector<Onset> onsets_;
};

}  // namespace

Result<fhir::AlarmPart> read_occurrences(store::EventStore& events,
                                         const monitor::MonitorTables& tables,
                                         const Catalogue& catalogue, const store::Access& access,
                                         const fhir::AlarmQuery& query) {
    return OccurrenceReader(events, tables, catalogue, access).read(query);
}

}  // namespace vigil::share

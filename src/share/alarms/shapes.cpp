#include "share/alarms/shapes.hpp"

#include <bit>

#include "identity/roles.hpp"
#include "metric/unit.hpp"
#include "monitor/alarms/event_id.hpp"
#include "share/shapes.hpp"

namespace vigil::share {

using monitor::Alarm;
using monitor::AlarmEvent;
using monitor::ConditionId;
using monitor::ConditionKey;
using monitor::EventId;
using monitor::Subject;

namespace {

void member_or_null(JsonWriter& json, std::string_view name, const EventId& id) {
    json.member_or_null(name, id ? to_string(id) : std::string());
}

void member_or_null(JsonWriter& json, std::string_view name, const std::optional<Decimal>& value) {
    json.member_or_null(name, value ? to_string(*value) : std::string());
}

void write_device(JsonWriter& json, const AlarmWords& words, DeviceId number) {
    const auto* device = words.registry.device(number);
    json.member_or_null("device", device != nullptr ? device->external_id : std::string());
}

const Metric* metric_of(const AlarmWords& words, const ConditionKey& key) {
    return key.metric ? words.catalogue.find(key.metric) : nullptr;
}

void write_metric(JsonWriter& json, const AlarmWords& words, const ConditionKey& key) {
    const auto* metric = metric_of(words, key);
    json.member_or_null("metric", metric != nullptr ? metric->key : std::string());
}

void write_unit(JsonWriter& json, const AlarmWords& words, const ConditionKey& key) {
    const auto* metric = metric_of(words, key);
    json.member("unit_shown", metric != nullptr ? units::at(metric->unit).shown : "");
}

std::string key_of(const AlarmWords& words, ConditionId id) {
    const auto* condition = words.tables.conditions.find(id);
    return condition != nullptr ? condition->key : "rule_" + std::to_string(id.value);
}

void write_told(JsonWriter& json, std::uint16_t told) {
    json.key("told").begin_array();
    for (; told != 0; told &= static_cast<std::uint16_t>(told - 1))
        json.text(monitor::recipients_text(
            static_cast<std::uint16_t>(1U << static_cast<unsigned>(std::countr_zero(told)))));
    json.end_array();
}

void write_alarm(JsonWriter& json, const AlarmWords& words, const monitor::BedAlarm& shown) {
    const Alarm& alarm = shown.alarm;
    json.begin_object().member("id", to_string(alarm.id)).member("condition", shown.key);
    json.member("words", shown.words).member("class", to_string(alarm.condition_class));
    json.member("priority", to_string(alarm.priority)).member("state", to_string(alarm.state));
    json.member("visual", shown.signals.visual).member("audible", shown.signals.audible);
    json.member("present", alarm.present).member("stale", alarm.stale);
    write_metric(json, words, alarm.condition);
    write_device(json, words, alarm.condition.device);
    json.key("display");
    if (alarm.condition.display)
        json.text(std::to_string(alarm.condition.display.value));
    else
        json.null();
    json.member("episode", alarm.episode).member("since", alarm.began);
    json.member("violated_since", alarm.violated_since);
    member_or_null(json, "value", alarm.value);
    member_or_null(json, "limit", alarm.limit);
    write_unit(json, words, alarm.condition);
    json.member("detail", alarm.detail).key("acknowledged");
    if (alarm.acknowledged_by.empty())
        json.null();
    else
        json.begin_object()
            .member("by", alarm.acknowledged_by)
            .member("time", alarm.acknowledged_at)
            .member_or_null("until", alarm.acknowledged_until == monitor::never
                                         ? std::nullopt
                                         : std::optional(alarm.acknowledged_until))
            .end_object();
    json.key("owner");
    if (alarm.owner.empty())
        json.null();
    else
        json.begin_object()
            .member("by", alarm.owner)
            .member("until", alarm.owner_until)
            .end_object();
    json.member("level", alarm.level);
    write_told(json, alarm.told);
    json.member_or_null("suppressed", to_string(alarm.suppression)).end_object();
}

}  // namespace

std::string_view to_string(monitor::Suppression suppression) {
    switch (suppression) {
        case monitor::Suppression::none:
            break;
        case monitor::Suppression::chain:
            return "chain";
        case monitor::Suppression::paused:
            return "paused";
        case monitor::Suppression::off:
            return "off";
    }
    return {};
}

void write_subject(JsonWriter& json, const AlarmWords& words, const Subject& subject) {
    json.member_or_null("patient",
                        subject.patient ? patient_id_text(subject.patient) : std::string());
    write_device(json, words, subject.patient ? DeviceId{} : DeviceId{subject.location.value});
    const monitor::DisplayId display{subject.location.value};
    json.member_or_null("screen",
                        display >= monitor::displays_from ? std::to_string(display.value) : "");
}

void write_bed(JsonWriter& json, const AlarmWords& words, const monitor::BedState& bed) {
    json.begin_object();
    write_subject(json, words, bed.subject);
    json.member("as_of", bed.as_of).member("watched", bed.is_watched).key("alarms").begin_array();
    for (const auto& each : bed.alarms) write_alarm(json, words, each);
    json.end_array().key("inactivations").begin_array();
    for (const auto& each : bed.inactivations) {
        json.begin_object().member("id", to_string(each.id));
        json.member("kind", to_string(each.kind));
        member_or_null(json, "alarm", each.alarm);
        json.member_or_null("condition",
                            each.condition ? key_of(words, each.condition) : std::string());
        json.member("by", each.by).member("reason", each.reason);
        json.member("since", each.since).member("until", each.until).end_object();
    }
    json.end_array().member_or_null("unmonitored_since", bed.unmonitored_since);
    json.member("age_class", to_string(bed.age_class));
    json.member("age_confirmed", bed.is_age_confirmed);
    json.member_or_null("screen_name", bed.display ? bed.display->name : std::string());
    json.member_or_null("screen_unit", bed.display ? bed.display->unit : std::string());
    json.end_object();
}

void write_event(JsonWriter& json, const AlarmWords& words, const AlarmEvent& event) {
    json.begin_object().member("id", to_string(event.id));
    write_subject(json, words, event.id.subject);
    json.member("time", event.time).member("type", to_string(event.type));
    json.member("actor", event.actor).member("reason", event.reason);
    json.member("detail", event.detail);
    member_or_null(json, "alarm", event.alarm);
    const bool is_of_one = static_cast<bool>(event.condition.condition);
    const auto* condition = words.tables.conditions.find(event.condition.condition);
    json.member_or_null("condition",
                        is_of_one ? key_of(words, event.condition.condition) : std::string());
    json.member_or_null("words", condition != nullptr ? condition->display : std::string());
    write_metric(json, words, event.condition);
    json.member_or_null("priority",
                        event.priority ? to_string(*event.priority) : std::string_view());
    json.member_or_null("state", event.state ? to_string(*event.state) : std::string_view());
    json.member("episode", event.episode).member("level", event.level);
    write_told(json, event.told);
    json.member_or_null("since", event.since).member_or_null("until", event.until);
    member_or_null(json, "value", event.value);
    member_or_null(json, "limit", event.limit);
    write_unit(json, words, event.condition);
    json.end_object();
}

bool is_staff(const identity::Principal& who) {
    if (who.patient) return false;
    const auto reach = identity::rules_of(who.role).reach;
    return reach == identity::Reach::everyone || reach == identity::Reach::units;
}

bool looks_after(const identity::Registry& registry, const identity::Principal& who,
                 std::string_view unit) {
    if (!is_staff(who)) return false;
    const auto* account = registry.account(who.account);
    if (account == nullptr) return true;  // the operator at the machine
    if (account->units.empty())
        return identity::rules_of(who.role).reach == identity::Reach::everyone;
    return std::ranges::find(account->units, unit) != account->units.end();
}

bool shows(const AlarmWords& words, const store::Access& access, const identity::Principal& who,
           const monitor::BedState& bed) {
    if (bed.display && !bed.display->unit.empty())
        return looks_after(words.registry, who, bed.display->unit);
    return shows(access, is_staff(who), bed.subject);
}

bool shows(const store::Access& access, bool is_staff, const monitor::Subject& subject) {
    if (!subject.patient) return is_staff;
    if (!access.covers(subject.patient)) return false;
    const auto withheld = access.withheld_from(subject.patient);
    return !withheld || withheld->sees_readings();
}

}  // namespace vigil::share

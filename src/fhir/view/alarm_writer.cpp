#include "fhir/view/alarm_writer.hpp"

#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "codec/fhirjson/terminology.hpp"

namespace vigil::fhir {
namespace {

constexpr std::string_view category_system =
    "http://terminology.hl7.org/CodeSystem/communication-category";

void write_coding(JsonWriter& json, std::string_view system, std::string_view code,
                  std::string_view display) {
    json.begin_object().member("system", system).member("code", code);
    if (!display.empty()) json.member("display", display);
    json.end_object();
}

void write_reference(JsonWriter& json, const std::string& reference) {
    json.begin_object().member("reference", reference).end_object();
}

void write_reason(JsonWriter& json, const AlarmOccurrence& alarm) {
    json.key("reasonCode").begin_array().begin_object().key("coding").begin_array();
    write_coding(json, alarm_condition_system, alarm.condition, alarm.words);
    if (alarm.event_code != 0)
        write_coding(json, codec::fhirjson::terminology::mdc, std::to_string(alarm.event_code),
                     alarm.event_refid);
    json.end_array().member("text", alarm.words).end_object().end_array();
}

}  // namespace

std::string alarm_communication(const AlarmOccurrence& alarm, std::string_view patient_id) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("resourceType", "Communication");
    // The alarm's own id is of all its episodes.
    json.key("identifier").begin_array().begin_object().member("system", alarm_system);
    json.member("value", fmt::format("{}.{}", alarm.id, alarm.episode)).end_object().end_array();
    json.member("status", alarm.ended ? "completed" : "in-progress");
    json.key("category").begin_array().begin_object().key("coding").begin_array();
    write_coding(json, category_system, "alert", "Alert");
    json.end_array().end_object().end_array();
    json.member("priority", alarm.priority).key("subject");
    write_reference(json, fmt::format("Patient/{}", patient_id));
    if (alarm.device) {
        json.key("about").begin_array();
        if (alarm.metric)
            write_reference(json, "DeviceMetric/" + device_metric_id({alarm.device, alarm.metric}));
        write_reference(json, "Device/" + device_resource_id(alarm.device));
        json.end_array();
    }
    json.member("sent", format_rfc3339(alarm.onset.time));
    if (alarm.acknowledged) json.member("received", format_rfc3339(*alarm.acknowledged));
    if (alarm.device) {
        json.key("sender");
        write_reference(json, "Device/" + device_resource_id(alarm.device));
    }
    write_reason(json, alarm);
    json.key("payload").begin_array().begin_object();
    json.member("contentString", alarm.measured.empty()
                                     ? alarm.words
                                     : fmt::format("{}: {}", alarm.words, alarm.measured));
    json.end_object().end_array().end_object();
    return text;
}

}  // namespace vigil::fhir

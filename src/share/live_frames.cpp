#include "share/live_frames.hpp"

#include "base/json_writer.hpp"
#include "metric/unit.hpp"
#include "share/answer.hpp"
#include "share/reading_json.hpp"
#include "share/shapes.hpp"

namespace vigil::share {
namespace {

std::string_view device_name(const LiveSources& sources, DeviceId id) {
    const auto* device = sources.registry.device(id);
    return device != nullptr ? std::string_view(device->external_id) : std::string_view();
}

void write_texts(JsonWriter& json, const std::vector<std::string>& texts) {
    json.begin_array();
    for (const auto& text : texts) json.text(text);
    json.end_array();
}

bool is_waveform(const decltype(Reading::value)& value) {
    return std::holds_alternative<WaveformBlock>(value);
}

}  // namespace

std::string cursor_text(std::optional<Position> cursor) {
    return cursor ? '"' + position_text(*cursor) + '"' : "null";
}

void separate(std::string& list) {
    if (!list.empty()) list += ',';
}

std::string hello_frame(Timestamp now, Nanoseconds heartbeat, std::string_view version) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("type", "hello").member("server_time", now);
    json.member("heartbeat_s", std::chrono::duration_cast<std::chrono::seconds>(heartbeat).count());
    json.member("version", version).end_object();
    return text;
}

std::string heartbeat_frame(Timestamp now, std::optional<Position> cursor,
                            const std::vector<std::string>& refused) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("type", "heartbeat").member("server_time", now);
    json.key("cursor").verbatim(cursor_text(cursor)).key("refused");
    write_texts(json, refused);
    json.end_object();
    return text;
}

std::string error_frame(const Error& error) {
    return R"({"type":"error",)" + error_answer(error).body.substr(1);
}

std::string gap_frame(const Gap& gap) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("type", "gap").member("what", gap.what).key("patient").null();
    json.key("index").null().member_or_null("from", gap.from);
    json.member("to", gap.to).member("reason", gap.reason).end_object();
    return text;
}

std::string snapshot_frame(Timestamp now, std::optional<Position> cursor, std::string_view patients,
                           const std::vector<std::string>& refused, bool last) {
    std::string text = R"({"type":"snapshot","cursor":)" + cursor_text(cursor);
    text += R"(,"server_time":")" + format_rfc3339(now) + R"(","patients":[)";
    text.append(patients).append(R"(],"refused":)");
    JsonWriter json(text);
    write_texts(json, refused);
    text += last ? R"(,"last":true})" : R"(,"last":false})";
    return text;
}

void snapshot_patient(std::string& out, const LiveSources& sources,
                      const Subscription& subscription, const PatientPast& past, Timestamp now) {
    separate(out);
    JsonWriter json(out);
    const auto id = patient_id_text(past.patient);
    json.begin_object().member("patient", id).key("readings").begin_array();
    for (const auto& [key, sample] : past.newest) {
        if (is_waveform(sample.value) || !subscription.wants(key.metric)) continue;
        write_reading(json, sources.catalogue,
                      {.metric = key.metric,
                       .channel = key.channel,
                       .status = sample.status,
                       .device_time = sample.device_time,
                       .value = sample.value},
                      {.patient = id,
                       .device = device_name(sources, key.device),
                       .filed_time = sample.filed_time,
                       .receive_time = sample.receive_time,
                       .sequence = sample.sequence,
                       .position = std::nullopt});
    }
    json.end_array().key("devices").begin_array();
    for (const auto& [device_id, device] : sources.registry.devices())
        if (sources.registry.patient_at(device_id, now) == past.patient)
            write_device(json, sources.registry, device, sources.devices.find(device_id), now);
    json.end_array().end_object();
}

std::string readings_frame(Position cursor, bool replay, std::string_view readings) {
    std::string text = R"({"type":"readings","cursor":)" + cursor_text(cursor);
    text += replay ? R"(,"replay":true,"readings":[)" : R"(,"replay":false,"readings":[)";
    text.append(readings).append("]}");
    return text;
}

std::string readings_of(const LiveSources& sources, const Subscription& subscription,
                        const store::Access& access, const collect::FiledMessage& message) {
    const auto patient = patient_id_text(message.patient);
    const auto device = device_name(sources, message.device);
    std::string written;
    JsonWriter json(written);
    for (std::size_t i = 0; i < message.readings.size(); ++i) {
        const auto& filed = message.readings[i];
        if (is_waveform(filed.reading.value) || !subscription.wants(filed.reading.metric)) continue;
        if (!access.sees(message.patient, filed.reading.metric, filed.filed_time)) continue;
        write_reading(
            json, sources.catalogue, filed.reading,
            {.patient = patient,
             .device = device,
             .filed_time = filed.filed_time,
             .receive_time = message.receive_time,
             .sequence = message.first_sequence + static_cast<std::uint32_t>(i),
             .position = message.stored() ? std::optional(message.position) : std::nullopt,
             .stored = message.stored()});
    }
    return written;
}

std::string devices_frame(const LiveSources& sources, Position cursor,
                          const std::vector<DeviceId>& devices, Timestamp now) {
    std::string text = R"({"type":"devices","cursor":)" + cursor_text(cursor) + R"(,"devices":)";
    JsonWriter json(text);
    json.begin_array();
    for (const auto id : devices)
        if (const auto* device = sources.registry.device(id))
            write_device(json, sources.registry, *device, sources.devices.find(id), now);
    json.end_array();
    return text + "}";
}

void announce_series(std::string& out, const LiveSources& sources, std::uint32_t index,
                     PatientId patient, const store::SeriesKey& key, UnitId unit) {
    separate(out);
    JsonWriter json(out);
    json.begin_object().member("index", index).member("patient", patient_id_text(patient));
    json.member("device", device_name(sources, key.device));
    json.member("metric", sources.catalogue.at(key.metric).key).member("channel", key.channel);
    json.member("unit", units::at(unit).ucum)
        .member("unit_shown", units::at(unit).shown)
        .end_object();
}

}  // namespace vigil::share

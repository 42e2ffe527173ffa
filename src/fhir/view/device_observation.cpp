#include "fhir/view/device_observation.hpp"

#include <algorithm>

#include "codec/fhirjson/observation.hpp"
#include "fhir/resource/reference.hpp"
#include "fhir/resource/resource.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/view/device_views.hpp"
#include "fhir/view/view_id.hpp"

namespace vigil::fhir {
namespace {

using Named = std::optional<std::variant<DeviceId, std::string>>;

constexpr std::size_t date_length = 10;      // a day is no instant
constexpr std::size_t readings_max = 1'000;  // of one Observation

// Its name in topics, of a Device or of a reference that carries it.
Named named_by(JsonValue identifier) {
    const auto value = identifier["value"].string();
    if (identifier["system"].string() != device_system || value.empty()) return std::nullopt;
    return std::string(value);
}

Named named_in(JsonValue device) {
    for (const auto identifier : device["identifier"])
        if (auto name = named_by(identifier)) return name;
    return std::nullopt;
}

// The device that an Observation, or a DeviceMetric by its source, refers to.
class DeviceFinder {
public:
    DeviceFinder(store::RecordReader& reader, const DeviceObservationContext& context)
        : reader_(reader), context_(context) {}

    Result<Named> find(JsonValue reference, JsonValue around) {
        const auto text = reference["reference"].string();
        if (text.empty()) return named_by(reference["identifier"]);
        const auto to = read_reference(text, context_.base, context_.definitions);
        if (to.is_contained) return named_in(contained(around, to.contained));
        if (to.type == "Device") return of_device(to.id);
        if (to.type == "DeviceMetric") return of_metric(to.id);
        return Named();
    }

private:
    static JsonValue contained(JsonValue around, std::string_view id) {
        for (const auto resource : around["contained"])
            if (resource["id"].string() == id) return resource;
        return {};
    }
    Result<Named> of_device(std::string_view id) {
        if (const auto device = read_device_resource_id(id)) return Named(*device);
        VIGIL_TRY(found, reader_.get("Device", id));
        if (!found || found->deleted) return Named();
        VIGIL_TRY(device, Resource::parse(resource_text(*found)));
        return named_in(device.json());
    }
    Result<Named> of_metric(std::string_view id) {
        if (const auto metric = read_device_metric_id(id)) return Named(metric->device);
        VIGIL_TRY(found, reader_.get("DeviceMetric", id));
        if (!found || found->deleted) return Named();
        VIGIL_TRY(metric, Resource::parse(resource_text(*found)));
        const auto to = read_reference(metric.json()["source"]["reference"].string(), context_.base,
                                       context_.definitions);
        return to.type == "Device" ? of_device(to.id) : Result<Named>(Named());
    }

    store::RecordReader& reader_;
    const DeviceObservationContext& context_;
};

Standing standing(std::string_view status) {
    if (status == "final" || status == "amended" || status == "corrected") return Standing::stands;
    const bool is_error = status == "entered-in-error" || status == "cancelled";
    return is_error ? Standing::withdrawn : Standing::open;
}

// A period is when the samples of a waveform were; of a number it says that it is none of one time.
bool has_instant(JsonValue observation) {
    const auto at = [&](std::string_view name) {
        return observation[name].string().size() > date_length;
    };
    return at("effectiveDateTime") || at("effectiveInstant") ||
           (observation["valueSampledData"] &&
            observation["effectivePeriod"]["start"].string().size() > date_length);
}

}  // namespace

bool names_device(const store::Record& record) {
    return !record.deleted && record.body.find("\"device\"") != std::string::npos;
}

Standing standing_of(const store::Record& observation) {
    if (observation.deleted) return Standing::withdrawn;
    const auto resource = Resource::parse(resource_text(observation));
    return resource ? standing(resource->json()["status"].string()) : Standing::open;
}

Result<std::optional<DeviceObservation>> read_device_observation(
    const store::Record& record, store::RecordReader& reader,
    const DeviceObservationContext& context) {
    using Found = std::optional<DeviceObservation>;
    VIGIL_TRY(resource, Resource::parse(resource_text(record)));
    const auto json = resource.json();
    if (standing(json["status"].string()) != Standing::stands || !has_instant(json)) return Found();
    // Readings bear no labels: what does stays a record, where the label holds.
    if (json["meta"]["security"].size() > 0) return Found();
    const auto subject =
        read_reference(json["subject"]["reference"].string(), context.base, context.definitions);
    if (json["subject"] && subject.type != "Patient") return Found();
    VIGIL_TRY(device, DeviceFinder(reader, context).find(json["device"], json));
    if (!device) return Found();
    JsonDocument document;
    DecodedMessage message;
    const codec::DecodeContext decoding{.catalogue = context.catalogue,
                                        .receive_time = record.updated};
    // What it cannot read stays a record, which is no fault.
    if (!codec::fhirjson::decode(resource.text(), decoding, document, message)) return Found();
    if (!message.unread.empty() || message.readings.empty() ||
        message.readings.size() > readings_max)
        return Found();
    const auto time = message.readings.front().device_time;
    if (!time || !std::ranges::all_of(message.readings,
                                      [&](const Reading& one) { return one.device_time == time; }))
        return Found();
    return Found(DeviceObservation{.device = std::move(*device),
                                   .patient = std::string(subject.id),
                                   .time = *time,
                                   .offset_minutes = message.offset_minutes,
                                   .readings = std::move(message.readings)});
}

}  // namespace vigil::fhir

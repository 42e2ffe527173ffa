#pragma once
// FHIR R4 Observations of devices ⇄ readings.

#include <span>
#include <string_view>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "codec/payload_rules.hpp"

namespace vigil::codec::fhirjson {

constexpr std::size_t payload_bytes_max = std::size_t{8} << 20;
constexpr std::size_t values_max = 1'000'000;

// One Observation, a Bundle of them, or NDJSON (one a line). Values come from value[x],
// dataAbsentReason and components; the device from `device.identifier` or a contained Device; the
// message's identity from the Observations' identifiers (or the Bundle's). The subject is not
// read: whose readings these are, the device's association says.
Result<void> decode(std::string_view payload, const DecodeContext& context, JsonDocument& json,
                    DecodedMessage& out);

// What stands around a value; empty texts are left out.
struct ObservationContext {
    std::string_view id;
    std::string_view identifier_system, identifier_value;
    std::string_view subject;  // a reference: "Patient/12"
    std::string_view device;   // a reference: "Device/7"
    std::string_view device_identifier_system, device_identifier_value;
    Timestamp effective;
    std::int16_t offset_minutes = 0;  // effective is written with it
};

// What is measured, as the CodeableConcept `key`: IEEE 11073 first, then LOINC, then our own name.
void write_metric(JsonWriter& json, std::string_view key, const Metric& metric);

// A reading as one Observation resource. Read back, it is the same reading at `effective`, but for
// the status bits that the server itself sets.
void write_observation(JsonWriter& json, const Catalogue& catalogue, const Reading& reading,
                       const ObservationContext& context);

// Readings that are parts of one measurement, such as the pressures of a cuff, as one Observation
// with a component each; `panel` is the metric of the whole.
void write_panel(JsonWriter& json, const Catalogue& catalogue, const Metric& panel,
                 std::span<const Reading> parts, const ObservationContext& context);

}  // namespace vigil::codec::fhirjson

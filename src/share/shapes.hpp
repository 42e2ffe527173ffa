#pragma once
// Patients, devices and associations as the API and the live stream show them:
// docs/reference/series-api.md, Shapes.

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "base/json_writer.hpp"
#include "collect/device_state.hpp"
#include "identity/registry.hpp"

namespace vigil::share {

// The API's id of a patient is opaque text; ours is the registry's number.
std::string patient_id_text(PatientId patient);
std::optional<PatientId> parse_patient_id(std::string_view text);

// "AE" of "Ada Example": the first letters of the first and the last word.
std::string initials_of(std::string_view display_name);

// `fhir_id`: of the patient's Patient at /fhir, empty where there is none yet.
void write_patient(JsonWriter& json, const identity::Patient& patient, std::string_view fhir_id);

// `state` may be missing: the device has not been heard of since the server started.
void write_device(JsonWriter& json, const identity::Registry& registry,
                  const identity::Device& device, const collect::DeviceState* state, Timestamp now);

void write_certificate(JsonWriter& json, const identity::DeviceCertificate& certificate,
                       Timestamp now);

void write_association(JsonWriter& json, const identity::Registry& registry, DeviceId device,
                       const identity::Association& association);

// Unit, then bed, digits by value: "ICU 2" before "ICU 10".
bool natural_less(std::string_view a, std::string_view b);

}  // namespace vigil::share

#pragma once
// The code systems that device Observations use, as FHIR R4 names them.

#include <string_view>

namespace vigil::codec::fhirjson::terminology {

constexpr std::string_view mdc = "urn:iso:std:iso:11073:10101";
constexpr std::string_view mdc_oid = "urn:oid:2.16.840.1.113883.6.24";
constexpr std::string_view loinc = "http://loinc.org";
constexpr std::string_view loinc_oid = "urn:oid:2.16.840.1.113883.6.1";
constexpr std::string_view ucum = "http://unitsofmeasure.org";
constexpr std::string_view category = "http://terminology.hl7.org/CodeSystem/observation-category";
constexpr std::string_view data_absent_reason =
    "http://terminology.hl7.org/CodeSystem/data-absent-reason";
constexpr std::string_view interpretation =
    "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
constexpr std::string_view measurement_status =
    "http://hl7.org/fhir/uv/pocd/CodeSystem/measurement-status";
constexpr std::string_view act_reason = "http://terminology.hl7.org/CodeSystem/v3-ActReason";

// Ours: catalogue keys, for metrics without a code; the source's status words without a code; the
// channel that tells equal metrics of one device apart.
constexpr std::string_view vigil_metric = "urn:vigil:metric";
constexpr std::string_view vigil_status = "urn:vigil:reading-status";
constexpr std::string_view vigil_channel = "urn:vigil:channel";

}  // namespace vigil::codec::fhirjson::terminology

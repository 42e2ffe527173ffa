#pragma once
// An alarm as a FHIR R4 Communication. R4 has no resource for alarms: the mapping is ours
// (docs/decisions/0049-alarms-over-fhir.md).

#include <string>
#include <string_view>

#include "fhir/view/alarm_views.hpp"

namespace vigil::fhir {

// Ours: rows of data/alarm-conditions.tsv, and the alarms' own ids.
constexpr std::string_view alarm_condition_system = "urn:vigil:alarm-condition";
constexpr std::string_view alarm_system = "urn:vigil:alarm";

// Without an id and a meta, which the record has.
std::string alarm_communication(const AlarmOccurrence& alarm, std::string_view patient_id);

}  // namespace vigil::fhir

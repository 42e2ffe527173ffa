#pragma once
// The tables of rhythms and alarms of `vigil evaluate ecg`.

#include <string>

#include "app/evaluate_ecg.hpp"
#include "base/json_writer.hpp"

namespace vigil::app {

std::string rhythm_tables(const EcgEvaluation& evaluation);

// Members "atrial_fibrillation" and "alarms" of an object; null where nothing is annotated.
void write_rhythms(JsonWriter& json, const rhythm::RhythmAccuracy& accuracy);
// Sums over the records.
rhythm::RhythmAccuracy gross_rhythms(const EcgEvaluation& evaluation);
// An array, an object a record that a bedside monitor alarmed in.
void write_alarm_records(JsonWriter& json, const EcgEvaluation& evaluation);

}  // namespace vigil::app

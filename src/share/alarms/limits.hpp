#pragma once
// Limits as docs/reference/alarms-api.md shows and takes them.

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/result.hpp"
#include "monitor/alarms/limit_edit.hpp"
#include "monitor/alarms/limit_table.hpp"
#include "share/alarms/shapes.hpp"

namespace vigil::share {

double seconds_of(Nanoseconds time);

// Members of an object: which limit it is, and how it is set.
void write_limit_row(JsonWriter& json, const AlarmWords& words, const monitor::LimitRow& row);
void write_setting(JsonWriter& json, const monitor::LimitSetting& setting);
// Those members that an edit says; of the others nothing.
void write_edit(JsonWriter& json, const monitor::LimitEdit& edit);

// Refused where it says nothing.
Result<monitor::LimitEdit> read_edit(const monitor::Condition& condition, JsonValue body);

}  // namespace vigil::share

#pragma once
// Smart conditions as docs/reference/alarms-api.md shows and takes them.

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/result.hpp"
#include "monitor/alarms/patient_monitor.hpp"

namespace vigil::share {

constexpr std::size_t rule_name_bytes_max = 100;

// "rule_32768", as the alarms of it name their condition.
std::string rule_key(monitor::ConditionId condition);
Result<monitor::ConditionId> parse_rule_key(std::string_view key);

void write_rule(JsonWriter& json, const monitor::AlarmRuleSet& rule, std::string_view by,
                std::string_view reason, Timestamp since);

// Of whom and which it is, the caller says. A text that is no rule is refused with the place.
Result<monitor::AlarmRuleSet> read_rule(JsonValue body, const Catalogue& catalogue);
Result<monitor::Rule> read_rule_text(JsonValue body, const Catalogue& catalogue);

}  // namespace vigil::share

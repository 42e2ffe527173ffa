#pragma once
// Which default limits a person's age asks for.

#include <optional>
#include <string_view>

#include "base/time.hpp"
#include "monitor/alarms/words.hpp"

namespace vigil::monitor {

// Neonate: the first 28 days (WHO); paediatric: under 18 years (Convention on the Rights of the
// Child, art. 1). Makers and sites differ: a person may confirm another class.
constexpr int neonate_days = 28;
constexpr int paediatric_years = 18;

// Of a FHIR date (monitor/birth_date.hpp). None: not known, lying ahead, or a partial date that
// leaves more than one class open; whoever asks then takes adult, and flags it until somebody
// confirms.
std::optional<AgeClass> age_class(std::string_view birth_date, Timestamp now);

}  // namespace vigil::monitor

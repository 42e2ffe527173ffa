#pragma once
// The persons of a survey as a table of what receivers would see of each, level by level.

#include <optional>
#include <vector>

#include "fhir/deidentify/release.hpp"

namespace vigil::fhir::deidentify {

// Fewer than 11 persons have it.
bool is_rare(const Survey& survey, std::uint32_t diagnosis);

// Of the age at the first date, or at the day of the release where there is none; nothing: unknown,
// or the level has no bands.
std::optional<int> age_band_low(const PersonFacts& facts, std::uint8_t level, Timestamp as_of);

// Whether a column of the quasi-identifier makes sense: asked for, and told as one.
bool is_measured(Quasi quasi, const ReleaseSettings& settings);

RiskTable table_of(const Survey& survey, const std::vector<PersonFacts*>& persons,
                   const std::vector<Quasi>& measured, const ReleaseSettings& settings);

// What is sensitive: without the codes that are withheld, for nobody learns those.
void add_diagnoses(RiskTable& table, const Survey& survey, const std::vector<PersonFacts*>& persons,
                   bool are_rare_withheld);

}  // namespace vigil::fhir::deidentify

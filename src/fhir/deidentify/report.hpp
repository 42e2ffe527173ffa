#pragma once
// What is told of a release: to people as text, to machines as JSON. It may go with the data: it
// names nobody, no time and no code system, and counts of fewer than 11 persons are hidden.

#include <cstdint>
#include <map>
#include <string>

#include "fhir/deidentify/release.hpp"
#include "fhir/deidentify/small_cells.hpp"

namespace vigil::fhir::deidentify {

struct ReleaseReport {
    const ReleaseSettings& settings;
    const Decision& decision;
    std::string gate;  // its name
    using ByType = std::map<std::string, std::uint64_t, std::less<>>;
    ByType came, released;  // resources by type
    Counts counts;
    std::uint64_t refused = 0, unreadable = 0;  // resources; lines
    bool has_curves = false;
    bool has_key = false;   // it was kept
    bool has_data = false;  // the data was written
    CountTable persons;     // released, by age and sex
};

std::string text_of(const ReleaseReport& report);
std::string json_of(const ReleaseReport& report);

// Of the released persons.
CountTable persons_by_age_and_sex(const Survey& survey, const ReleaseSettings& settings);

}  // namespace vigil::fhir::deidentify

#pragma once
// What a release must reach before it leaves (docs/guides/deidentify.md, "The gate").

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/deidentify/risk.hpp"

namespace vigil::fhir::deidentify {

struct Gate {
    std::uint32_t k = 0;                   // at least
    std::optional<double> prosecutor_max;  // below
    std::optional<double> marketer_max;    // below
    std::optional<std::uint32_t> l;        // at least, distinct and by entropy
    std::optional<double> t;               // at most

    // The smallest class that k and the prosecutor's risk let through.
    std::uint32_t class_min() const;
};

// "public": anybody may get it. "trusted": receivers who are bound by an agreement. "none": the
// risk is measured, and nothing refused.
std::optional<Gate> gate_of(std::string_view name);

struct GateLine {
    std::string what, found, wanted;
    bool holds = false;
};
std::vector<GateLine> check(const Measures& measures, const Gate& gate);

}  // namespace vigil::fhir::deidentify

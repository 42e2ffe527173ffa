#pragma once
// Outside the catalogue's artefact limits: kept as sent, flagged, never corrected.

#include "metric/catalogue.hpp"
#include "metric/reading.hpp"
#include "metric/unit.hpp"

namespace vigil::collect {

inline bool implausible(const Metric& metric, const NumericValue& numeric) {
    if (numeric.special != SpecialValue::none) return false;
    if (!metric.plausible_min && !metric.plausible_max) return false;
    auto value = numeric.value;
    if (numeric.unit && metric.unit && numeric.unit != metric.unit) {
        const auto normal = units::convert(value, numeric.unit, metric.unit, metric.molar_mass);
        if (!normal) return false;
        value = *normal;
    }
    return (metric.plausible_min && value < *metric.plausible_min) ||
           (metric.plausible_max && value > *metric.plausible_max);
}

inline void mark_implausible(const Catalogue& catalogue, Reading& reading) {
    if (const auto* numeric = std::get_if<NumericValue>(&reading.value);
        numeric != nullptr && implausible(catalogue.at(reading.metric), *numeric))
        reading.status |= status::implausible;
}

}  // namespace vigil::collect

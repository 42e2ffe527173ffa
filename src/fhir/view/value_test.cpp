#include "fhir/view/value_test.hpp"

#include <algorithm>

#include "fhir/view/condition_match.hpp"
#include "metric/unit.hpp"

namespace vigil::fhir {

const CanonicalQuantity& ValueTest::canonical(UnitId unit) {
    const auto [place, is_new] = units_.try_emplace(unit);
    if (is_new)
        place->second = canonical_quantity("http://unitsofmeasure.org", units::at(unit).ucum);
    return place->second;
}

bool ValueTest::met(const NumericValue& number) {
    if (number.special != SpecialValue::none) return false;
    const auto value = number.value.to_double();
    return std::ranges::all_of(asked_, [&](const store::NumberMatch& asked) {
        const auto& unit = asked.value.unit;
        if (!unit.empty() && unit != canonical(number.unit).unit) return false;
        const auto here = unit.empty() ? value : canonical(number.unit)(value);
        return compare(asked.comparison, store::NumberValue{unit, here, here}, asked.value);
    });
}

}  // namespace vigil::fhir

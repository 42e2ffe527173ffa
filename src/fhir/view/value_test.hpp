#pragma once
// Numbers of the series against what a search asks of value-quantity.

#include <map>
#include <vector>

#include "fhir/search/number.hpp"
#include "metric/reading.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

// What is asked of value-quantity. Of parts and waveforms nothing is.
class ValueTest {
public:
    explicit ValueTest(const std::vector<store::NumberMatch>& asked) : asked_(asked) {}
    bool is_asked() const { return !asked_.empty(); }
    bool met(const NumericValue& number);

private:
    const CanonicalQuantity& canonical(UnitId unit);
    const std::vector<store::NumberMatch>& asked_;
    std::map<UnitId, CanonicalQuantity> units_;
};

}  // namespace vigil::fhir

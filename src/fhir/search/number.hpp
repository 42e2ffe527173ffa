#pragma once
// Numbers and quantities as searches compare them (FHIR R4 3.1.1.4.5 and 3.1.1.4.11).

#include <string>
#include <string_view>

#include "base/decimal.hpp"
#include "base/result.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

// What a number in a request stands for: 100 is from 99.5 up to 100.5, 1.00e2 as well, 1e2 from 95
// up to 105.
struct NumberRange {
    double low = 0, high = 0, exact = 0;
};
Result<NumberRange> read_number(std::string_view text);

// A decimal as the nearest double, however many digits it has; `text` is a JSON number.
double number_of(std::string_view text);

// A quantity in the unit that all of its dimension are compared in: where `unit` is a UCUM code
// that this server can convert, the first of data/units.tsv that it converts to; else as it is.
struct CanonicalQuantity {
    std::string unit;
    double factor = 1, offset = 0;  // canonical = value × factor + offset
    // Converted values to nine digits: 98.6 °F are 37 °C, not a little less.
    double operator()(double value) const;
};
CanonicalQuantity canonical_quantity(std::string_view system, std::string_view unit);

}  // namespace vigil::fhir

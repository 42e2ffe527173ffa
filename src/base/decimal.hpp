#pragma once
// Exact decimal numbers: mantissa × 10^exponent. The exponent carries the precision that was sent
// (1.00 is {100, -2} and stays so), hence `same_as` (identity) beside `==` (value).
// Zero has no sign: "-0.0" is read as 0.0. FHIR's decimal is xs:decimal, whose values are i/10^n
// with i an integer (XML Schema 1.1 part 2, 3.3.3), and the mantissa of FLOAT and SFLOAT is a two's
// complement integer (IEEE 11073-20601): neither has a second zero to tell apart. A sign that
// JSON text or a binary float put before zero is in the raw message alone.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vigil {

struct Decimal {
    std::int64_t mantissa = 0;
    std::int8_t exponent = 0;

    bool same_as(const Decimal& other) const {
        return mantissa == other.mantissa && exponent == other.exponent;
    }
    double to_double() const;
};

// By value: 1.0 == 1.00. Exact for every pair.
std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
inline bool operator==(const Decimal& a, const Decimal& b) {
    return (a <=> b) == 0;
}

// The JSON number grammar, a leading '+' also accepted: "-12.50", "1e3". At most 18 significant
// digits (more is `too_large`, never rounded silently) and exponents -128..127.
Result<Decimal> parse_decimal(std::string_view text);

// Plain notation where the exponent is -18..0 ("1.00", "-0.05"), scientific otherwise ("12E3").
std::string to_string(const Decimal& value);
void append(std::string& out, const Decimal& value);

// value × factor_mantissa / divisor + offset is done in metric/units; here only what is exact:
// the same value at another exponent, if no digit is lost and the mantissa fits.
Result<Decimal> rescaled(const Decimal& value, std::int8_t exponent);

// The nearest decimal with `exponent`, halves away from zero. Not finite, or too large: an error.
Result<Decimal> decimal_from_double(double value, std::int8_t exponent);

}  // namespace vigil

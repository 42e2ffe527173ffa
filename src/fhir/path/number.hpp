#pragma once
// Arithmetic of the Decimals of FHIRPath (N1, 4.1.4 and 6.6): exact in 128 bits, then fitted to
// what a Decimal holds. Nothing: the result does not fit, which FHIRPath answers with an empty
// collection.

#include <cstdint>
#include <optional>

#include "base/decimal.hpp"

namespace vigil::fhir::path {

std::optional<Decimal> add(const Decimal& a, const Decimal& b);
std::optional<Decimal> subtract(const Decimal& a, const Decimal& b);
std::optional<Decimal> multiply(const Decimal& a, const Decimal& b);
// To 8 decimal places, the step of a Decimal (N1, 4.1.4); nothing where `b` is 0.
std::optional<Decimal> divide(const Decimal& a, const Decimal& b);
std::optional<std::int64_t> divide_truncated(const Decimal& a, const Decimal& b);
std::optional<Decimal> remainder(const Decimal& a, const Decimal& b);

// To `places` after the point, halves away from zero.
std::optional<Decimal> round(const Decimal& value, int places);
Decimal truncate(const Decimal& value);
std::optional<std::int64_t> to_integer(const Decimal& value);  // of a whole number
std::optional<Decimal> power(const Decimal& base, std::int64_t exponent);
// 15 significant digits; nothing of what is not finite.
std::optional<Decimal> from_double(double value);

// An Integer of FHIRPath has 32 bits (N1, 4.1.3).
constexpr std::int64_t integer_max = 2'147'483'647;
constexpr bool is_integer(std::int64_t value) {
    return value >= -integer_max - 1 && value <= integer_max;
}

}  // namespace vigil::fhir::path

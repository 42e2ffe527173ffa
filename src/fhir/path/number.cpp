#include "fhir/path/number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace vigil::fhir::path {
namespace {

__extension__ using Wide = __int128;  // -Wpedantic: ours by choice

constexpr std::int64_t mantissa_max = 999'999'999'999'999'999;  // what parse_decimal accepts
constexpr int decimal_places = 8;
// 10^18 × 10^19 is below 2^127.
constexpr int shift_max = 19;

Wide power_of_ten(int n) {
    Wide power = 1;
    while (n-- > 0) power *= 10;
    return power;
}

Wide divided_half_away(Wide numerator, Wide denominator) {
    const bool negative = (numerator < 0) != (denominator < 0);
    const Wide n = numerator < 0 ? -numerator : numerator;
    const Wide d = denominator < 0 ? -denominator : denominator;
    const Wide quotient = n / d + (n % d >= d - n % d ? 1 : 0);
    return negative ? -quotient : quotient;
}

// Digits beyond the 18 of a Decimal go only as far as they are zeros or beyond 8 places.
std::optional<Decimal> fitted(Wide mantissa, int exponent) {
    const auto too_long = [&] { return mantissa > mantissa_max || mantissa < -mantissa_max; };
    for (; mantissa != 0 && too_long() && mantissa % 10 == 0; mantissa /= 10) ++exponent;
    if (too_long() && exponent < -decimal_places) {
        mantissa = divided_half_away(mantissa, power_of_ten(-decimal_places - exponent));
        exponent = -decimal_places;
    }
    if (mantissa == 0) exponent = std::clamp(exponent, -decimal_places, 0);
    if (too_long() || exponent < -128 || exponent > 127) return std::nullopt;
    return Decimal{static_cast<std::int64_t>(mantissa), static_cast<std::int8_t>(exponent)};
}

// Both at the smaller of their exponents.
struct Aligned {
    Wide a, b;
    int exponent;
};
std::optional<Aligned> aligned(const Decimal& a, const Decimal& b) {
    Aligned out{a.mantissa, b.mantissa, std::min(a.exponent, b.exponent)};
    if (a.mantissa == 0) out.exponent = b.exponent;
    if (b.mantissa == 0) out.exponent = a.exponent;
    const int shift_a = a.mantissa == 0 ? 0 : a.exponent - out.exponent;
    const int shift_b = b.mantissa == 0 ? 0 : b.exponent - out.exponent;
    if (shift_a > shift_max || shift_b > shift_max) return std::nullopt;
    out.a *= power_of_ten(shift_a);
    out.b *= power_of_ten(shift_b);
    return out;
}

Decimal without_trailing_zeros(Decimal value) {
    for (; value.exponent < 0 && value.mantissa % 10 == 0; value.mantissa /= 10) ++value.exponent;
    return value;
}

}  // namespace

std::optional<Decimal> add(const Decimal& a, const Decimal& b) {
    const auto both = aligned(a, b);
    if (!both) return std::nullopt;
    return fitted(both->a + both->b, both->exponent);
}

std::optional<Decimal> subtract(const Decimal& a, const Decimal& b) {
    return add(a, {-b.mantissa, b.exponent});
}

std::optional<Decimal> multiply(const Decimal& a, const Decimal& b) {
    return fitted(static_cast<Wide>(a.mantissa) * b.mantissa, a.exponent + b.exponent);
}

std::optional<Decimal> divide(const Decimal& a, const Decimal& b) {
    if (b.mantissa == 0) return std::nullopt;
    const int shift = a.exponent - b.exponent + decimal_places;
    if (shift > shift_max) return std::nullopt;
    if (shift < -shift_max) return Decimal{};
    const Wide numerator = a.mantissa * power_of_ten(std::max(shift, 0));
    const Wide denominator = b.mantissa * power_of_ten(std::max(-shift, 0));
    const auto quotient = fitted(divided_half_away(numerator, denominator), -decimal_places);
    if (!quotient) return std::nullopt;
    return without_trailing_zeros(*quotient);
}

std::optional<std::int64_t> divide_truncated(const Decimal& a, const Decimal& b) {
    const auto both = aligned(a, b);
    if (!both || b.mantissa == 0) return std::nullopt;
    const Wide quotient = both->a / both->b;
    if (quotient > mantissa_max || quotient < -mantissa_max) return std::nullopt;
    return static_cast<std::int64_t>(quotient);
}

std::optional<Decimal> remainder(const Decimal& a, const Decimal& b) {
    const auto both = aligned(a, b);
    if (!both || b.mantissa == 0) return std::nullopt;
    return fitted(both->a % both->b, both->exponent);
}

std::optional<Decimal> round(const Decimal& value, int places) {
    const int dropped = -places - value.exponent;
    if (dropped <= 0) return value;
    const Wide mantissa =
        dropped > shift_max ? Wide{0} : divided_half_away(value.mantissa, power_of_ten(dropped));
    return fitted(mantissa, -places);
}

Decimal truncate(const Decimal& value) {
    Decimal out = value;
    for (; out.exponent < 0 && out.mantissa != 0; out.mantissa /= 10) ++out.exponent;
    if (out.mantissa == 0) out.exponent = 0;
    return out;
}

std::optional<std::int64_t> to_integer(const Decimal& value) {
    const auto whole = rescaled(value, 0);
    return whole ? std::optional(whole->mantissa) : std::nullopt;
}

std::optional<Decimal> power(const Decimal& base, std::int64_t exponent) {
    const bool inverse = exponent < 0;
    auto left = inverse ? -exponent : exponent;
    std::optional<Decimal> result = Decimal{1, 0};
    std::optional<Decimal> square = base;
    for (; left > 0; left /= 2) {
        if (!square) return std::nullopt;
        if (left % 2 != 0) result = multiply(*result, *square);
        if (!result) return std::nullopt;
        square = multiply(*square, *square);
    }
    return inverse ? divide({1, 0}, *result) : result;
}

std::optional<Decimal> from_double(double value) {
    if (!std::isfinite(value)) return std::nullopt;
    const auto read = parse_decimal(fmt::format("{:.15g}", value));
    return read ? std::optional(*read) : std::nullopt;
}

}  // namespace vigil::fhir::path

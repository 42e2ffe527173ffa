#pragma once
// SFLOAT and FLOAT of IEEE 11073-20601, as GATT carries them: a decimal exponent and mantissa, so
// that the precision is part of the value (0xF014 is 2.0, 0xE0C8 is 2.00).

#include <cstdint>

#include "base/decimal.hpp"
#include "metric/reading.hpp"

namespace vigil::codec::ble {

// Special values are told by the mantissa alone, as most stacks send them with any exponent. The
// value that IEEE 11073 reserves is read as not a number.
template <int mantissa_bits>
NumericValue medical_float(std::uint32_t bits, UnitId unit) {
    constexpr std::int32_t half = std::int32_t{1} << (mantissa_bits - 1);
    constexpr std::uint32_t mask = (std::uint32_t{1} << mantissa_bits) - 1;
    constexpr int exponent_bits = mantissa_bits == 12 ? 4 : 8;
    const auto raw_exponent = static_cast<std::int32_t>(bits >> mantissa_bits);
    const auto exponent = raw_exponent >= (1 << (exponent_bits - 1))
                              ? raw_exponent - (1 << exponent_bits)
                              : raw_exponent;
    const auto raw = static_cast<std::int32_t>(bits & mask);
    const auto mantissa = raw >= half ? raw - 2 * half : raw;

    NumericValue out{{}, unit, SpecialValue::none};
    if (mantissa == half - 1 || mantissa == -half + 1)
        out.special = SpecialValue::not_a_number;
    else if (mantissa == -half)
        out.special = SpecialValue::not_at_this_resolution;
    else if (mantissa == half - 2)
        out.special = SpecialValue::positive_infinity;
    else if (mantissa == -half + 2)
        out.special = SpecialValue::negative_infinity;
    else
        out.value = {mantissa, static_cast<std::int8_t>(exponent)};
    return out;
}

inline NumericValue sfloat(std::uint16_t bits, UnitId unit) {
    return medical_float<12>(bits, unit);
}
inline NumericValue float32(std::uint32_t bits, UnitId unit) {
    return medical_float<24>(bits, unit);
}

}  // namespace vigil::codec::ble

#include "monitor/scores/steps.hpp"

#include "metric/unit.hpp"

namespace vigil::monitor {

std::optional<std::int64_t> rounded_steps(const Decimal& value, std::int8_t exponent) {
    constexpr std::int64_t steps_max = 1'000'000'000;
    __int128 mantissa = value.mantissa;
    int places = value.exponent - exponent;
    if (places > 12 && mantissa != 0) return std::nullopt;
    if (places < -19) return 0;  // 2^63 / 10^20 rounds to none
    for (; places > 0 && mantissa != 0; --places) mantissa *= 10;
    __int128 divisor = 1;
    for (; places < 0; ++places) divisor *= 10;
    const bool negative = mantissa < 0;
    const __int128 magnitude = ((negative ? -mantissa : mantissa) * 2 + divisor) / (2 * divisor);
    if (magnitude > steps_max) return std::nullopt;
    return static_cast<std::int64_t>(negative ? -magnitude : magnitude);
}

Result<Decimal> converted(const Decimal& value, UnitId from, UnitId to) {
    if (from == to) return value;
    constexpr std::int8_t more_places = 3;
    if (value.exponent > -100)
        if (auto finer = rescaled(value, static_cast<std::int8_t>(value.exponent - more_places)))
            if (auto fine = units::convert(*finer, from, to)) return fine;
    return units::convert(value, from, to);
}

}  // namespace vigil::monitor

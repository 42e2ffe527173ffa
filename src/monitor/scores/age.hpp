#pragma once
// Age at the time of an observation, from the date of birth, as precise as that is known.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "monitor/birth_date.hpp"

namespace vigil::monitor {

// Not all is known: a comparison may have no answer.
enum class Known : std::uint8_t { no, yes, unknown };

// A completed span of life: months and days, as charts print them ("3 months", "16 years").
struct Age {
    std::uint16_t months = 0;
    std::uint16_t days = 0;
    auto operator<=>(const Age&) const = default;
};

// "16y", "3mo", "28d". At most 150 years.
Result<Age> parse_age(std::string_view text);

// From the first day on which someone of this age lives until the day before `before`.
struct AgeRange {
    std::optional<Age> from, before;
    bool operator==(const AgeRange&) const = default;
};

// By birth_days: a date that is none (month 13, 31 February) or lies ahead is unknown.
Known is_of_age(const std::optional<BirthDate>& birth, const AgeRange& range, Timestamp at);

}  // namespace vigil::monitor

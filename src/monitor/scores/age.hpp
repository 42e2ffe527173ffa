#pragma once
// Age at the time of an observation, from the date of birth, as precise as that is known: FHIR's
// Patient.birthDate may be a year or a month alone.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace vigil::monitor {

// Not all is known: a comparison may have no answer.
enum class Known : std::uint8_t { no, yes, unknown };

struct BirthDate {
    std::int16_t year = 0;
    std::uint8_t month = 0;  // 0: not known
    std::uint8_t day = 0;    // 0: not known; of the month where there is one
    bool operator==(const BirthDate&) const = default;
};

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

// Days are those of UTC: around midnight of the birthday the answer may be a few hours off.
// A day ahead counts as today: where the sun rises first, a child is born on UTC's tomorrow. A date
// that is none (month 13, 31 February) or lies further ahead is unknown.
Known is_of_age(const std::optional<BirthDate>& birth, const AgeRange& range, Timestamp at);

// Further ahead than any place on earth is of UTC: an error, and no reason to take a patient for an
// adult.
bool lies_ahead(const std::optional<BirthDate>& birth, Timestamp at);

}  // namespace vigil::monitor

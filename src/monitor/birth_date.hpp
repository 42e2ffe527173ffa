#pragma once
// When somebody was born, as precisely as that is known: FHIR's Patient.birthDate may be a year or
// a month alone. The one reader of it for limits and for scores.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace vigil::monitor {

struct BirthDate {
    std::int16_t year = 0;
    std::uint8_t month = 0;  // 0: not known
    std::uint8_t day = 0;    // 0: not known; of the month where there is one
    bool operator==(const BirthDate&) const = default;
};

// Of a FHIR date (1957, 1957-02, 1957-02-03). None: not known, or no date (month 13, 31 February).
std::optional<BirthDate> parse_birth_date(std::string_view date);

// The days on which they may have been born, both inclusive.
struct BirthDays {
    std::chrono::sys_days earliest, latest;
};

// Days are those of UTC: around midnight of the birthday the answer may be a few hours off. A day
// ahead counts as today: where the sun rises first, a child is born on UTC's tomorrow. Nobody who
// is here was born later: of a partial date what lies after today is left out. None: it is no date,
// or lies further ahead.
std::optional<BirthDays> birth_days(const BirthDate& birth, Timestamp at);

// Further ahead than any place on earth is of UTC: an error, and no reason to take a patient for an
// adult.
bool lies_ahead(const BirthDate& birth, Timestamp at);

}  // namespace vigil::monitor

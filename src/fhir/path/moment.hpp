#pragma once
// Dates and times of every precision (FHIRPath N1, 4.1.5 to 4.1.7), their order (6.2) and their
// arithmetic (6.6.7).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/decimal.hpp"
#include "base/time.hpp"

namespace vigil::fhir::path {

struct Moment {
    // Seconds and their fraction are one precision (6.2).
    enum class Precision : std::uint8_t { year = 1, month, day, hour, minute, second };

    int year = 1, month = 1, day = 1, hour = 0, minute = 0;
    std::int64_t nanosecond = 0;  // of the minute
    std::uint8_t fraction_digits = 0;
    Precision precision = Precision::year;
    std::optional<std::int16_t> offset_minutes;
};

// "2015", "2015-02", "2015-02-04"
std::optional<Moment> parse_date(std::string_view text);
// Also "2015-02-04T14", "2015-02-04T14:34:28.123+10:00", "…Z". A fraction has at most 9 digits.
std::optional<Moment> parse_date_time(std::string_view text);
// "14", "14:34", "14:34:28.123"
std::optional<Moment> parse_time(std::string_view text);

std::string format_date(const Moment& moment);  // no finer than a day
std::string format_date_time(const Moment& moment);
std::string format_time(const Moment& moment);
Moment moment_of(Timestamp utc);  // to the millisecond

// Part by part from the year; nothing: one ends before they differ (6.2), or only one of two times
// has an offset and the other may be of any zone.
std::optional<int> compare(const Moment& a, const Moment& b);
inline bool same_precision(const Moment& a, const Moment& b) {
    return a.precision == b.precision;
}

enum class CalendarUnit : std::uint8_t {
    millisecond,
    second,
    minute,
    hour,
    day,
    week,
    month,
    year
};
// Nothing: out of the years 1 to 9999. A date gains no time of day by it, and the last of a month
// stays in its month.
std::optional<Moment> add(const Moment& moment, const Decimal& amount, CalendarUnit unit);
Moment add_time_of_day(const Moment& time, const Decimal& amount, CalendarUnit unit);  // round 24 h

}  // namespace vigil::fhir::path

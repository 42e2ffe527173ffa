#pragma once
// Time is nanoseconds since 1970-01-01T00:00:00Z. No room asks what time it is: it comes in with
// the data; only app/ and net/ read a clock.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vigil {

using Nanoseconds = std::chrono::nanoseconds;
using Timestamp = std::chrono::sys_time<Nanoseconds>;

constexpr Timestamp from_unix_ns(std::int64_t ns) {
    return Timestamp(Nanoseconds(ns));
}
constexpr std::int64_t unix_ns(Timestamp t) {
    return t.time_since_epoch().count();
}

// A time as a source wrote it: the instant, and the offset from UTC it was written with.
struct OffsetTime {
    Timestamp instant;
    std::int16_t offset_minutes = 0;
    bool operator==(const OffsetTime&) const = default;
};

// RFC 3339 / FHIR instant: YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm). Fractions beyond 9 digits and
// the leap second 60 are accepted (the latter as :59.999999999). Years 1678..2261.
Result<OffsetTime> parse_rfc3339(std::string_view text);

// The same without a zone, read as wall-clock time: the caller adds the zone it knows.
Result<Timestamp> parse_local_time(std::string_view text);

// "2026-03-01T12:00:00.5Z": as many fraction digits as the instant has, none if it is whole.
std::string format_rfc3339(Timestamp t, std::int16_t offset_minutes = 0);

// "90s", "5m", "12h", "7d", "250ms": as configuration and the command line write durations.
Result<Nanoseconds> parse_duration(std::string_view text);

}  // namespace vigil

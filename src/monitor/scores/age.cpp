#include "monitor/scores/age.hpp"

#include <charconv>

namespace vigil::monitor {
namespace {

using std::chrono::last;
using std::chrono::months;
using std::chrono::sys_days;
using std::chrono::year_month_day;

// The first day at which someone born on `born` is of this age. A month has no 31st: the age is
// reached on the first of the next.
sys_days reached(sys_days born, const Age& age) {
    const year_month_day date = year_month_day(born) + months(age.months);
    const auto day_of = date.ok()
                            ? sys_days(date)
                            : sys_days((date.year() / date.month() / last)) + std::chrono::days(1);
    return day_of + std::chrono::days(age.days);
}

}  // namespace

Result<Age> parse_age(std::string_view text) {
    constexpr unsigned years_max = 150;
    unsigned number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit(read.ptr, text.data() + text.size());
    if (read.ec == std::errc() && unit == "y" && number <= years_max)
        return Age{.months = static_cast<std::uint16_t>(number * 12)};
    if (read.ec == std::errc() && unit == "mo" && number <= years_max * 12)
        return Age{.months = static_cast<std::uint16_t>(number)};
    if (read.ec == std::errc() && unit == "d" && number <= 366)
        return Age{.days = static_cast<std::uint16_t>(number)};
    return fail(Error::Kind::malformed,
                "an age is a number of years, months or days: 16y, 3mo, 28d");
}

Known is_of_age(const std::optional<BirthDate>& birth, const AgeRange& range, Timestamp at) {
    if (!range.from && !range.before) return Known::yes;
    const auto born = birth ? birth_days(*birth, at) : std::nullopt;
    if (!born) return Known::unknown;
    const auto [earliest, latest] = *born;
    const auto today = std::chrono::floor<std::chrono::days>(at);
    const auto holds = [&](sys_days day_of_birth) {
        return (!range.from || reached(day_of_birth, *range.from) <= today) &&
               (!range.before || today < reached(day_of_birth, *range.before));
    };
    // The oldest and the youngest they may be: a range that holds neither may still hold between,
    // but then one of its ends lies between the two.
    if (holds(earliest) && holds(latest)) return Known::yes;
    const bool is_too_old = range.before && reached(latest, *range.before) <= today;
    const bool is_too_young = range.from && reached(earliest, *range.from) > today;
    return is_too_old || is_too_young ? Known::no : Known::unknown;
}

}  // namespace vigil::monitor

#include "monitor/birth_date.hpp"

#include <algorithm>
#include <charconv>

namespace vigil::monitor {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::last;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

// So many digits from `at` on, and nothing else.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    const auto part = text.substr(at, count);
    int number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    const bool is_read = error == std::errc() && end == part.data() + part.size() && number > 0;
    return is_read ? std::optional(number) : std::nullopt;
}

std::optional<BirthDays> days_of(const BirthDate& birth) {
    constexpr int year_min = 1800, year_max = 2261;
    if (birth.year < year_min || birth.year > year_max || birth.month > 12) return std::nullopt;
    const year y(birth.year);
    if (birth.month == 0) return BirthDays{sys_days(y / 1 / 1), sys_days(y / 12 / 31)};
    const auto m = y / month(birth.month);
    if (birth.day == 0) return BirthDays{sys_days(m / 1), sys_days(m / last)};
    const year_month_day date = m / day(birth.day);
    if (!date.ok()) return std::nullopt;
    return BirthDays{sys_days(date), sys_days(date)};
}

}  // namespace

std::optional<BirthDate> parse_birth_date(std::string_view date) {
    constexpr std::size_t of_year = 4, of_month = 7, of_day = 10;  // its bytes
    if (date.size() != of_year && date.size() != of_month && date.size() != of_day)
        return std::nullopt;
    const auto y = digits(date, 0, 4);
    if (!y) return std::nullopt;
    BirthDate birth{.year = static_cast<std::int16_t>(*y)};
    if (date.size() >= of_month) {
        const auto m = digits(date, 5, 2);
        if (!m || date[4] != '-') return std::nullopt;
        birth.month = static_cast<std::uint8_t>(*m);
    }
    if (date.size() == of_day) {
        const auto d = digits(date, 8, 2);
        if (!d || date[7] != '-') return std::nullopt;
        birth.day = static_cast<std::uint8_t>(*d);
    }
    return days_of(birth) ? std::optional(birth) : std::nullopt;
}

std::optional<BirthDays> birth_days(const BirthDate& birth, Timestamp at) {
    const auto born = days_of(birth);
    if (!born || lies_ahead(birth, at)) return std::nullopt;
    const auto today = floor<days>(at);
    return BirthDays{std::min(born->earliest, today), std::min(born->latest, today)};
}

bool lies_ahead(const BirthDate& birth, Timestamp at) {
    const auto born = days_of(birth);
    return born && born->earliest > floor<days>(at) + days(1);
}

}  // namespace vigil::monitor

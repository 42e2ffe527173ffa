#include "fhir/resource/date.hpp"

#include <charconv>
#include <string>

namespace vigil::fhir {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;

constexpr int year_min = 1678, year_max = 2261;  // what 64 bits of nanoseconds hold

tl::unexpected<Error> no_date(std::string_view text) {
    return fail(Error::Kind::malformed,
                "not a date: write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a zone",
                std::string(text.substr(0, 64)));
}

std::optional<int> number(std::string_view text, std::size_t at, std::size_t digits) {
    if (at + digits > text.size()) return std::nullopt;
    int value = 0;
    const auto* first = text.data() + at;
    const auto [end, error] = std::from_chars(first, first + digits, value);
    if (error != std::errc() || end != first + digits || *first == '-') return std::nullopt;
    return value;
}

// How long the last digit of a time's seconds is.
Nanoseconds precision_of(std::string_view text) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos) return std::chrono::seconds(1);
    auto unit = Nanoseconds(std::chrono::seconds(1));
    for (auto at = dot + 1; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
        unit /= 10;
    return std::max(unit, Nanoseconds(1));
}

Result<DateSpan> read_time_of_day(std::string_view text) {
    constexpr std::size_t minute_length = 16;  // "2024-02-29T12:30"
    std::string whole(text);
    auto precision = precision_of(text);
    const bool to_the_minute =
        text.size() == minute_length || (text.size() > minute_length && text[minute_length] != ':');
    if (to_the_minute) {
        whole.insert(minute_length, ":00");
        precision = std::chrono::minutes(1);
    }
    constexpr std::size_t second_length = 19;
    const bool has_zone =
        whole.find_first_of("Zz+-", std::min(whole.size(), second_length)) != std::string::npos;
    if (!has_zone) whole += 'Z';
    VIGIL_TRY(time, parse_rfc3339(whole));
    return DateSpan{time.instant, time.instant + precision};
}

}  // namespace

Result<DateSpan> read_date(std::string_view text) {
    if (text.size() > 10 && text[10] == 'T') return read_time_of_day(text);
    const auto y = number(text, 0, 4);
    if (!y || *y < year_min || *y > year_max) return no_date(text);
    if (text.size() == 4)
        return DateSpan{sys_days(year(*y) / 1 / 1), sys_days(year(*y + 1) / 1 / 1)};
    const auto m = text[4] == '-' ? number(text, 5, 2) : std::nullopt;
    if (!m || *m < 1 || *m > 12) return no_date(text);
    const auto first = year(*y) / month(static_cast<unsigned>(*m)) / 1;
    if (text.size() == 7)
        return DateSpan{sys_days(first), sys_days(first + std::chrono::months(1))};
    const auto d = text.size() == 10 && text[7] == '-' ? number(text, 8, 2) : std::nullopt;
    if (!d || *d < 0) return no_date(text);
    const auto date = year(*y) / month(static_cast<unsigned>(*m)) / day(static_cast<unsigned>(*d));
    if (!date.ok()) return no_date(text);
    return DateSpan{sys_days(date), sys_days(date) + days(1)};
}

}  // namespace vigil::fhir

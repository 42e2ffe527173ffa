#include "monitor/alarms/age_class.hpp"

#include <charconv>
#include <chrono>
#include <vector>

#include "metric/table.hpp"

namespace vigil::monitor {
namespace {

using std::chrono::days;
using std::chrono::December;
using std::chrono::floor;
using std::chrono::January;
using std::chrono::last;
using std::chrono::March;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;
using std::chrono::years;

struct Born {
    year_month_day first, latest;  // the earliest and the latest day the date allows
};

std::optional<Born> parse(std::string_view date) {
    if (date.size() != 4 && date.size() != 7 && date.size() != 10) return std::nullopt;
    std::vector<int> parts;
    for (const auto part : split(date, '-')) {
        int number = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
        if (error != std::errc() || end != part.data() + part.size() || number < 1)
            return std::nullopt;
        parts.push_back(number);
    }
    const year y{parts[0]};
    if (parts.size() == 1 && date.size() == 4) return Born{y / January / 1, y / December / 31};
    if (parts.size() < 2 || parts[1] > 12) return std::nullopt;
    const month m{static_cast<unsigned>(parts[1])};
    if (parts.size() == 2) return Born{y / m / 1, year_month_day(y / m / last)};
    if (parts.size() != 3) return std::nullopt;
    const year_month_day day = y / m / std::chrono::day{static_cast<unsigned>(parts[2])};
    if (!day.ok()) return std::nullopt;
    return Born{day, day};
}

// February 29 comes of age on March 1 where there is none.
AgeClass class_of(const year_month_day& born, sys_days today) {
    if (today - sys_days(born) <= days(neonate_days)) return AgeClass::neonate;
    const auto grown = born + years(paediatric_years);
    const auto from = grown.ok() ? sys_days(grown) : sys_days(grown.year() / March / 1);
    return today < from ? AgeClass::paediatric : AgeClass::adult;
}

}  // namespace

std::optional<AgeClass> age_class(std::string_view birth_date, Timestamp now) {
    const auto born = parse(birth_date);
    const auto today = floor<days>(now);
    if (!born || sys_days(born->first) > today) return std::nullopt;
    // Nobody who is here was born after today.
    const auto youngest_day = std::min(sys_days(born->latest), today);
    const auto oldest = class_of(born->first, today), youngest = class_of(youngest_day, today);
    if (oldest != youngest) return std::nullopt;
    return oldest;
}

}  // namespace vigil::monitor

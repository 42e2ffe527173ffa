#include "monitor/alarms/age_class.hpp"

#include <chrono>

#include "monitor/birth_date.hpp"

namespace vigil::monitor {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::March;
using std::chrono::sys_days;
using std::chrono::year_month_day;
using std::chrono::years;

// February 29 comes of age on March 1 where there is none.
AgeClass class_of(sys_days born, sys_days today) {
    if (today - born <= days(neonate_days)) return AgeClass::neonate;
    const auto grown = year_month_day(born) + years(paediatric_years);
    const auto from = grown.ok() ? sys_days(grown) : sys_days(grown.year() / March / 1);
    return today < from ? AgeClass::paediatric : AgeClass::adult;
}

}  // namespace

std::optional<AgeClass> age_class(std::string_view birth_date, Timestamp now) {
    const auto birth = parse_birth_date(birth_date);
    const auto born = birth ? birth_days(*birth, now) : std::nullopt;
    if (!born) return std::nullopt;
    const auto today = floor<days>(now);
    const auto oldest = class_of(born->earliest, today), youngest = class_of(born->latest, today);
    if (oldest != youngest) return std::nullopt;
    return oldest;
}

}  // namespace vigil::monitor

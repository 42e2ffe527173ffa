#include "fhir/deidentify/event_time.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/decimal.hpp"
#include "fhir/resource/date.hpp"
#include "fhir/validation/primitive.hpp"

namespace vigil::fhir::deidentify {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::size_t year_length = 4, month_length = 7, day_length = 10;
constexpr int year_min = 1678, year_max = 2261;  // what 64 bits of nanoseconds hold
// 90 years of 365.2425 days: an event so long after another is one of somebody aged 90 or more.
constexpr auto offset_max = days(32'871);

bool is_any_date(std::string_view text) {
    return is_date_time(text) || is_instant(text);
}

int number(std::string_view text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// The day written, or one in the middle of the month or year.
sys_days day_of(std::string_view text) {
    constexpr int middle_month = 7, middle_day = 15;
    const auto year = std::chrono::year(number(text.substr(0, year_length)));
    const auto month = text.size() >= month_length ? number(text.substr(5, 2)) : middle_month;
    const auto day = text.size() >= day_length ? number(text.substr(8, 2)) : middle_day;
    return sys_days(year / month / day);
}

}  // namespace

std::optional<EventTime> event_time(std::string_view text) {
    if (text.size() < day_length || !is_any_date(text)) return std::nullopt;
    const auto span = read_date(text);
    if (!span) return std::nullopt;
    return EventTime{.instant = span->start, .has_time = text.size() > day_length};
}

std::string_view year_of(std::string_view text) {
    return is_any_date(text) ? text.substr(0, year_length) : std::string_view();
}

int year_of(Timestamp time) {
    return static_cast<int>(year_month_day(floor<days>(time)).year());
}

std::string moved(std::string_view text, int by_days) {
    if (!is_any_date(text)) return {};
    const year_month_day to(day_of(text) + days(by_days));
    const auto year = static_cast<int>(to.year());
    if (year < year_min || year > year_max) return {};
    auto out = fmt::format("{:04}-{:02}-{:02}", year, static_cast<unsigned>(to.month()),
                           static_cast<unsigned>(to.day()));
    if (text.size() < day_length) return out.substr(0, text.size());
    out += text.substr(day_length);
    return out;
}

std::optional<Offset> offset(const EventTime& first, const EventTime& time) {
    const auto between = time.instant - first.instant;
    if (between >= offset_max || between <= -offset_max) return std::nullopt;
    Offset made;
    if (!first.has_time || !time.has_time) {
        auto count = (floor<days>(time.instant) - floor<days>(first.instant)).count();
        made.is_days = true;
        made.is_before = count < 0;
        made.value = fmt::format("{}", made.is_before ? -count : count);
        return made;
    }
    made.is_before = between.count() < 0;
    constexpr std::int64_t ns_of_second = 1'000'000'000;
    const auto ns = made.is_before ? -between.count() : between.count();
    made.value = fmt::format("{}", ns / ns_of_second);
    if (auto rest = ns % ns_of_second; rest != 0) {
        auto fraction = fmt::format("{:09}", rest);
        fraction.erase(fraction.find_last_not_of('0') + 1);
        made.value += "." + fraction;
    }
    return made;
}

std::optional<int> age_at(std::string_view birth, Timestamp time) {
    if (!is_date(birth)) return std::nullopt;
    const year_month_day at(floor<days>(time));
    const auto year = number(birth.substr(0, year_length));
    auto age = static_cast<int>(at.year()) - year;
    if (birth.size() >= month_length) {
        const auto month = static_cast<unsigned>(number(birth.substr(5, 2)));
        const auto day =
            birth.size() >= day_length ? static_cast<unsigned>(number(birth.substr(8, 2))) : 1U;
        const bool is_before_birthday =
            static_cast<unsigned>(at.month()) < month ||
            (static_cast<unsigned>(at.month()) == month && static_cast<unsigned>(at.day()) < day);
        if (is_before_birthday) --age;
    }
    return age < 0 ? std::nullopt : std::optional(age);
}

}  // namespace vigil::fhir::deidentify

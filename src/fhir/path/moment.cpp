#include "fhir/path/moment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "fhir/path/number.hpp"

namespace vigil::fhir::path {
namespace {

using Precision = Moment::Precision;
constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t ns_per_minute = 60 * ns_per_second;

// Reads fixed-width digits from the front.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    bool at_end() const { return text_.empty(); }
    bool take(char c) {
        if (text_.empty() || text_.front() != c) return false;
        text_.remove_prefix(1);
        return true;
    }
    std::optional<int> digits(std::size_t count) {
        if (text_.size() < count) return std::nullopt;
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (text_[i] < '0' || text_[i] > '9') return std::nullopt;
            value = value * 10 + (text_[i] - '0');
        }
        text_.remove_prefix(count);
        return value;
    }
    std::size_t digits_ahead() const {
        const auto end = text_.find_first_not_of("0123456789");
        return end == std::string_view::npos ? text_.size() : end;
    }

private:
    std::string_view text_;
};

int days_in_month(int year, int month) {
    const auto last = std::chrono::year(year) / std::chrono::month(static_cast<unsigned>(month)) /
                      std::chrono::last;
    return static_cast<int>(static_cast<unsigned>(last.day()));
}

bool read_date(Reader& reader, Moment& out) {
    const auto year = reader.digits(4);
    if (!year || *year == 0) return false;
    out.year = *year;
    out.precision = Precision::year;
    if (!reader.take('-')) return true;
    const auto month = reader.digits(2);
    if (!month || *month < 1 || *month > 12) return false;
    out.month = *month;
    out.precision = Precision::month;
    if (!reader.take('-')) return true;
    const auto day = reader.digits(2);
    if (!day || *day < 1 || *day > days_in_month(out.year, out.month)) return false;
    out.day = *day;
    out.precision = Precision::day;
    return true;
}

bool read_fraction(Reader& reader, Moment& out) {
    const auto count = reader.digits_ahead();
    if (count == 0 || count > 9) return false;
    std::int64_t fraction = *reader.digits(count);
    for (auto i = count; i < 9; ++i) fraction *= 10;
    out.nanosecond += fraction;
    out.fraction_digits = static_cast<std::uint8_t>(count);
    return true;
}

bool read_time(Reader& reader, Moment& out) {
    const auto hour = reader.digits(2);
    if (!hour || *hour > 23) return false;
    out.hour = *hour;
    out.precision = Precision::hour;
    if (!reader.take(':')) return true;
    const auto minute = reader.digits(2);
    if (!minute || *minute > 59) return false;
    out.minute = *minute;
    out.precision = Precision::minute;
    if (!reader.take(':')) return true;
    const auto second = reader.digits(2);
    if (!second || *second > 60) return false;  // 60: a leap second
    out.nanosecond = *second * ns_per_second;
    out.precision = Precision::second;
    return !reader.take('.') || read_fraction(reader, out);
}

bool read_offset(Reader& reader, Moment& out) {
    if (reader.at_end()) return true;
    if (reader.take('Z')) {
        out.offset_minutes = std::int16_t{0};
        return true;
    }
    const bool negative = reader.take('-');
    if (!negative && !reader.take('+')) return false;
    const auto hours = reader.digits(2);
    if (!hours || *hours > 14 || !reader.take(':')) return false;
    const auto minutes = reader.digits(2);
    if (!minutes || *minutes > 59) return false;
    const auto offset = static_cast<std::int16_t>(*hours * 60 + *minutes);
    out.offset_minutes = negative ? static_cast<std::int16_t>(-offset) : offset;
    return true;
}

std::int64_t day_number(const Moment& moment) {
    return std::chrono::sys_days(std::chrono::year(moment.year) /
                                 std::chrono::month(static_cast<unsigned>(moment.month)) /
                                 std::chrono::day(static_cast<unsigned>(moment.day)))
        .time_since_epoch()
        .count();
}

bool set_day_number(Moment& moment, std::int64_t number) {
    constexpr std::int64_t days_max = 4'000'000;  // beyond 9999 and before 1
    if (number > days_max || number < -days_max) return false;
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(number))};
    moment.year = static_cast<int>(date.year());
    moment.month = static_cast<int>(static_cast<unsigned>(date.month()));
    moment.day = static_cast<int>(static_cast<unsigned>(date.day()));
    return moment.year >= 1 && moment.year <= 9999;
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

// Minutes and nanoseconds carried into hours and days.
bool add_minutes(Moment& moment, std::int64_t minutes) {
    const auto total = std::int64_t{moment.hour} * 60 + moment.minute + minutes;
    const auto days = floor_divide(total, 24 * 60);
    const auto left = total - days * 24 * 60;
    moment.hour = static_cast<int>(left / 60);
    moment.minute = static_cast<int>(left % 60);
    return set_day_number(moment, day_number(moment) + days);
}

Moment in_utc(Moment moment) {
    if (moment.offset_minutes.value_or(0) != 0) add_minutes(moment, -*moment.offset_minutes);
    moment.offset_minutes = std::int16_t{0};
    return moment;
}

int sign(std::int64_t a, std::int64_t b) {
    return (a > b) - (a < b);
}

bool add_months(Moment& moment, std::int64_t months) {
    if (months > 120'000 || months < -120'000) return false;
    const auto total = std::int64_t{moment.year} * 12 + moment.month - 1 + months;
    moment.year = static_cast<int>(floor_divide(total, 12));
    moment.month = static_cast<int>(total - std::int64_t{moment.year} * 12) + 1;
    if (moment.year < 1 || moment.year > 9999) return false;
    moment.day = std::min(moment.day, days_in_month(moment.year, moment.month));
    return true;
}

constexpr Precision precision_of(CalendarUnit unit) {
    switch (unit) {
        case CalendarUnit::year:
            return Precision::year;
        case CalendarUnit::month:
            return Precision::month;
        case CalendarUnit::week:
        case CalendarUnit::day:
            return Precision::day;
        case CalendarUnit::hour:
            return Precision::hour;
        case CalendarUnit::minute:
            return Precision::minute;
        default:
            return Precision::second;
    }
}

// 6.6.7: what is added to a coarser moment counts as so many of its parts: 1 year = 12 months = 365
// days, 1 month = 30 days, 1 day = 24 hours; what is left over is dropped.
std::int64_t in_coarser(std::int64_t amount, CalendarUnit& unit, Precision wanted) {
    while (precision_of(unit) > wanted) switch (unit) {
            case CalendarUnit::millisecond:
                amount /= 1000, unit = CalendarUnit::second;
                break;
            case CalendarUnit::second:
                amount /= 60, unit = CalendarUnit::minute;
                break;
            case CalendarUnit::minute:
                amount /= 60, unit = CalendarUnit::hour;
                break;
            case CalendarUnit::hour:
                amount /= 24, unit = CalendarUnit::day;
                break;
            case CalendarUnit::week:
                amount *= 7, unit = CalendarUnit::day;
                break;
            case CalendarUnit::day:
                amount /= wanted == Precision::year ? 365 : 30;
                unit = wanted == Precision::year ? CalendarUnit::year : CalendarUnit::month;
                break;
            default:
                amount /= 12, unit = CalendarUnit::year;
                break;
        }
    return amount;
}

void append_fraction(std::string& out, const Moment& moment) {
    if (moment.fraction_digits == 0) return;
    const auto digits = fmt::format("{:09}", moment.nanosecond % ns_per_second);
    out += '.';
    out += std::string_view(digits).substr(0, moment.fraction_digits);
}

constexpr std::int64_t amount_max = 1'000'000'000'000'000;  // of milliseconds: 30,000 years

// Seconds and milliseconds with their fraction, in ns; only whole ones of the coarser units count.
std::optional<std::int64_t> as_nanoseconds(const Decimal& amount, CalendarUnit unit) {
    const auto scaled =
        multiply(amount, {1, static_cast<std::int8_t>(unit == CalendarUnit::second ? 9 : 6)});
    if (!scaled) return std::nullopt;
    return to_integer(truncate(*scaled));
}

// Of two moments in the same zone, or in none.
std::optional<int> compare_parts(const Moment& a, const Moment& b) {
    const auto common = std::min(a.precision, b.precision);
    int order = sign(a.year, b.year);
    const auto consider = [&](Precision part, std::int64_t left, std::int64_t right) {
        if (order == 0 && common >= part) order = sign(left, right);
    };
    consider(Precision::month, a.month, b.month);
    consider(Precision::day, a.day, b.day);
    consider(Precision::hour, a.hour, b.hour);
    consider(Precision::minute, a.minute, b.minute);
    consider(Precision::second, a.nanosecond, b.nanosecond);
    if (order == 0 && a.precision != b.precision) return std::nullopt;
    return order;
}

}  // namespace

std::optional<Moment> parse_date(std::string_view text) {
    Reader reader(text);
    Moment out;
    if (!read_date(reader, out) || !reader.at_end()) return std::nullopt;
    return out;
}

std::optional<Moment> parse_date_time(std::string_view text) {
    Reader reader(text);
    Moment out;
    if (!read_date(reader, out)) return std::nullopt;
    if (reader.at_end()) return out;
    if (out.precision != Precision::day || !reader.take('T') || !read_time(reader, out) ||
        !read_offset(reader, out) || !reader.at_end())
        return std::nullopt;
    return out;
}

std::optional<Moment> parse_time(std::string_view text) {
    Reader reader(text);
    Moment out;
    if (!read_time(reader, out) || !reader.at_end()) return std::nullopt;
    return out;
}

std::string format_date(const Moment& moment) {
    auto out = fmt::format("{:04}", moment.year);
    if (moment.precision >= Precision::month) out += fmt::format("-{:02}", moment.month);
    if (moment.precision >= Precision::day) out += fmt::format("-{:02}", moment.day);
    return out;
}

std::string format_time(const Moment& moment) {
    auto out = fmt::format("{:02}", moment.hour);
    if (moment.precision >= Precision::minute) out += fmt::format(":{:02}", moment.minute);
    if (moment.precision >= Precision::second) {
        out += fmt::format(":{:02}", moment.nanosecond / ns_per_second);
        append_fraction(out, moment);
    }
    return out;
}

std::string format_date_time(const Moment& moment) {
    auto out = format_date(moment);
    if (moment.precision < Precision::hour) return out;
    out += 'T';
    out += format_time(moment);
    if (!moment.offset_minutes) return out;
    if (*moment.offset_minutes == 0) return out + 'Z';
    const int offset = std::abs(*moment.offset_minutes);
    return out + fmt::format("{}{:02}:{:02}", *moment.offset_minutes < 0 ? '-' : '+', offset / 60,
                             offset % 60);
}

Moment moment_of(Timestamp utc) {
    const auto text = format_rfc3339(std::chrono::floor<std::chrono::milliseconds>(utc));
    auto moment = parse_date_time(text).value_or(Moment{});
    moment.fraction_digits = 3;
    return moment;
}

std::optional<int> compare(const Moment& a, const Moment& b) {
    const bool have_times = std::min(a.precision, b.precision) >= Precision::hour;
    if (!have_times || a.offset_minutes == b.offset_minutes) return compare_parts(a, b);
    if (a.offset_minutes && b.offset_minutes) return compare_parts(in_utc(a), in_utc(b));
    const auto at_both_ends = [&](std::int16_t offset) {
        auto first = a;
        auto second = b;
        (a.offset_minutes ? second : first).offset_minutes = offset;
        return compare_parts(in_utc(first), in_utc(second));
    };
    const auto in_the_west = at_both_ends(-12 * 60);
    return in_the_west == at_both_ends(14 * 60) ? in_the_west : std::nullopt;
}

std::optional<Moment> add(const Moment& moment, const Decimal& amount, CalendarUnit unit) {
    auto out = moment;
    if (unit <= CalendarUnit::second && moment.precision == Precision::second) {
        const auto ns = as_nanoseconds(amount, unit);
        if (!ns) return std::nullopt;
        const auto total = moment.nanosecond + *ns;
        const auto minutes = floor_divide(total, ns_per_minute);
        out.nanosecond = total - minutes * ns_per_minute;
        if (out.nanosecond % ns_per_second != 0 && out.fraction_digits < 3)
            out.fraction_digits = *ns % 1'000'000 == 0 ? 3 : 9;
        return add_minutes(out, minutes) ? std::optional(out) : std::nullopt;
    }
    const auto whole = to_integer(truncate(amount));
    if (!whole || *whole > amount_max || *whole < -amount_max) return std::nullopt;
    auto count = in_coarser(*whole, unit, moment.precision);
    bool fits = false;
    switch (unit) {
        case CalendarUnit::year:
            fits = count <= 9999 && count >= -9999 && add_months(out, count * 12);
            break;
        case CalendarUnit::month:
            fits = add_months(out, count);
            break;
        case CalendarUnit::week:
        case CalendarUnit::day:
            fits = set_day_number(
                out, day_number(out) + (unit == CalendarUnit::week ? count * 7 : count));
            break;
        default:
            fits = add_minutes(out, unit == CalendarUnit::hour ? count * 60 : count);
            break;
    }
    return fits ? std::optional(out) : std::nullopt;
}

Moment add_time_of_day(const Moment& time, const Decimal& amount, CalendarUnit unit) {
    if (unit > CalendarUnit::hour) return time;  // whole days
    const std::int64_t per_day = unit == CalendarUnit::millisecond ? 86'400'000
                                 : unit == CalendarUnit::second    ? 86'400
                                 : unit == CalendarUnit::minute    ? 1440
                                                                   : 24;
    const auto within_a_day = remainder(amount, {per_day, 0});
    auto placed = time;
    placed.year = 5000;  // far from both ends of the calendar
    const auto sum = within_a_day ? add(placed, *within_a_day, unit) : std::nullopt;
    auto out = sum.value_or(placed);
    out.year = time.year;
    out.month = time.month;
    out.day = time.day;
    return out;
}

}  // namespace vigil::fhir::path

#include "base/time.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace vigil {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Reads fixed-width decimal fields off the front of a text.
class Fields {
public:
    explicit Fields(std::string_view text) : text_(text) {}

    bool number(std::size_t width, int& out) {
        if (text_.size() < width) return false;
        int value = 0;
        for (std::size_t i = 0; i < width; ++i) {
            const char c = text_[i];
            if (c < '0' || c > '9') return false;
            value = value * 10 + (c - '0');
        }
        text_.remove_prefix(width);
        out = value;
        return true;
    }
    bool one_of(std::string_view choices) {
        if (text_.empty() || choices.find(text_.front()) == std::string_view::npos) return false;
        text_.remove_prefix(1);
        return true;
    }
    bool fraction(std::int64_t& ns) {
        ns = 0;
        if (text_.empty() || text_.front() != '.') return true;
        text_.remove_prefix(1);
        std::int64_t unit = 100'000'000;
        std::size_t digits = 0;
        for (; digits < text_.size() && text_[digits] >= '0' && text_[digits] <= '9'; ++digits) {
            ns += unit * (text_[digits] - '0');
            unit /= 10;
        }
        text_.remove_prefix(digits);
        return digits > 0;
    }
    std::string_view rest() const { return text_; }

private:
    std::string_view text_;
};

bool read_local(Fields& fields, Timestamp& out) {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    std::int64_t fraction = 0;
    const bool shape = fields.number(4, year) && fields.one_of("-") && fields.number(2, month) &&
                       fields.one_of("-") && fields.number(2, day) && fields.one_of("Tt ") &&
                       fields.number(2, hour) && fields.one_of(":") && fields.number(2, minute) &&
                       fields.one_of(":") && fields.number(2, second) && fields.fraction(fraction);
    if (!shape) return false;
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    // 1678..2261: what nanoseconds in 64 bits can hold.
    if (!date.ok() || year < 1678 || year > 2261) return false;
    if (hour > 23 || minute > 59 || second > 60) return false;
    if (second == 60) {
        second = 59;
        fraction = 999'999'999;
    }
    out = std::chrono::sys_days(date) + hours(hour) + minutes(minute) + seconds(second) +
          Nanoseconds(fraction);
    return true;
}

tl::unexpected<Error> not_a_time(std::string_view expected) {
    return fail(Error::Kind::malformed, fmt::format("not a time: expected {}", expected));
}

}  // namespace

Result<OffsetTime> parse_rfc3339(std::string_view text) {
    constexpr std::string_view expected = "YYYY-MM-DDThh:mm:ss with Z or an offset";
    Fields fields(text);
    OffsetTime time;
    if (!read_local(fields, time.instant)) return not_a_time(expected);
    if (fields.one_of("Zz")) {
        if (!fields.rest().empty()) return not_a_time(expected);
        return time;
    }
    const bool west = !fields.rest().empty() && fields.rest().front() == '-';
    int hour = 0;
    int minute = 0;
    const bool zone = fields.one_of("+-") && fields.number(2, hour) && fields.one_of(":") &&
                      fields.number(2, minute) && fields.rest().empty();
    if (!zone || hour > 14 || minute > 59) return not_a_time(expected);
    const int offset = (hour * 60 + minute) * (west ? -1 : 1);
    time.offset_minutes = static_cast<std::int16_t>(offset);
    time.instant -= minutes(offset);
    return time;
}

Result<Timestamp> parse_local_time(std::string_view text) {
    Fields fields(text);
    Timestamp time;
    if (!read_local(fields, time) || !fields.rest().empty())
        return not_a_time("YYYY-MM-DDThh:mm:ss");
    return time;
}

std::string format_rfc3339(Timestamp t, std::int16_t offset_minutes) {
    const Timestamp local = t + minutes(offset_minutes);
    const auto day = std::chrono::floor<days>(local);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(local - day);
    auto text =
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    clock.hours().count(), clock.minutes().count(), clock.seconds().count());
    if (const auto ns = clock.subseconds().count(); ns != 0) {
        auto fraction = fmt::format(".{:09}", ns);
        fraction.erase(fraction.find_last_not_of('0') + 1);
        text += fraction;
    }
    if (offset_minutes == 0) return text + 'Z';
    const int absolute = offset_minutes < 0 ? -offset_minutes : offset_minutes;
    return text + fmt::format("{}{:02}:{:02}", offset_minutes < 0 ? '-' : '+', absolute / 60,
                              absolute % 60);
}

Result<Nanoseconds> parse_duration(std::string_view text) {
    struct Unit {
        std::string_view suffix;
        Nanoseconds length;
    };
    constexpr std::array units{Unit{"ms", std::chrono::milliseconds(1)}, Unit{"s", seconds(1)},
                               Unit{"m", minutes(1)}, Unit{"h", hours(1)}, Unit{"d", days(1)}};
    std::int64_t count = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
    for (const auto& unit : units)
        if (failure == std::errc() && count >= 0 && suffix == unit.suffix &&
            count <= Nanoseconds::max() / unit.length)
            return count * unit.length;
    return fail(Error::Kind::malformed,
                "not a duration: write a whole number and ms, s, m, h or d, such as 90s or 7d");
}

}  // namespace vigil

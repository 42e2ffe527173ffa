#include "fhir/validation/primitive.hpp"

#include <algorithm>
#include <array>

#include "fhir/resource/resource.hpp"

namespace vigil::fhir {
namespace {

// FHIR R4 2.24.0.1, string: at most 1 MB.
constexpr std::size_t string_bytes_max = std::size_t{1} << 20;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f');
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Takes parts off the front of a text; once one is missing, all is.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }
    bool literal(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    // A number of so many digits from `min` to `max`, or nothing: -1.
    int number(std::size_t digits, int min, int max) {
        if (rest_.size() < digits) return -1;
        int value = 0;
        for (const auto c : rest_.substr(0, digits)) {
            if (!is_digit(c)) return -1;
            value = value * 10 + (c - '0');
        }
        if (value < min || value > max) return -1;
        rest_.remove_prefix(digits);
        return value;
    }
    bool digits() {
        const auto count =
            static_cast<std::size_t>(std::ranges::find_if_not(rest_, is_digit) - rest_.begin());
        rest_.remove_prefix(count);
        return count > 0;
    }

private:
    std::string_view rest_;
};

int days_of(int year, int month) {
    constexpr std::array days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

enum class DateParts : std::uint8_t { none, year, month, day };

DateParts scan_date(Scanner& scanner) {
    const auto year = scanner.number(4, 1, 9999);
    if (year < 0) return DateParts::none;
    if (!scanner.literal('-')) return DateParts::year;
    const auto month = scanner.number(2, 1, 12);
    if (month < 0) return DateParts::none;
    if (!scanner.literal('-')) return DateParts::month;
    return scanner.number(2, 1, days_of(year, month)) < 0 ? DateParts::none : DateParts::day;
}

// Seconds are required, a leap second is allowed.
bool scan_time(Scanner& scanner) {
    return scanner.number(2, 0, 23) >= 0 && scanner.literal(':') && scanner.number(2, 0, 59) >= 0 &&
           scanner.literal(':') && scanner.number(2, 0, 60) >= 0 &&
           (!scanner.literal('.') || scanner.digits());
}

bool scan_zone(Scanner& scanner) {
    if (scanner.literal('Z')) return true;
    if (!scanner.literal('+') && !scanner.literal('-')) return false;
    const auto hours = scanner.number(2, 0, 14);
    return hours >= 0 && scanner.literal(':') && scanner.number(2, 0, hours == 14 ? 0 : 59) >= 0;
}

bool is_integer(std::string_view text, std::int64_t min, JsonValue value) {
    if (text.find_first_not_of("-0123456789") != std::string_view::npos) return false;
    const auto number = value.integer();
    return number && *number >= min && *number <= 0x7FFF'FFFF;
}

bool is_oid(std::string_view text) {
    constexpr std::string_view prefix = "urn:oid:";
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    if (text.empty() || text.front() < '0' || text.front() > '2' || text.size() < 3) return false;
    text.remove_prefix(1);
    while (!text.empty()) {
        if (text.front() != '.') return false;
        text.remove_prefix(1);
        const auto arc = text.substr(0, text.find('.'));
        if (arc.empty() || !std::ranges::all_of(arc, is_digit)) return false;
        if (arc.size() > 1 && arc.front() == '0') return false;
        text.remove_prefix(arc.size());
    }
    return true;
}

bool is_uuid(std::string_view text) {
    constexpr std::string_view prefix = "urn:uuid:";
    constexpr std::string_view shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (!text.starts_with(prefix) || text.size() != prefix.size() + shape.size()) return false;
    return std::ranges::equal(text.substr(prefix.size()), shape, [](char c, char expected) {
        return expected == 'x' ? is_hex(c) : c == expected;
    });
}

bool has_space(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return is_space(c) || c == '\f' || c == '\v'; });
}

// Words with single spaces between them.
bool is_code(std::string_view text) {
    bool after_space = true;
    for (const auto c : text) {
        if (is_space(c) && after_space) return false;
        after_space = is_space(c);
    }
    return !after_space;
}

// Below U+0020 only tab, carriage return and line feed.
bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r' && c != '\n';
    });
}

std::string_view text_problem(std::string_view text) {
    if (text.size() > string_bytes_max) return "longer than 1 MB: shorten it";
    if (has_control(text)) return "text with control characters: remove them";
    if (std::ranges::all_of(text, is_space)) return "only white space: leave it out";
    return {};
}

std::string_view uri_problem(std::string_view text) {
    return has_space(text) || has_control(text) ? "no URI: it has white space in it"
                                                : std::string_view();
}

std::string_view unless(bool is_well_formed, std::string_view problem) {
    return is_well_formed ? std::string_view() : problem;
}

struct StringFormat {
    std::string_view type;
    std::string_view (*problem)(std::string_view text);
};

constexpr std::array string_formats{
    StringFormat{"string", text_problem},
    StringFormat{"markdown", text_problem},
    StringFormat{"xhtml", [](std::string_view) { return std::string_view(); }},
    StringFormat{"code",
                 [](std::string_view text) {
                     return unless(is_code(text) && !has_control(text),
                                   "no code: remove white space at its ends and double spaces");
                 }},
    StringFormat{"id",
                 [](std::string_view text) {
                     return unless(is_id(text), "no id: use 1 to 64 letters, digits, '-' and '.'");
                 }},
    StringFormat{"uri", uri_problem},
    StringFormat{"url", uri_problem},
    StringFormat{"canonical", uri_problem},
    StringFormat{"oid",
                 [](std::string_view text) {
                     return unless(is_oid(text), "no OID: write it as urn:oid:1.2.3");
                 }},
    StringFormat{"uuid",
                 [](std::string_view text) {
                     return unless(is_uuid(text),
                                   "no UUID: write it as urn:uuid: and lower case digits");
                 }},
    StringFormat{"date",
                 [](std::string_view text) {
                     return unless(
                         is_date(text),
                         "no date: write YYYY, YYYY-MM or YYYY-MM-DD of a day that exists");
                 }},
    StringFormat{"dateTime",
                 [](std::string_view text) {
                     return unless(is_date_time(text),
                                   "no dateTime: write YYYY, YYYY-MM, YYYY-MM-DD or "
                                   "YYYY-MM-DDThh:mm:ss with Z or +hh:mm");
                 }},
    StringFormat{"instant",
                 [](std::string_view text) {
                     return unless(is_instant(text),
                                   "no instant: write YYYY-MM-DDThh:mm:ss with Z or +hh:mm");
                 }},
    StringFormat{"time",
                 [](std::string_view text) {
                     return unless(is_time(text), "no time: write hh:mm:ss without a zone");
                 }},
    StringFormat{"base64Binary",
                 [](std::string_view text) {
                     return unless(is_base64(text),
                                   "no base64: write groups of four of its characters, padded "
                                   "with =");
                 }},
};

std::string_view number_problem(std::string_view type, JsonValue value) {
    if (!value.is(JsonKind::number)) return "no JSON number: write it without quotes";
    const auto text = value.text();
    if (type == "integer")
        return unless(is_integer(text, -0x8000'0000LL, value),
                      "no integer: write a whole number of 32 bits");
    if (type == "unsignedInt")
        return unless(is_integer(text, 0, value), "no unsignedInt: write a whole number from 0 on");
    if (type == "positiveInt")
        return unless(is_integer(text, 1, value), "no positiveInt: write a whole number from 1 on");
    return {};
}

}  // namespace

bool is_date(std::string_view text) {
    Scanner scanner(text);
    return scan_date(scanner) != DateParts::none && scanner.at_end();
}

bool is_date_time(std::string_view text) {
    Scanner scanner(text);
    const auto parts = scan_date(scanner);
    if (parts == DateParts::none) return false;
    if (scanner.at_end()) return true;
    return parts == DateParts::day && scanner.literal('T') && scan_time(scanner) &&
           scan_zone(scanner) && scanner.at_end();
}

bool is_instant(std::string_view text) {
    Scanner scanner(text);
    return scan_date(scanner) == DateParts::day && scanner.literal('T') && scan_time(scanner) &&
           scan_zone(scanner) && scanner.at_end();
}

bool is_time(std::string_view text) {
    Scanner scanner(text);
    return scan_time(scanner) && scanner.at_end();
}

bool is_base64(std::string_view text) {
    std::size_t characters = 0, padding = 0;
    for (const auto c : text) {
        if (is_space(c)) continue;
        ++characters;
        const bool is_value = is_letter(c) || is_digit(c) || c == '+' || c == '/';
        if (c == '=')
            ++padding;
        else if (padding > 0 || !is_value)
            return false;
    }
    return characters > 0 && characters % 4 == 0 && padding <= 2;
}

std::string_view primitive_problem(const Type& type, JsonValue value) {
    if (type.name == "boolean")
        return unless(value.is(JsonKind::boolean), "no boolean: write true or false, no quotes");
    if (type.name == "decimal" || type.is_or_derives_from("integer"))
        return number_problem(type.name, value);
    if (!value.is(JsonKind::string)) return "no JSON string: write it in quotes";
    if (value.text().empty()) return "empty: leave it out";
    const auto format = std::ranges::find(string_formats, type.name, &StringFormat::type);
    return format == string_formats.end() ? std::string_view() : format->problem(value.text());
}

}  // namespace vigil::fhir

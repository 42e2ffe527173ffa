#include "fhir/path/quantity.hpp"

#include <algorithm>
#include <array>

#include "fhir/path/number.hpp"
#include "metric/unit.hpp"

namespace vigil::fhir::path {
namespace {

struct CalendarWord {
    std::string_view word, plural, ucum;
    CalendarUnit unit;
};
// 4.1.8.1. The UCUM code of a definite duration; a year and a month are none.
constexpr std::array calendar_words{
    CalendarWord{"millisecond", "milliseconds", "ms", CalendarUnit::millisecond},
    CalendarWord{"second", "seconds", "s", CalendarUnit::second},
    CalendarWord{"minute", "minutes", "min", CalendarUnit::minute},
    CalendarWord{"hour", "hours", "h", CalendarUnit::hour},
    CalendarWord{"day", "days", "d", CalendarUnit::day},
    CalendarWord{"week", "weeks", "wk", CalendarUnit::week},
    CalendarWord{"month", "months", "mo", CalendarUnit::month},
    CalendarWord{"year", "years", "a", CalendarUnit::year}};

const CalendarWord* find_word(std::string_view unit) {
    const auto found = std::ranges::find_if(calendar_words, [&](const CalendarWord& candidate) {
        return candidate.word == unit || candidate.plural == unit;
    });
    return found == calendar_words.end() ? nullptr : &*found;
}

struct Scale {
    enum class Kind : std::uint8_t { unknown, time, calendar, catalogue } kind = Kind::unknown;
    Decimal factor{1, 0};  // to milliseconds, or to months of the calendar
    UnitId id;
};

// UCUM: the mean Julian year of 365.25 days, and its twelfth.
constexpr std::array time_units{std::pair{"ms", std::int64_t{1}},
                                std::pair{"s", std::int64_t{1'000}},
                                std::pair{"min", std::int64_t{60'000}},
                                std::pair{"h", std::int64_t{3'600'000}},
                                std::pair{"d", std::int64_t{86'400'000}},
                                std::pair{"wk", std::int64_t{604'800'000}},
                                std::pair{"mo", std::int64_t{2'629'800'000}},
                                std::pair{"a", std::int64_t{31'557'600'000}}};

Scale scale_of(std::string_view unit) {
    Scale out;
    if (const auto* word = find_word(unit)) {
        if (word->unit >= CalendarUnit::month) {
            out.kind = Scale::Kind::calendar;
            out.factor.mantissa = word->unit == CalendarUnit::year ? 12 : 1;
            return out;
        }
        unit = word->ucum;
    }
    for (const auto& [code, milliseconds] : time_units)
        if (unit == code) {
            out.kind = Scale::Kind::time;
            out.factor.mantissa = milliseconds;
            return out;
        }
    if (const auto id = units::find(unit)) {
        out.kind = Scale::Kind::catalogue;
        out.id = *id;
    }
    return out;
}

std::string ucum_code(std::string_view unit) {
    const auto* word = find_word(unit);
    return std::string(word == nullptr ? unit : word->ucum);
}

int sign(std::strong_ordering order) {
    return order < 0 ? -1 : (order > 0 ? 1 : 0);
}

int places_of(Decimal value) {
    for (; value.exponent < 0 && value.mantissa % 10 == 0; value.mantissa /= 10) ++value.exponent;
    return std::max(0, -int{value.exponent});
}

// For ~ a year is UCUM's "a", a month its "mo" (6.1.2).
std::string_view definite(std::string_view unit) {
    const auto* word = find_word(unit);
    return word == nullptr ? unit : word->ucum;
}

}  // namespace

std::optional<CalendarUnit> calendar_unit(std::string_view unit) {
    const auto found = std::ranges::find_if(calendar_words, [&](const CalendarWord& candidate) {
        return candidate.word == unit || candidate.plural == unit ||
               (candidate.ucum == unit && candidate.unit < CalendarUnit::month);
    });
    return found == calendar_words.end() ? std::nullopt : std::optional(found->unit);
}

bool is_calendar_word(std::string_view unit) {
    return find_word(unit) != nullptr;
}

std::string_view singular(std::string_view unit) {
    const auto* word = find_word(unit);
    return word == nullptr ? unit : word->word;
}

std::optional<Decimal> converted(const QuantityView& value, std::string_view unit) {
    if (singular(value.unit) == singular(unit)) return value.value;
    const auto from = scale_of(value.unit);
    const auto to = scale_of(unit);
    if (from.kind != to.kind || from.kind == Scale::Kind::unknown) return std::nullopt;
    if (from.kind == Scale::Kind::catalogue) {
        const auto result = units::convert(value.value, from.id, to.id);
        return result ? std::optional(*result) : std::nullopt;
    }
    const auto base = multiply(value.value, from.factor);
    return base ? divide(*base, to.factor) : std::nullopt;
}

std::optional<int> compare(const QuantityView& a, const QuantityView& b) {
    if (a.unit == b.unit) return sign(a.value <=> b.value);
    // A conversion rounds to what its source carries: equal one way is equal.
    const auto b_as_a = converted(b, a.unit);
    if (!b_as_a) return std::nullopt;
    if (*b_as_a == a.value) return 0;
    if (const auto a_as_b = converted(a, b.unit); a_as_b && *a_as_b == b.value) return 0;
    return sign(a.value <=> *b_as_a);
}

bool equivalent(const QuantityView& a, const QuantityView& b) {
    const auto b_as_a = converted({b.value, definite(b.unit)}, definite(a.unit));
    return b_as_a && equivalent(a.value, *b_as_a);
}

bool equivalent(const Decimal& a, const Decimal& b) {
    const int places = std::min(places_of(a), places_of(b));
    const auto rounded_a = round(a, places);
    const auto rounded_b = round(b, places);
    return rounded_a && rounded_b && *rounded_a == *rounded_b;
}

std::optional<Quantity> add(const QuantityView& a, const QuantityView& b, bool negative) {
    const auto b_as_a = converted(b, a.unit);
    if (!b_as_a) return std::nullopt;
    const auto sum = negative ? subtract(a.value, *b_as_a) : add(a.value, *b_as_a);
    return sum ? std::optional(Quantity{*sum, std::string(a.unit)}) : std::nullopt;
}

std::optional<Quantity> multiply(const QuantityView& a, const QuantityView& b) {
    const auto product = multiply(a.value, b.value);
    if (!product) return std::nullopt;
    if (b.unit == "1") return Quantity{*product, std::string(a.unit)};
    if (a.unit == "1") return Quantity{*product, std::string(b.unit)};
    return Quantity{*product, ucum_code(a.unit) + "." + ucum_code(b.unit)};
}

std::optional<Quantity> divide(const QuantityView& a, const QuantityView& b) {
    if (b.unit == "1") {
        const auto quotient = divide(a.value, b.value);
        return quotient ? std::optional(Quantity{*quotient, std::string(a.unit)}) : std::nullopt;
    }
    // The same quantity in two units leaves a pure number.
    if (const auto b_as_a = converted(b, a.unit)) {
        const auto quotient = divide(a.value, *b_as_a);
        return quotient ? std::optional(Quantity{*quotient, "1"}) : std::nullopt;
    }
    const auto quotient = divide(a.value, b.value);
    if (!quotient) return std::nullopt;
    const auto below = ucum_code(b.unit);
    const bool is_composed = below.find_first_of("./") != std::string::npos;
    auto unit = a.unit == "1" ? std::string() : ucum_code(a.unit);
    unit += is_composed ? "/(" + below + ")" : "/" + below;
    return Quantity{*quotient, std::move(unit)};
}

std::optional<Quantity> parse_quantity(std::string_view text) {
    const auto end = text.find_first_not_of("+-.0123456789");
    const auto number = text.substr(0, end);
    const auto value = parse_decimal(number);
    if (!value) return std::nullopt;
    if (end == std::string_view::npos) return Quantity{*value, "1"};
    auto unit = text.substr(end);
    const auto space = std::min(unit.find_first_not_of(" \t\r\n"), unit.size());
    unit.remove_prefix(space);
    if (unit.size() >= 3 && unit.front() == '\'' && unit.back() == '\'') {
        unit = unit.substr(1, unit.size() - 2);
        if (unit.find('\'') != std::string_view::npos) return std::nullopt;
        return Quantity{*value, std::string(unit)};
    }
    if (space == 0 || !is_calendar_word(unit)) return std::nullopt;
    return Quantity{*value, std::string(unit)};
}

std::string to_string(const QuantityView& quantity) {
    auto out = vigil::to_string(quantity.value);
    out += ' ';
    if (is_calendar_word(quantity.unit)) return out += quantity.unit;
    return out.append("'").append(quantity.unit).append("'");
}

}  // namespace vigil::fhir::path

#include "fhir/search/number.hpp"

#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

#include "metric/unit.hpp"

namespace vigil::fhir {
namespace {

constexpr std::string_view ucum = "http://unitsofmeasure.org";

struct Conversion {
    UnitId to;
    double factor = 1, offset = 0;
};

// From measured points, so that a scale with an offset (temperatures) is one too.
std::optional<Conversion> conversion(UnitId from, UnitId to) {
    constexpr Decimal zero{0, -9}, thousand{1'000'000'000'000, -9};
    const auto at_zero = units::convert(zero, from, to);
    const auto at_thousand = units::convert(thousand, from, to);
    if (!at_zero || !at_thousand) return std::nullopt;
    const auto offset = at_zero->to_double();
    return Conversion{to, (at_thousand->to_double() - offset) / 1000, offset};
}

// The canonical unit of each unit of the table, found once.
std::vector<Conversion> conversions() {
    std::vector<Conversion> all;
    const auto count = static_cast<std::uint16_t>(units::count());
    all.reserve(count);
    for (std::uint16_t from = 0; from < count; ++from) {
        Conversion found{UnitId{from}};
        for (std::uint16_t to = 1; to < from; ++to)
            if (const auto way = conversion(UnitId{from}, UnitId{to})) {
                found = *way;
                break;
            }
        all.push_back(found);
    }
    return all;
}

}  // namespace

double CanonicalQuantity::operator()(double value) const {
    if (factor == 1 && offset == 0) return value;
    constexpr int digits = 9;
    const auto converted = value * factor + offset;
    if (converted == 0 || !std::isfinite(converted)) return converted;
    const auto scale = std::pow(10.0, digits - 1 - std::floor(std::log10(std::abs(converted))));
    return std::isfinite(scale) && scale > 0 ? std::round(converted * scale) / scale : converted;
}

double number_of(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range)
        return text.starts_with('-') ? -std::numeric_limits<double>::infinity()
                                     : std::numeric_limits<double>::infinity();
    return value;
}

Result<NumberRange> read_number(std::string_view text) {
    VIGIL_TRY(decimal, parse_decimal(text));
    const auto value = number_of(text);
    // Half of the last digit that was given; the specification's own example takes 1e2 as 95 to
    // 105.
    const int last = decimal.exponent > 0 ? decimal.exponent - 1 : decimal.exponent;
    const auto half = 0.5 * std::pow(10.0, last);
    return NumberRange{.low = value - half, .high = value + half, .exact = value};
}

CanonicalQuantity canonical_quantity(std::string_view system, std::string_view unit) {
    static const auto all = conversions();
    const auto id = system == ucum ? units::find(unit) : std::nullopt;
    if (!id) return {.unit = std::string(unit)};
    const auto& way = all[id->value];
    return {
        .unit = std::string(units::at(way.to).ucum), .factor = way.factor, .offset = way.offset};
}

}  // namespace vigil::fhir

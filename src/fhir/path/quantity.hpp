#pragma once
// Quantities (FHIRPath N1, 4.1.8, 6.1 and 6.6): their units are calendar words or UCUM codes. Units
// convert as far as the catalogue of the server knows them (metric/unit.hpp), and UCUM's units of
// time; of others only the same code is the same unit.

#include <optional>
#include <string>
#include <string_view>

#include "fhir/path/item.hpp"
#include "fhir/path/moment.hpp"

namespace vigil::fhir::path {

// By which a date moves: "day", "days" and UCUM's "d"; of a year and a month only the words, since
// UCUM's "a" and "mo" are so many seconds (6.6.7).
std::optional<CalendarUnit> calendar_unit(std::string_view unit);
// "day" of "days", else the unit itself.
std::string_view singular(std::string_view unit);
bool is_calendar_word(std::string_view unit);

struct QuantityView {
    Decimal value;
    std::string_view unit;
};

// Nothing: the units measure different things, or it is not known whether they do.
std::optional<int> compare(const QuantityView& a, const QuantityView& b);
bool equivalent(const QuantityView& a, const QuantityView& b);
// `value` in the unit of another; nothing: it does not convert.
std::optional<Decimal> converted(const QuantityView& value, std::string_view unit);

std::optional<Quantity> add(const QuantityView& a, const QuantityView& b, bool negative);
std::optional<Quantity> multiply(const QuantityView& a, const QuantityView& b);
std::optional<Quantity> divide(const QuantityView& a, const QuantityView& b);

// "1.5", "1 day", "1.5 'mg'"
std::optional<Quantity> parse_quantity(std::string_view text);
std::string to_string(const QuantityView& quantity);

// a ~ b of two numbers: to the places of the less precise (6.1.2).
bool equivalent(const Decimal& a, const Decimal& b);

}  // namespace vigil::fhir::path

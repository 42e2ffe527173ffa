#pragma once
// An item seen as a value of a System type, without copying it. Primitive elements convert
// implicitly (FHIR R4, 2.9.1.1).

#include <cstdint>
#include <optional>
#include <string_view>

#include "fhir/path/budget.hpp"
#include "fhir/path/item.hpp"
#include "fhir/path/moment.hpp"

namespace vigil::fhir::path {

struct Value {
    enum class Kind : std::uint8_t {
        none,  // a complex element, or a primitive without a value
        boolean,
        integer,
        decimal,
        string,
        date,
        date_time,
        time,
        quantity,
        type_info
    };
    Kind kind = Kind::none;
    bool boolean = false;
    std::int64_t integer = 0;
    Decimal decimal = {};        // also of an integer, and a quantity's value
    std::string_view text = {};  // of a string, date, time; a quantity's unit

    bool is_number() const { return kind == Kind::integer || kind == Kind::decimal; }
    bool is_date() const { return kind == Kind::date || kind == Kind::date_time; }
};

// The System type that a FHIR primitive converts to; none of other types.
Value::Kind system_kind(const Type& type);

// A Quantity element is no value here: see quantity_of.
Value value_of(const Item& item);
// Of a System.Quantity or a Quantity element (FHIR R4, 2.9.1.1), and of a number, which counts in
// the unit "1"; else of kind none.
Value quantity_of(const Item& item);
// The "Integer" of System.Integer.
std::string_view system_type_name(const SystemValue& value);
bool is_system_type(std::string_view name);

std::optional<Moment> moment_of(const Value& value);  // of a date or time

// =, of items and collections (N1, 6.1.1); nothing: it is not known. A spent budget makes the
// answer void.
std::optional<bool> equal(const Item& a, const Item& b, Budget& budget);
std::optional<bool> equal(const Collection& a, const Collection& b, Budget& budget);
// ~ (6.1.2)
bool equivalent(const Item& a, const Item& b, Budget& budget);
bool equivalent(const Collection& a, const Collection& b, Budget& budget);
// <, negative, and so on (6.2); nothing: it is not known. Two types that have no order: an error.
Result<std::optional<int>> compare(const Item& a, const Item& b);

}  // namespace vigil::fhir::path

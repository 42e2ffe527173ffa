#include "fhir/path/value.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "fhir/path/json_equality.hpp"
#include "fhir/path/number.hpp"
#include "fhir/path/quantity.hpp"
#include "fhir/path/text.hpp"

namespace vigil::fhir::path {
namespace {

using Kind = Value::Kind;

// In the order of SystemValue.
constexpr std::array<std::string_view, 9> system_types{
    "Boolean", "Integer", "Decimal", "String", "Date", "DateTime", "Time", "Quantity", "TypeInfo"};
static_assert(std::variant_size_v<SystemValue> == system_types.size());

Value number(std::int64_t integer) {
    return {.kind = Kind::integer, .integer = integer, .decimal = {integer, 0}};
}

Value primitive(Kind kind, JsonValue json) {
    switch (kind) {
        case Kind::boolean:
            if (json.is(JsonKind::boolean)) return {.kind = kind, .boolean = json.is_true()};
            return {};
        case Kind::integer:
            if (const auto integer = json.integer()) return number(*integer);
            return {};
        case Kind::decimal:
            if (const auto decimal = json.decimal()) return {.kind = kind, .decimal = *decimal};
            return {};
        default:
            break;
    }
    return json.is(JsonKind::string) ? Value{.kind = kind, .text = json.text()} : Value{};
}

struct SystemView {
    Value operator()(bool value) const { return {.kind = Kind::boolean, .boolean = value}; }
    Value operator()(std::int64_t value) const { return number(value); }
    Value operator()(const Decimal& value) const {
        return {.kind = Kind::decimal, .decimal = value};
    }
    Value operator()(const std::string& value) const {
        return {.kind = Kind::string, .text = value};
    }
    Value operator()(const DateText& value) const {
        return {.kind = Kind::date, .text = value.text};
    }
    Value operator()(const DateTimeText& value) const {
        return {.kind = Kind::date_time, .text = value.text};
    }
    Value operator()(const TimeText& value) const {
        return {.kind = Kind::time, .text = value.text};
    }
    Value operator()(const Quantity& value) const {
        return {.kind = Kind::quantity, .decimal = value.value, .text = value.unit};
    }
    Value operator()(const TypeInfo& value) const {
        return {.kind = Kind::type_info, .text = value.name};
    }
};

QuantityView view(const Value& quantity) {
    return {quantity.decimal, quantity.text};
}

// UCUM codes of time in a FHIR Quantity are the calendar's (FHIR R4, 2.9.1.1).
std::string_view calendar_word_of_code(std::string_view code) {
    if (code == "a") return "year";
    if (code == "mo") return "month";
    if (code == "d") return "day";
    if (code == "h") return "hour";
    if (code == "min") return "minute";
    if (code == "s") return "second";
    return code;
}

bool is_quantity(const Value& value) {
    return value.kind == Kind::quantity;
}

std::optional<bool> equal_values(const Value& a, const Value& b) {
    if (a.is_number() && b.is_number()) return a.decimal == b.decimal;
    if ((a.is_date() && b.is_date()) || (a.kind == Kind::time && b.kind == Kind::time)) {
        const auto moment_a = moment_of(a);
        const auto moment_b = moment_of(b);
        if (!moment_a || !moment_b) return a.text == b.text;
        const auto order = compare(*moment_a, *moment_b);
        return order ? std::optional(*order == 0) : std::nullopt;
    }
    if (a.kind != b.kind) return false;
    if (a.kind == Kind::boolean) return a.boolean == b.boolean;
    return a.text == b.text;
}

bool equivalent_values(const Value& a, const Value& b) {
    if (a.is_number() && b.is_number()) return equivalent(a.decimal, b.decimal);
    if (a.kind == Kind::string && b.kind == Kind::string)
        return normalized(a.text) == normalized(b.text);
    return equal_values(a, b).value_or(false);
}

tl::unexpected<Error> no_order() {
    return fail(Error::Kind::malformed,
                "these two cannot be compared: they are of different types, "
                "or of one that has no order");
}

}  // namespace

Value::Kind system_kind(const Type& type) {
    if (type.kind != TypeKind::primitive) return Kind::none;
    auto name = type.name;
    if (const auto point = name.rfind('.'); point != std::string_view::npos)
        name.remove_prefix(point + 1);
    if (name.empty()) return Kind::none;
    switch (name[0]) {
        case 'b':
        case 'B':
            return name.size() == 7 ? Kind::boolean : Kind::string;  // else base64Binary
        case 'd':
        case 'D':
            if (name.size() == 4) return Kind::date;
            return name[1] == 'e' ? Kind::decimal : Kind::date_time;
        case 'i':
        case 'I':
            if (name == "instant") return Kind::date_time;
            return name == "id" ? Kind::string : Kind::integer;
        case 'p':
            return Kind::integer;  // positiveInt
        case 't':
        case 'T':
            return Kind::time;
        case 'u':
            return name == "unsignedInt" ? Kind::integer : Kind::string;
        default:
            return Kind::string;
    }
}

Value value_of(const Item& item) {
    if (const auto* value = item.system_value()) return std::visit(SystemView(), *value);
    if (!item.json()) return {};
    const auto kind = system_kind(*item.type());
    return kind == Kind::none ? Value{} : primitive(kind, item.json());
}

Value quantity_of(const Item& item) {
    const auto value = value_of(item);
    if (is_quantity(value)) return value;
    if (value.is_number()) return {.kind = Kind::quantity, .decimal = value.decimal, .text = "1"};
    if (value.kind != Kind::none || !item.is_element() ||
        !item.type()->is_or_derives_from("Quantity"))
        return {};
    const auto json = item.json();
    const auto decimal = json["value"].decimal();
    if (!decimal || json["comparator"]) return {};
    auto unit = json["code"].string();
    if (json["system"].string() == "http://unitsofmeasure.org") {
        unit = calendar_word_of_code(unit);
    } else if (unit.empty()) {
        unit = json["unit"].string();
    }
    return {.kind = Kind::quantity, .decimal = *decimal, .text = unit.empty() ? "1" : unit};
}

std::string_view system_type_name(const SystemValue& value) {
    return system_types[value.index()];
}

bool is_system_type(std::string_view name) {
    return std::ranges::find(system_types, name) != system_types.end();
}

std::optional<Moment> moment_of(const Value& value) {
    switch (value.kind) {
        case Kind::date:
            return parse_date(value.text);
        case Kind::date_time:
            return parse_date_time(value.text);
        case Kind::time:
            return parse_time(value.text);
        default:
            return std::nullopt;
    }
}

std::optional<bool> equal(const Item& a, const Item& b, Budget& budget) {
    const auto value_a = value_of(a);
    const auto value_b = value_of(b);
    budget.take_text(std::min(value_a.text.size(), value_b.text.size()));
    const bool simple_a = value_a.kind != Kind::none && !is_quantity(value_a);
    const bool simple_b = value_b.kind != Kind::none && !is_quantity(value_b);
    if (simple_a && simple_b) return equal_values(value_a, value_b);
    const auto quantity_a = quantity_of(a);
    const auto quantity_b = quantity_of(b);
    if (is_quantity(quantity_a) && is_quantity(quantity_b)) {
        const auto order = compare(view(quantity_a), view(quantity_b));
        return order ? std::optional(*order == 0) : std::nullopt;
    }
    if (!a.is_element() || !b.is_element() || simple_a || simple_b) return false;
    return json_equal(a.json(), b.json(), budget) && json_equal(a.beside(), b.beside(), budget);
}

std::optional<bool> equal(const Collection& a, const Collection& b, Budget& budget) {
    if (a.empty() || b.empty()) return std::nullopt;
    if (a.size() != b.size()) return false;
    std::optional<bool> result = true;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto pair = equal(a[i], b[i], budget);
        if (pair == false) return false;
        if (!pair) result = std::nullopt;
    }
    return result;
}

bool equivalent(const Item& a, const Item& b, Budget& budget) {
    const auto value_a = value_of(a);
    const auto value_b = value_of(b);
    budget.take_text(value_a.text.size() + value_b.text.size());
    const bool simple_a = value_a.kind != Kind::none && !is_quantity(value_a);
    const bool simple_b = value_b.kind != Kind::none && !is_quantity(value_b);
    if (simple_a && simple_b) return equivalent_values(value_a, value_b);
    const auto quantity_a = quantity_of(a);
    const auto quantity_b = quantity_of(b);
    if (is_quantity(quantity_a) && is_quantity(quantity_b))
        return equivalent(view(quantity_a), view(quantity_b));
    if (!a.is_element() || !b.is_element() || simple_a || simple_b) return false;
    return json_equivalent(a.json(), b.json(), budget);
}

bool equivalent(const Collection& a, const Collection& b, Budget& budget) {
    if (a.size() != b.size()) return false;
    std::vector<bool> taken(b.size());
    return std::ranges::all_of(a, [&](const Item& item) {
        for (std::size_t i = 0; i < b.size(); ++i)
            if (!taken[i] && !budget.is_spent() && equivalent(item, b[i], budget))
                return static_cast<bool>(taken[i] = true);
        return false;
    });
}

Result<std::optional<int>> compare(const Item& a, const Item& b) {
    const auto value_a = value_of(a);
    const auto value_b = value_of(b);
    const auto order = [](std::strong_ordering ordering) {
        return std::optional(ordering < 0 ? -1 : (ordering > 0 ? 1 : 0));
    };
    if (value_a.is_number() && value_b.is_number())
        return order(value_a.decimal <=> value_b.decimal);
    if (value_a.kind == Kind::string && value_b.kind == Kind::string)
        return order(value_a.text <=> value_b.text);
    if ((value_a.is_date() && value_b.is_date()) ||
        (value_a.kind == Kind::time && value_b.kind == Kind::time)) {
        const auto moment_a = moment_of(value_a);
        const auto moment_b = moment_of(value_b);
        if (!moment_a || !moment_b) return std::optional<int>();
        return compare(*moment_a, *moment_b);
    }
    const auto quantity_a = quantity_of(a);
    const auto quantity_b = quantity_of(b);
    if (!is_quantity(quantity_a) || !is_quantity(quantity_b)) return no_order();
    return compare(view(quantity_a), view(quantity_b));
}

}  // namespace vigil::fhir::path

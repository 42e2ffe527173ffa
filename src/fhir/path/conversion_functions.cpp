// FHIRPath N1, 5.5: conversion.

#include <algorithm>
#include <array>

#include "fhir/path/evaluator.hpp"
#include "fhir/path/number.hpp"
#include "fhir/path/quantity.hpp"
#include "fhir/path/text.hpp"

namespace vigil::fhir::path {
namespace {

using Kind = Value::Kind;
using Converted = std::optional<SystemValue>;

Converted to_boolean(const Value& value) {
    constexpr std::array<std::string_view, 6> yes{"true", "t", "yes", "y", "1", "1.0"};
    constexpr std::array<std::string_view, 6> no{"false", "f", "no", "n", "0", "0.0"};
    if (value.kind == Kind::boolean) return SystemValue(value.boolean);
    if (value.is_number()) {
        if (value.decimal == Decimal{1, 0}) return SystemValue(true);
        if (value.decimal == Decimal{}) return SystemValue(false);
    }
    if (value.kind != Kind::string) return {};
    const auto text = to_lower(value.text);
    if (std::ranges::find(yes, text) != yes.end()) return SystemValue(true);
    if (std::ranges::find(no, text) != no.end()) return SystemValue(false);
    return {};
}

// parse_decimal takes exponents too; these conversions do not.
std::optional<Decimal> plain_decimal(std::string_view text) {
    if (text.find_first_of("eE") != std::string_view::npos) return std::nullopt;
    const auto value = parse_decimal(text);
    return value ? std::optional(*value) : std::nullopt;
}

Converted to_integer_value(const Value& value) {
    if (value.kind == Kind::integer) return SystemValue(value.integer);
    if (value.kind == Kind::boolean) return SystemValue(std::int64_t{value.boolean});
    if (value.kind != Kind::string || value.text.find('.') != std::string_view::npos) return {};
    const auto decimal = plain_decimal(value.text);
    const auto integer = decimal ? to_integer(*decimal) : std::nullopt;
    if (!integer || !is_integer(*integer)) return {};
    return SystemValue(*integer);
}

Converted to_decimal(const Value& value) {
    if (value.is_number()) return SystemValue(value.decimal);
    if (value.kind == Kind::boolean) return SystemValue(Decimal{value.boolean, 0});
    if (value.kind != Kind::string) return {};
    const auto decimal = plain_decimal(value.text);
    return decimal ? Converted(SystemValue(*decimal)) : Converted();
}

Converted to_date(const Value& value) {
    if (value.kind != Kind::string && !value.is_date()) return {};
    const auto moment = parse_date_time(value.text);
    if (!moment) return {};
    if (value.kind == Kind::string && !parse_date(value.text)) return {};
    return SystemValue(DateText{format_date(*moment)});
}

Converted to_date_time(const Value& value) {
    if (value.kind != Kind::string && !value.is_date()) return {};
    if (!parse_date_time(value.text)) return {};
    return SystemValue(DateTimeText{std::string(value.text)});
}

Converted to_time(const Value& value) {
    if (value.kind != Kind::string && value.kind != Kind::time) return {};
    if (!parse_time(value.text)) return {};
    return SystemValue(TimeText{std::string(value.text)});
}

Converted to_quantity(const Item& item) {
    const auto value = value_of(item);
    if (value.kind == Kind::boolean) return SystemValue(Quantity{{value.boolean, 0}, "1"});
    if (value.kind == Kind::string) {
        auto quantity = parse_quantity(value.text);
        return quantity ? Converted(SystemValue(std::move(*quantity))) : Converted();
    }
    const auto quantity = quantity_of(item);
    if (quantity.kind != Kind::quantity) return {};
    return SystemValue(Quantity{quantity.decimal, std::string(quantity.text)});
}

Converted to_text(const Item& item) {
    const auto value = value_of(item);
    switch (value.kind) {
        case Kind::boolean:
            return SystemValue(std::string(value.boolean ? "true" : "false"));
        case Kind::integer:
        case Kind::decimal:
            return SystemValue(to_string(value.decimal));
        case Kind::string:
        case Kind::date:
        case Kind::date_time:
        case Kind::time:
            return SystemValue(std::string(value.text));
        default:
            break;
    }
    const auto quantity = quantity_of(item);
    if (quantity.kind != Kind::quantity) return {};
    return SystemValue(to_string(QuantityView{quantity.decimal, quantity.text}));
}

Converted convert(Function function, const Item& item) {
    const auto value = value_of(item);
    switch (function) {
        case Function::to_boolean:
        case Function::converts_to_boolean:
            return to_boolean(value);
        case Function::to_integer:
        case Function::converts_to_integer:
            return to_integer_value(value);
        case Function::to_decimal:
        case Function::converts_to_decimal:
            return to_decimal(value);
        case Function::to_date:
        case Function::converts_to_date:
            return to_date(value);
        case Function::to_date_time:
        case Function::converts_to_date_time:
            return to_date_time(value);
        case Function::to_time:
        case Function::converts_to_time:
            return to_time(value);
        case Function::to_quantity:
        case Function::converts_to_quantity:
            return to_quantity(item);
        default:
            return to_text(item);
    }
}

bool only_asks(Function function) {
    constexpr std::array asking{Function::converts_to_boolean, Function::converts_to_integer,
                                Function::converts_to_date,    Function::converts_to_date_time,
                                Function::converts_to_decimal, Function::converts_to_quantity,
                                Function::converts_to_string,  Function::converts_to_time};
    return std::ranges::find(asking, function) != asking.end();
}

// toQuantity('kg'): in that unit.
Result<Converted> in_unit(const Call& call, const Converted& quantity) {
    VIGIL_TRY(unit, call.string_argument(0));
    if (!unit || !quantity) return Converted();
    const auto& from = std::get<Quantity>(*quantity);
    const auto value = converted({from.value, from.unit}, *unit);
    if (!value) return Converted();
    return Converted(SystemValue(Quantity{*value, std::move(*unit)}));
}

// 5.5.1. Only the branch that is chosen is evaluated; of a single item, $this is that item.
Result<Collection> iif(const Call& call) {
    VIGIL_TRY(item, call.single());
    Scope scope = call.scope;
    if (item != nullptr) scope.self = item;
    VIGIL_TRY(criterion, call.evaluator.evaluate(call.argument_node(0), scope));
    VIGIL_TRY(truth, truth_of(criterion, call.node));
    if (truth == true) return call.evaluator.evaluate(call.argument_node(1), scope);
    if (call.argument_count() < 3) return Collection();
    return call.evaluator.evaluate(call.argument_node(2), scope);
}

}  // namespace

Result<Collection> call_conversion(const Call& call) {
    if (call.node.function == Function::iif) return iif(call);
    VIGIL_TRY(item, call.single());
    if (item == nullptr) return Collection();
    auto result = convert(call.node.function, *item);
    if (call.argument_count() == 1) {
        VIGIL_TRY(in_it, in_unit(call, result));
        result = std::move(in_it);
    }
    if (only_asks(call.node.function)) return of_truth(result.has_value());
    if (!result) return Collection();
    return of_value(std::move(*result));
}

}  // namespace vigil::fhir::path

// FHIRPath N1, 5.7: math.

#include <cmath>

#include "fhir/path/evaluator.hpp"
#include "fhir/path/number.hpp"

namespace vigil::fhir::path {
namespace {

using Kind = Value::Kind;

Collection of_decimal(const std::optional<Decimal>& value) {
    return value ? of_value(SystemValue(*value)) : Collection();
}

Collection of_whole(const std::optional<Decimal>& value) {
    const auto integer = value ? to_integer(*value) : std::nullopt;
    return integer && is_integer(*integer) ? of_integer(*integer) : Collection();
}

Result<std::optional<Decimal>> number_argument(const Call& call) {
    VIGIL_TRY(items, call.argument(0));
    if (items.empty()) return std::optional<Decimal>();
    const auto value = value_of(items[0]);
    if (items.size() > 1 || !value.is_number())
        return call.error("a number is expected as argument");
    return std::optional(value.decimal);
}

// The whole number at or next to `value`: below it (step -1) or above it (1).
std::optional<Decimal> whole_beside(const Decimal& value, std::int64_t step) {
    const auto whole = truncate(value);
    const bool is_beyond = step < 0 ? value < whole : value > whole;
    return is_beyond ? add(whole, {step, 0}) : std::optional(whole);
}

Collection absolute(const Item& item, const Value& value) {
    if (value.kind == Kind::integer) {
        const auto integer = std::abs(value.integer);
        return is_integer(integer) ? of_integer(integer) : Collection();
    }
    auto decimal = value.kind == Kind::decimal ? value.decimal : quantity_of(item).decimal;
    decimal.mantissa = std::abs(decimal.mantissa);
    if (value.kind == Kind::decimal) return of_decimal(decimal);
    return of_value(Quantity{decimal, std::string(quantity_of(item).text)});
}

Result<Collection> logarithm(const Call& call, const Decimal& value) {
    VIGIL_TRY(base, number_argument(call));
    if (!base || value.mantissa <= 0 || base->mantissa <= 0) return Collection();
    const double result = std::log(value.to_double()) / std::log(base->to_double());
    // 3 for log(2) of 8, not 2.9999…: what is as near to a whole number as a double tells.
    const double whole = std::round(result);
    return of_decimal(from_double(std::abs(result - whole) < 1e-12 ? whole : result));
}

Result<Collection> raised(const Call& call, const Value& value) {
    VIGIL_TRY(exponent, number_argument(call));
    if (!exponent) return Collection();
    if (const auto whole = to_integer(*exponent)) {
        const auto result = power(value.decimal, *whole);
        if (result && value.kind == Kind::integer && exponent->exponent == 0 && *whole >= 0)
            return of_whole(result);
        return of_decimal(result);
    }
    return of_decimal(from_double(std::pow(value.decimal.to_double(), exponent->to_double())));
}

Result<Collection> rounded(const Call& call, const Decimal& value) {
    if (call.argument_count() == 0) return of_decimal(round(value, 0));
    VIGIL_TRY(places, call.integer_argument(0));
    constexpr std::int64_t places_max = 28;
    if (places && (*places < 0 || *places > places_max))
        return call.error("the precision is a small number, 0 or more");
    return of_decimal(round(value, static_cast<int>(places.value_or(0))));
}

}  // namespace

Result<Collection> call_math(const Call& call) {
    VIGIL_TRY(item, call.single());
    if (item == nullptr) return Collection();
    const auto value = value_of(*item);
    const auto& number = value.decimal;
    if (!value.is_number()) {
        if (call.node.function == Function::abs && quantity_of(*item).kind == Kind::quantity)
            return absolute(*item, value);
        return call.error("is for a number");
    }
    switch (call.node.function) {
        case Function::abs:
            return absolute(*item, value);
        case Function::ceiling:
            return of_whole(whole_beside(number, 1));
        case Function::floor:
            return of_whole(whole_beside(number, -1));
        case Function::truncate:
            return of_whole(truncate(number));
        case Function::exp:
            return of_decimal(from_double(std::exp(number.to_double())));
        case Function::ln:
            return of_decimal(from_double(std::log(number.to_double())));
        case Function::sqrt:
            return of_decimal(from_double(std::sqrt(number.to_double())));
        case Function::log:
            return logarithm(call, number);
        case Function::power:
            return raised(call, value);
        default:
            return rounded(call, number);
    }
}

}  // namespace vigil::fhir::path

// The operators (FHIRPath N1, 6).

#include <algorithm>

#include "fhir/path/evaluator.hpp"
#include "fhir/path/number.hpp"
#include "fhir/path/quantity.hpp"

namespace vigil::fhir::path {
namespace {

using Kind = Value::Kind;

Collection of_decimal(const std::optional<Decimal>& value) {
    return value ? of_value(SystemValue(*value)) : Collection();
}

// What does not fit is empty (4.1.3).
Collection of_fitting(std::int64_t value) {
    return is_integer(value) ? of_integer(value) : Collection();
}

Collection of_quantity(std::optional<Quantity> value) {
    return value ? of_value(SystemValue(std::move(*value))) : Collection();
}

tl::unexpected<Error> not_for_these(const Node& node) {
    return error_at(node, "this operator is not for values of these types");
}

Collection integer_arithmetic(NodeKind kind, std::int64_t a, std::int64_t b) {
    switch (kind) {
        case NodeKind::add:
            return of_fitting(a + b);
        case NodeKind::subtract:
            return of_fitting(a - b);
        case NodeKind::multiply:
            return of_fitting(a * b);  // 33 bits each
        case NodeKind::div:
            return b == 0 ? Collection() : of_fitting(a / b);
        case NodeKind::mod:
            return b == 0 ? Collection() : of_fitting(a % b);
        default:
            return of_decimal(divide(Decimal{a, 0}, Decimal{b, 0}));
    }
}

Collection decimal_arithmetic(NodeKind kind, const Decimal& a, const Decimal& b) {
    switch (kind) {
        case NodeKind::add:
            return of_decimal(add(a, b));
        case NodeKind::subtract:
            return of_decimal(subtract(a, b));
        case NodeKind::multiply:
            return of_decimal(multiply(a, b));
        case NodeKind::mod:
            return of_decimal(remainder(a, b));
        case NodeKind::div: {
            const auto quotient = divide_truncated(a, b);
            return quotient ? of_fitting(*quotient) : Collection();
        }
        default:
            return of_decimal(divide(a, b));
    }
}

Collection quantity_arithmetic(NodeKind kind, const QuantityView& a, const QuantityView& b) {
    switch (kind) {
        case NodeKind::add:
            return of_quantity(add(a, b, false));
        case NodeKind::subtract:
            return of_quantity(add(a, b, true));
        case NodeKind::multiply:
            return of_quantity(multiply(a, b));
        default:
            return of_quantity(divide(a, b));
    }
}

// Date ± quantity (6.6.7, 6.6.8).
Result<Collection> moved(const Node& node, const Value& moment, const QuantityView& by) {
    const auto start = moment_of(moment);
    const auto unit = calendar_unit(by.unit);
    if (!unit) return error_at(node, "a date moves by calendar units: 1 month, not 1 'mo'");
    if (!start) return Collection();
    auto amount = by.value;
    if (node.kind == NodeKind::subtract) amount.mantissa = -amount.mantissa;
    if (moment.kind == Kind::time)
        return of_value(TimeText{format_time(add_time_of_day(*start, amount, *unit))});
    const auto end = add(*start, amount, *unit);
    if (!end) return Collection();
    if (moment.kind == Kind::date) return of_value(DateText{format_date(*end)});
    return of_value(DateTimeText{format_date_time(*end)});
}

std::string joined(std::string_view a, std::string_view b) {
    return std::string(a).append(b);
}

bool can_be_text(const Value& value) {
    return value.kind == Kind::string;
}

Result<Collection> two_values(const Node& node, const Item& left, const Item& right) {
    const auto a = value_of(left);
    const auto b = value_of(right);
    const bool is_sum = node.kind == NodeKind::add || node.kind == NodeKind::subtract;
    if (a.kind == Kind::integer && b.kind == Kind::integer)
        return integer_arithmetic(node.kind, a.integer, b.integer);
    if (a.is_number() && b.is_number()) return decimal_arithmetic(node.kind, a.decimal, b.decimal);
    if (node.kind == NodeKind::add && can_be_text(a) && can_be_text(b)) {
        if (a.text.size() + b.text.size() > Evaluator::text_bytes_max)
            return error_at(node, "a text grew too long", Error::Kind::too_large);
        return of_text(joined(a.text, b.text));
    }
    const auto quantity = quantity_of(right);
    if (quantity.kind != Kind::quantity) return not_for_these(node);
    const QuantityView by{quantity.decimal, quantity.text};
    if (is_sum && (a.is_date() || a.kind == Kind::time)) return moved(node, a, by);
    const auto other = quantity_of(left);
    if (other.kind != Kind::quantity || node.kind == NodeKind::div || node.kind == NodeKind::mod)
        return not_for_these(node);
    return quantity_arithmetic(node.kind, {other.decimal, other.text}, by);
}

Result<Collection> signed_value(const Node& node, const Item& item) {
    const auto value = value_of(item);
    const bool negative = node.kind == NodeKind::negate;
    if (value.kind == Kind::integer) return of_fitting(negative ? -value.integer : value.integer);
    auto decimal = value.decimal;
    if (negative) decimal.mantissa = -decimal.mantissa;
    if (value.kind == Kind::decimal) return of_decimal(decimal);
    const auto quantity = quantity_of(item);
    if (quantity.kind != Kind::quantity) return not_for_these(node);
    decimal = quantity.decimal;
    if (negative) decimal.mantissa = -decimal.mantissa;
    return of_quantity(Quantity{decimal, std::string(quantity.text)});
}

// & takes what is empty for "" (6.6.9).
Result<Collection> concatenated(const Node& node, const Collection& left, const Collection& right) {
    std::string out;
    for (const auto* side : {&left, &right}) {
        if (side->empty()) continue;
        const auto value = value_of(side->front());
        if (side->size() > 1 || value.kind != Kind::string) return not_for_these(node);
        out += value.text;
    }
    if (out.size() > Evaluator::text_bytes_max)
        return error_at(node, "a text grew too long", Error::Kind::too_large);
    return of_text(std::move(out));
}

Truth negated(Truth truth) {
    return truth ? Truth(!*truth) : truth;
}

}  // namespace

Result<Collection> Evaluator::arithmetic(const Node& node, const Scope& scope) {
    VIGIL_TRY(left, evaluate(*node.parts[0], scope));
    if (node.kind == NodeKind::negate || node.kind == NodeKind::plus_sign) {
        if (left.empty()) return Collection();
        if (left.size() > 1) return not_for_these(node);
        return signed_value(node, left[0]);
    }
    VIGIL_TRY(right, evaluate(*node.parts[1], scope));
    if (node.kind == NodeKind::concatenate) {
        VIGIL_TRY(text, concatenated(node, left, right));
        VIGIL_CHECK(spend(node, value_of(text[0]).text.size() / Budget::bytes_per_step));
        return std::move(text);
    }
    if (left.empty() || right.empty()) return Collection();
    if (left.size() > 1 || right.size() > 1)
        return error_at(node, "one value is expected on each side of this operator");
    VIGIL_TRY(result, two_values(node, left[0], right[0]));
    return std::move(result);
}

Result<Truth> Evaluator::truth(const Node& node, const Scope& scope) {
    if (!is_of_truth(node.kind)) {
        VIGIL_TRY(items, evaluate(node, scope));
        return truth_of(items, node);
    }
    VIGIL_CHECK(spend(node, 1));
    if (node.kind == NodeKind::is) return is_type(node, scope);
    if (node.kind <= NodeKind::greater_or_equal) return order(node, scope);
    if (node.kind <= NodeKind::not_equivalent) return equality(node, scope);
    if (node.kind <= NodeKind::contains) return membership(node, scope);
    return logic(node, scope);
}

Result<Truth> Evaluator::is_type(const Node& node, const Scope& scope) {
    VIGIL_TRY(items, source(node, scope));
    if (items.empty()) return Truth();
    if (items.size() > 1) return error_at(node, "`is` is for one item, there are several");
    return Truth(is_of_type(items[0], node.type));
}

Result<Truth> Evaluator::equality(const Node& node, const Scope& scope) {
    VIGIL_TRY(left, evaluate(*node.parts[0], scope));
    const auto& right_node = *node.parts[1];
    const bool is_exact = node.kind == NodeKind::equal || node.kind == NodeKind::not_equal;
    const bool is_denied =
        node.kind == NodeKind::not_equal || node.kind == NodeKind::not_equivalent;
    Truth result;
    // `use = 'official'`, the most frequent kind of condition, copies nothing.
    if (is_exact && right_node.kind == NodeKind::literal && left.size() == 1) {
        result = equal(left[0], *right_node.literal, budget_);
    } else {
        VIGIL_TRY(right, evaluate(right_node, scope));
        result = is_exact ? equal(left, right, budget_) : Truth(equivalent(left, right, budget_));
    }
    VIGIL_CHECK(spend(node, 0));
    return is_denied ? negated(result) : result;
}

Result<Truth> Evaluator::order(const Node& node, const Scope& scope) {
    VIGIL_TRY(left, evaluate(*node.parts[0], scope));
    VIGIL_TRY(right, evaluate(*node.parts[1], scope));
    if (left.empty() || right.empty()) return Truth();
    if (left.size() > 1 || right.size() > 1)
        return error_at(node, "one value is expected on each side of this operator");
    const auto compared = compare(left[0], right[0]);
    if (!compared) return error_at(node, compared.error().message);
    if (!*compared) return Truth();
    const int sign = **compared;
    switch (node.kind) {
        case NodeKind::less:
            return Truth(sign < 0);
        case NodeKind::less_or_equal:
            return Truth(sign <= 0);
        case NodeKind::greater:
            return Truth(sign > 0);
        default:
            return Truth(sign >= 0);
    }
}

Result<Truth> Evaluator::membership(const Node& node, const Scope& scope) {
    VIGIL_TRY(left, evaluate(*node.parts[0], scope));
    VIGIL_TRY(right, evaluate(*node.parts[1], scope));
    const bool is_in = node.kind == NodeKind::in;
    const auto& wanted = is_in ? left : right;
    const auto& items = is_in ? right : left;
    if (wanted.empty()) return Truth();
    if (wanted.size() > 1) return error_at(node, "one value is looked for, here are several");
    VIGIL_TRY(found, contains(*this, node, items, wanted[0]));
    return Truth(found);
}

// 6.5. The right side is not looked at where the left one decides.
Result<Truth> Evaluator::logic(const Node& node, const Scope& scope) {
    VIGIL_TRY(left, truth(*node.parts[0], scope));
    if (node.kind == NodeKind::logical_and && left == false) return Truth(false);
    if (node.kind == NodeKind::logical_or && left == true) return Truth(true);
    if (node.kind == NodeKind::logical_implies && left == false) return Truth(true);
    VIGIL_TRY(right, truth(*node.parts[1], scope));
    switch (node.kind) {
        case NodeKind::logical_and:
            if (right == false) return Truth(false);
            return left && right ? Truth(true) : Truth();
        case NodeKind::logical_or:
            if (right == true) return Truth(true);
            return left && right ? Truth(false) : Truth();
        case NodeKind::logical_xor:
            return left && right ? Truth(*left != *right) : Truth();
        default:
            if (right == true) return Truth(true);
            return left && right ? Truth(false) : Truth();
    }
}

}  // namespace vigil::fhir::path

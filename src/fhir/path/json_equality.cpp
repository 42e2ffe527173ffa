#include "fhir/path/json_equality.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "fhir/path/quantity.hpp"
#include "fhir/path/text.hpp"

namespace vigil::fhir::path {
namespace {

using Members = std::vector<std::pair<std::string_view, JsonValue>>;

// Sorted, so that two objects compare in step however many members a hostile one has.
Members members_of(JsonValue object, bool with_id) {
    Members out;
    out.reserve(object.size());
    for (auto member = object.begin(); member != object.end(); ++member)
        if (with_id || member.key() != "id") out.emplace_back(member.key(), *member);
    std::ranges::sort(out, {}, &Members::value_type::first);
    return out;
}

template <class Same>
bool same_members(const Members& a, const Members& b, Same same) {
    return std::ranges::equal(a, b, [&](const auto& left, const auto& right) {
        return left.first == right.first && same(left.second, right.second);
    });
}

// Most often members stand in the same order, and nothing has to be sorted.
bool same_names_in_order(JsonValue a, JsonValue b) {
    auto other = b.begin();
    for (auto member = a.begin(); member != a.end(); ++member, ++other)
        if (member.key() != other.key()) return false;
    return true;
}

// Members or elements, each with the one at its place.
bool equal_in_order(JsonValue a, JsonValue b, Budget& budget) {
    auto other = b.begin();
    for (auto part = a.begin(); part != a.end(); ++part, ++other)
        if (!json_equal(*part, *other, budget)) return false;
    return true;
}

std::vector<JsonValue> elements_of(JsonValue array) {
    std::vector<JsonValue> out;
    out.reserve(array.size());
    for (const auto element : array) out.push_back(element);
    return out;
}

// Beyond it the elements must stand in the same order: comparing each with each costs its square.
constexpr std::size_t unordered_max = 64;

bool equivalent_in_any_order(JsonValue a, JsonValue b, Budget& budget) {
    const auto same = [&](JsonValue left, JsonValue right) {
        return json_equivalent(left, right, budget);
    };
    const auto left = elements_of(a);
    auto right = elements_of(b);
    if (left.size() > unordered_max) return std::ranges::equal(left, right, same);
    return std::ranges::all_of(left, [&](JsonValue element) {
        const auto found =
            std::ranges::find_if(right, [&](JsonValue other) { return same(element, other); });
        if (found == right.end()) return false;
        right.erase(found);
        return true;
    });
}

}  // namespace

bool json_equal(JsonValue a, JsonValue b, Budget& budget) {
    if (a.kind() != b.kind() || a.size() != b.size()) return false;
    if (!budget.take_text(std::min(a.text().size(), b.text().size()))) return false;
    switch (a.kind()) {
        case JsonKind::object: {
            if (!budget.take(a.size())) return false;
            if (same_names_in_order(a, b)) return equal_in_order(a, b, budget);
            return same_members(
                members_of(a, true), members_of(b, true),
                [&](JsonValue left, JsonValue right) { return json_equal(left, right, budget); });
        }
        case JsonKind::array:
            return equal_in_order(a, b, budget);
        case JsonKind::number: {
            const auto left = a.decimal();
            const auto right = b.decimal();
            return left && right ? *left == *right : a.text() == b.text();
        }
        default:
            return a.text() == b.text();
    }
}

bool json_equal(JsonValue a, JsonValue b) {
    Budget endless{std::numeric_limits<std::size_t>::max()};
    return json_equal(a, b, endless);
}

bool json_equivalent(JsonValue a, JsonValue b, Budget& budget) {
    if (a.kind() != b.kind()) return false;
    if (!budget.take_text(a.text().size() + b.text().size())) return false;
    switch (a.kind()) {
        case JsonKind::object: {
            if (!budget.take(a.size() + b.size())) return false;
            return same_members(members_of(a, false), members_of(b, false),
                                [&](JsonValue left, JsonValue right) {
                                    return json_equivalent(left, right, budget);
                                });
        }
        case JsonKind::array:
            return a.size() == b.size() && equivalent_in_any_order(a, b, budget);
        case JsonKind::number: {
            const auto left = a.decimal();
            const auto right = b.decimal();
            return left && right ? equivalent(*left, *right) : a.text() == b.text();
        }
        case JsonKind::string:
            return normalized(a.text()) == normalized(b.text());
        default:
            return a.text() == b.text();
    }
}

}  // namespace vigil::fhir::path

#include "fhir/path/json_equality.hpp"

#include <algorithm>
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

bool equal_in_order(JsonValue a, JsonValue b) {
    auto other = b.begin();
    for (auto element = a.begin(); element != a.end(); ++element, ++other)
        if (!json_equal(*element, *other)) return false;
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

bool equivalent_in_any_order(JsonValue a, JsonValue b) {
    const auto left = elements_of(a);
    auto right = elements_of(b);
    if (left.size() > unordered_max) return std::ranges::equal(left, right, json_equivalent);
    return std::ranges::all_of(left, [&](JsonValue element) {
        const auto found = std::ranges::find_if(
            right, [&](JsonValue other) { return json_equivalent(element, other); });
        if (found == right.end()) return false;
        right.erase(found);
        return true;
    });
}

}  // namespace

bool json_equal(JsonValue a, JsonValue b) {
    if (a.kind() != b.kind() || a.size() != b.size()) return false;
    switch (a.kind()) {
        case JsonKind::object:
            return same_members(members_of(a, true), members_of(b, true), json_equal);
        case JsonKind::array:
            return equal_in_order(a, b);
        case JsonKind::number: {
            const auto left = a.decimal();
            const auto right = b.decimal();
            return left && right ? *left == *right : a.text() == b.text();
        }
        default:
            return a.text() == b.text();
    }
}

bool json_equivalent(JsonValue a, JsonValue b) {
    if (a.kind() != b.kind()) return false;
    switch (a.kind()) {
        case JsonKind::object:
            return same_members(members_of(a, false), members_of(b, false), json_equivalent);
        case JsonKind::array:
            return a.size() == b.size() && equivalent_in_any_order(a, b);
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

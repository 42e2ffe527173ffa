#include "fhir/path/distinct_set.hpp"

#include <functional>

namespace vigil::fhir::path {
namespace {

constexpr std::size_t unhashed_max = 12;

// What is equal has the same hash. A number meets no quantity in one set, though 1 = 1 '1'.
std::size_t hash_of(const Item& item) {
    const auto value = value_of(item);
    const auto kind = static_cast<std::size_t>(value.kind);
    switch (value.kind) {
        case Value::Kind::boolean:
            return value.boolean ? 1 : 2;
        case Value::Kind::integer:
        case Value::Kind::decimal:
            return std::hash<double>()(value.decimal.to_double());
        case Value::Kind::string:
            return std::hash<std::string_view>()(value.text);
        // Of another precision or zone they may be equal all the same; so may units.
        case Value::Kind::date:
        case Value::Kind::date_time:
        case Value::Kind::time:
        case Value::Kind::quantity:
        case Value::Kind::type_info:
            return kind;
        case Value::Kind::none:
            break;
    }
    if (item.type()->is_or_derives_from("Quantity"))
        return static_cast<std::size_t>(Value::Kind::quantity);
    const auto json = item.json();
    std::size_t hash = json.size();
    if (json.is(JsonKind::object))
        for (const auto member : json)  // in any order
            hash += std::hash<std::string_view>()(member.string());
    return hash;
}

}  // namespace

Result<bool> DistinctSet::contains(const Item& item) {
    if (items_.size() <= unhashed_max) {
        for (const auto& known : items_) {
            VIGIL_TRY(is_known, evaluator_.same(node_, known, item));
            if (is_known == true) return true;
        }
        return false;
    }
    if (by_hash_.empty())
        for (std::size_t i = 0; i < items_.size(); ++i) by_hash_.emplace(hash_of(items_[i]), i);
    const auto value = value_of(item);
    VIGIL_CHECK(evaluator_.spend(node_, 1 + value.text.size() / Budget::bytes_per_step));
    const auto [first, last] = by_hash_.equal_range(hash_of(item));
    for (auto at = first; at != last; ++at) {
        VIGIL_TRY(is_known, evaluator_.same(node_, items_[at->second], item));
        if (is_known == true) return true;
    }
    return false;
}

Result<bool> DistinctSet::add(const Item& item) {
    VIGIL_TRY(known, contains(item));
    if (known) return false;
    if (!by_hash_.empty()) by_hash_.emplace(hash_of(item), items_.size());
    items_.push_back(item);
    return true;
}

}  // namespace vigil::fhir::path

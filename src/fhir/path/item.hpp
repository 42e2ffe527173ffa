#pragma once
// What FHIRPath expressions work on: elements of a resource with the type that the definitions give
// them, and values of the System types (FHIRPath N1, 2 and 4).

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/decimal.hpp"
#include "base/json.hpp"
#include "fhir/definition/definitions.hpp"

namespace vigil::fhir::path {

// Text in FHIR's form with as many parts as were given: "2024-03", "T14:30". Kept as text, so that
// its precision is kept.
struct DateText {
    std::string text;
};
struct DateTimeText {
    std::string text;
};
struct TimeText {
    std::string text;
};
struct Quantity {
    Decimal value;
    std::string unit;  // UCUM code, or a calendar unit's word ("year")
};

using SystemValue = std::variant<bool, std::int64_t, Decimal, std::string, DateText, DateTimeText,
                                 TimeText, Quantity>;

class Item {
public:
    // An element: its FHIR type, its JSON, and the "_name" that stands beside a primitive's.
    // `json` is absent where a primitive has only extensions.
    Item(const Type& type, JsonValue json, JsonValue beside = {})
        : type_(&type), json_(json), beside_(beside) {}
    explicit Item(SystemValue value)
        : value_(std::make_shared<const SystemValue>(std::move(value))) {}

    bool is_element() const { return type_ != nullptr; }
    const Type* type() const { return type_; }  // null of a System value
    JsonValue json() const { return json_; }
    JsonValue beside() const { return beside_; }
    const SystemValue* system_value() const { return value_.get(); }

private:
    const Type* type_ = nullptr;
    JsonValue json_, beside_;
    std::shared_ptr<const SystemValue> value_;
};

using Collection = std::vector<Item>;

}  // namespace vigil::fhir::path

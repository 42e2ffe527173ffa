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

// Text in FHIR's form with as many parts as were given: "2024-03", "14:30". Kept as text, so that
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
// What type() answers (FHIRPath N1, 10.2), less the elements: {"System", "Boolean"}.
struct TypeInfo {
    std::string_view name_space, name;  // of the definitions, or constants
    std::string_view base;              // "FHIR.DomainResource"; of a System type "System.Any"
};

using SystemValue = std::variant<bool, std::int64_t, Decimal, std::string, DateText, DateTimeText,
                                 TimeText, Quantity, TypeInfo>;

class Item {
public:
    // An element: its FHIR type, its JSON, and the "_name" that stands beside a primitive's.
    // `json` is absent where a primitive has only extensions, and of a resource of which no more
    // than the type is known (what resolve() may answer with: enough for `is`).
    Item(const Type& type, JsonValue json, JsonValue beside = {})
        : type_(&type), json_(json), beside_(beside) {}
    explicit Item(SystemValue value)
        : value_(std::make_shared<const SystemValue>(std::move(value))) {}
    // A value that lives longer than the item.
    static Item of_constant(const SystemValue& value) {
        return Item(std::shared_ptr<const SystemValue>(std::shared_ptr<void>(), &value));
    }

    bool is_element() const { return type_ != nullptr; }
    const Type* type() const { return type_; }  // null of a System value
    JsonValue json() const { return json_; }
    JsonValue beside() const { return beside_; }
    const SystemValue* system_value() const { return value_.get(); }

private:
    explicit Item(std::shared_ptr<const SystemValue> value) : value_(std::move(value)) {}

    const Type* type_ = nullptr;
    JsonValue json_, beside_;
    std::shared_ptr<const SystemValue> value_;
};

using Collection = std::vector<Item>;

}  // namespace vigil::fhir::path

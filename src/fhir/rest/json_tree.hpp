#pragma once
// JSON that can be changed: for patches. Numbers keep their text.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/json_writer.hpp"

namespace vigil::fhir {

struct JsonTree {
    JsonKind kind = JsonKind::null;
    std::string text;                                       // of a string, number or boolean
    std::vector<std::pair<std::string, JsonTree>> members;  // of an object, in their order
    std::vector<JsonTree> elements;                         // of an array

    JsonTree() = default;
    explicit JsonTree(JsonValue value);
    JsonTree* member(std::string_view name);
    void write(JsonWriter& json) const;
    // Members in any order; numbers by value as text.
    bool same_as(const JsonTree& other) const;
};

}  // namespace vigil::fhir

#pragma once
// JSON that can be changed: for patches. Numbers keep their text.

#include <optional>
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

// A place in a tree: the parts of a JSON Pointer (RFC 6901), "/name/0/given" with ~1 for / and ~0
// for ~.
using TreePath = std::vector<std::string>;
std::optional<TreePath> read_pointer(std::string_view text);
std::optional<std::size_t> index_of(std::string_view text);  // of an array: no leading zero

// What the first `depth` parts lead to; null: nothing.
JsonTree* find(JsonTree& root, const TreePath& path, std::size_t depth);
// As "add" and "remove" of RFC 6902 do; false: there is no such place.
bool add(JsonTree& root, const TreePath& path, JsonTree value);
bool remove(JsonTree& root, const TreePath& path);
// FHIR has no empty arrays: what a patch leaves empty goes.
void drop_empty_arrays(JsonTree& tree);
std::size_t value_count(const JsonTree& tree);
std::string to_text(const JsonTree& tree);

}  // namespace vigil::fhir

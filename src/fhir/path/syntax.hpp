#pragma once
// The syntax tree of an expression, with all that can be settled once: numbers and dates read,
// functions looked up, patterns compiled.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fhir/path/expression.hpp"
#include "fhir/path/function.hpp"
#include "fhir/path/lexer.hpp"
#include "fhir/path/pattern.hpp"

namespace vigil::fhir::path {

enum class NodeKind : std::uint8_t {
    // Terms
    empty,        // {}
    literal,      // `literal`
    variable,     // %name
    this_item,    // $this
    index,        // $index
    total,        // $total
    type_filter,  // Patient: the item itself, if it is one
    member,       // name; of the parts[0] if there is one, else of $this
    call,         // function(parts[1], …) on parts[0], which is null where it is $this
    indexer,      // parts[0][parts[1]]
    // Operators on parts[0] and parts[1]
    negate,
    plus_sign,
    multiply,
    divide,
    div,
    mod,
    add,
    subtract,
    concatenate,  // &
    is,           // `type`
    as,           // `type`
    join,         // |, of all parts
    less,
    less_or_equal,
    greater,
    greater_or_equal,
    equal,
    equivalent,
    not_equal,
    not_equivalent,
    in,
    contains,
    logical_and,
    logical_or,
    logical_xor,
    logical_implies
};

// "System.Boolean", "FHIR.Patient", "Patient"
struct TypeSpecifier {
    std::string name_space;  // empty: FHIR's, else System's
    std::string name;
};

struct Expression::Node {
    NodeKind kind = NodeKind::empty;
    Function function{};
    std::uint16_t depth = 1;
    TextPlace place;
    std::vector<std::unique_ptr<const Node>> parts;
    std::string name;    // of a member, a variable or a type_filter
    std::string beside;  // of a member: "_name"
    std::optional<Item> literal;
    TypeSpecifier type;  // of is, as, ofType
    std::optional<Pattern> pattern;
};

using Node = Expression::Node;

}  // namespace vigil::fhir::path

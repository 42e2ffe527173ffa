#pragma once
// From a resource to the rows it is found by. What each search type takes of each data type is the
// table of FHIR R4 3.1.1.4 (and 3.1.1.4.3 to .14).
//
// Beside a parameter's own rows there are, for modifiers and sorting that need them:
//     code:text           the text of a CodeableConcept, the display of a Coding (:text)
//     identifier:of-type  system|code of Identifier.type, and the value after it (:of-type)
//     subject:identifier  the identifier of a Reference (:identifier)
// A quantity has two rows of its parameter: in the canonical unit, and as it stands without a unit.

#include <string_view>
#include <vector>

#include "fhir/search/parameters.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

struct ExtractionContext {
    const SearchParameters& parameters;
    std::string_view base;  // this server's own address: references to it are local
    Timestamp now;
};

struct Extracted {
    std::vector<store::IndexRow> rows;
    std::string narrative, content;  // all text for full-text search
};

// An error where an expression fails: a resource that bad is refused.
Result<Extracted> extract(JsonValue resource, const ExtractionContext& context);

// How a token's system and code of Identifier.type and its value are written in one row.
std::string of_type_code(std::string_view code, std::string_view value);

}  // namespace vigil::fhir

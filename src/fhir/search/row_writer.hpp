#pragma once
// Rows of one parameter from the items its expression found.

#include <string>
#include <string_view>
#include <vector>

#include "fhir/path/item.hpp"
#include "fhir/search/index_rows.hpp"

namespace vigil::fhir {

class RowWriter {
public:
    RowWriter(const ExtractionContext& context, std::vector<store::IndexRow>& rows)
        : context_(context), rows_(rows) {}

    // Rows from now on are this parameter's; `codes` tells the system of bare codes.
    void begin(std::string_view parameter, const ValueSet* codes = nullptr,
               std::uint16_t group = 0) {
        parameter_ = parameter;
        codes_ = codes;
        group_ = group;
    }
    void add(SearchType type, const path::Item& item);

private:
    void token(const path::Item& item);
    void token_coding(JsonValue coding);
    void token_concept(JsonValue concept_value);
    void token_identifier(JsonValue identifier);
    void date(const path::Item& item);
    void date_timing(JsonValue timing);
    void number(const path::Item& item);
    void quantity(const path::Item& item);
    void range(JsonValue low, JsonValue high);
    void string(const path::Item& item);
    void uri(const path::Item& item);
    void reference(const path::Item& item);

    void put(store::IndexValue value, std::string_view suffix = {});
    void put_string(std::string_view text, std::string_view suffix = {});
    void put_token(std::string_view system, std::string_view code, std::string_view suffix = {});

    const ExtractionContext& context_;
    std::vector<store::IndexRow>& rows_;
    std::string_view parameter_;
    const ValueSet* codes_ = nullptr;
    std::uint16_t group_ = 0;
};

// The text of a primitive element or System value, empty for anything else.
std::string primitive_text(const path::Item& item);

}  // namespace vigil::fhir

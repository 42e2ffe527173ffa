#pragma once
// Whether a condition holds for a resource that is not in the store's index: by its rows, as
// store/records.hpp says what matches.

#include <functional>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "fhir/search/index_rows.hpp"
#include "store/records.hpp"

namespace vigil::fhir {

// What a view that was made is found by.
Result<Extracted> extract_of(const store::Record& view, const ExtractionContext& context);

struct IndexedResource {
    std::string_view type, id;
    Timestamp updated;
    const std::vector<store::IndexRow>& rows;
    std::string_view narrative, content;
};

// Looks into the store for what the condition says of other resources.
Result<bool> holds(const store::Condition& condition, const IndexedResource& resource,
                   store::RecordReader& reader);

bool compare(store::Comparison comparison, const store::DateValue& value,
             const store::DateValue& asked);
bool compare(store::Comparison comparison, const store::NumberValue& value,
             const store::NumberValue& asked);

}  // namespace vigil::fhir

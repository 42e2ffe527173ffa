#pragma once
// What a person reads of a section of a patient summary: XHTML made of its entries (R4 2.4.0).

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace vigil::fhir {

// As text within XHTML; what XML 1.0 (2.2) cannot carry becomes U+FFFD.
std::string xhtml_escaped(std::string_view text);

// The resource that a reference leads to; absent: it is not in the document.
using Resolve = std::function<JsonValue(std::string_view reference)>;

// A paragraph.
std::string summary_paragraph(std::string_view text);
// A table of entries: what, when, and more of each. `is_cut`: there are more on the server.
std::string summary_table(const std::vector<JsonValue>& entries, bool is_cut,
                          const Resolve& resolve);

}  // namespace vigil::fhir

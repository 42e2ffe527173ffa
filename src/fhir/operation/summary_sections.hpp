#pragma once
// The sections of an International Patient Summary and what of the record stands in each
// (http://hl7.org/fhir/uv/ips, StructureDefinition Composition-uv-ips).

#include <span>
#include <string_view>
#include <vector>

#include "fhir/rest/context.hpp"
#include "fhir/view/view_reader.hpp"

namespace vigil::fhir {

struct SummarySection {
    // A search within one type; `patient=…` is added.
    struct Source {
        std::string_view type, query;
    };
    std::string_view title, code, display;  // LOINC
    std::vector<Source> sources;
    bool newest_of_each = false;  // of Observations: the newest of each code, readings too
    // A section that must be there says in an entry that nothing is known: of this type, with this
    // code of http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips.
    std::string_view absent_type{}, absent_code{}, absent_display{}, absent_text{};
    bool is_required() const { return !absent_type.empty(); }
};
std::span<const SummarySection> summary_sections();

// So many of each source: the newest.
constexpr std::size_t summary_entries_max = 100;

struct SummaryEntries {
    std::vector<store::Record> records;
    bool has_more = false;  // than are told
};
Answer<SummaryEntries> find_entries(const SummarySection& section, std::string_view patient_id,
                                    ViewReader& reader, const RestContext& context);

}  // namespace vigil::fhir

#include "fhir/operation/summary_sections.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fhir/operation/newest.hpp"
#include "fhir/rest/exchange.hpp"

namespace vigil::fhir {
namespace {

const std::vector<SummarySection>& sections() {
    static const std::vector<SummarySection> all{
        {.title = "Problem List",
         .code = "11450-4",
         .display = "Problem list - Reported",
         .sources = {{"Condition",
                      "clinical-status:not=inactive,remission,resolved&"
                      "verification-status:not=entered-in-error,refuted"}},
         .absent_type = "Condition",
         .absent_code = "no-problem-info",
         .absent_display = "No information about problems",
         .absent_text = "There is no information available about the patient's health problems."},
        {.title = "Allergies and Intolerances",
         .code = "48765-2",
         .display = "Allergies and adverse reactions Document",
         .sources = {{"AllergyIntolerance", "verification-status:not=entered-in-error,refuted"}},
         .absent_type = "AllergyIntolerance",
         .absent_code = "no-allergy-info",
         .absent_display = "No information about allergies",
         .absent_text = "There is no information available about the patient's allergies."},
        {.title = "Medication Summary",
         .code = "10160-0",
         .display = "History of Medication use Narrative",
         .sources = {{"MedicationStatement", "status=active,intended,on-hold,unknown"},
                     {"MedicationRequest", "status=active,on-hold,unknown"}},
         .absent_type = "MedicationStatement",
         .absent_code = "no-medication-info",
         .absent_display = "No information about medications",
         .absent_text = "There is no information available about the patient's medication."},
        {.title = "Immunizations",
         .code = "11369-6",
         .display = "History of Immunization Narrative",
         .sources = {{"Immunization", "status=completed"}}},
        {.title = "Results",
         .code = "30954-2",
         .display = "Relevant diagnostic tests/laboratory data Narrative",
         .sources = {{"DiagnosticReport", "status:not=entered-in-error,cancelled,registered"},
                     {"Observation",
                      "category=laboratory,imaging&status:not=entered-in-error,cancelled"}}},
        {.title = "History of Procedures",
         .code = "47519-4",
         .display = "History of Procedures Document",
         .sources = {{"Procedure", "status:not=entered-in-error,not-done,preparation"}}},
        {.title = "Medical Devices",
         .code = "46264-8",
         .display = "History of medical device use",
         .sources = {{"DeviceUseStatement", ""}}},
        {.title = "Vital Signs",
         .code = "8716-3",
         .display = "Vital signs note",
         .sources = {{"Observation", "category=vital-signs&status:not=entered-in-error,cancelled"}},
         .newest_of_each = true},
        {.title = "Past Illnesses",
         .code = "11348-0",
         .display = "History of Past illness Narrative",
         .sources = {{"Condition",
                      "clinical-status=inactive,remission,resolved&"
                      "verification-status:not=entered-in-error,refuted"}}},
        {.title = "Pregnancy",
         .code = "10162-6",
         .display = "History of pregnancies Narrative",
         .sources = {{"Observation",
                      "code=82810-3,11778-8,11779-6,11780-4,11636-8,11637-6,11638-4,11639-2,"
                      "11640-0,11612-9,11613-7,11614-5,33065-4&status:not=entered-in-error"}}},
        {.title = "Social History",
         .code = "29762-2",
         .display = "Social history Narrative",
         .sources = {{"Observation", "category=social-history&status:not=entered-in-error"},
                     {"Observation", "code=72166-2,74013-4&status:not=entered-in-error"}}},
        {.title = "Functional Status",
         .code = "47420-5",
         .display = "Functional status assessment note",
         .sources = {{"ClinicalImpression", "status:not=entered-in-error"}}},
        {.title = "Plan of Care",
         .code = "18776-5",
         .display = "Plan of care note",
         .sources = {{"CarePlan", "status=active,on-hold,draft"}}},
        {.title = "Advance Directives",
         .code = "42348-3",
         .display = "Advance directives",
         .sources = {{"Consent", "scope=adr&status=active"},
                     {"Consent", "category=acd,dnr,emrgonly,polst&status=active"}}}};
    return all;
}

Answer<SearchRequest> search_of(const SummarySection::Source& source, std::string_view patient_id,
                                const RestContext& context) {
    auto parameters = read_form(source.query);
    parameters.emplace_back("patient", fmt::format("Patient/{}", patient_id));
    parameters.emplace_back("_sort", source.type == "Observation" ? "-date" : "-_lastUpdated");
    return read_search(source.type, parameters, context.search(true));
}

}  // namespace

std::span<const SummarySection> summary_sections() {
    return sections();
}

Answer<SummaryEntries> find_entries(const SummarySection& section, std::string_view patient_id,
                                    ViewReader& reader, const RestContext& context) {
    SummaryEntries entries;
    for (const auto& source : section.sources) {
        FHIR_TRY(search, search_of(source, patient_id, context));
        auto& query = search.queries.front();
        store::RecordPage page;
        if (section.newest_of_each) {
            FHIR_TRY(newest, newest_of_each_code(std::move(query), 1, reader));
            page.records = std::move(newest);
            if (page.records.size() > summary_entries_max) page.next = "more";
        } else {
            query.count_max = summary_entries_max;
            FHIR_TRY(found, reader.search(query));
            page = std::move(found);
        }
        entries.has_more |= !page.next.empty();
        for (auto& record : page.records) {
            const auto known = [&](const store::Record& one) {
                return one.type == record.type && one.id == record.id;
            };
            const bool is_new = std::ranges::none_of(entries.records, known);
            if (is_new) entries.records.push_back(std::move(record));
        }
    }
    const auto most = summary_entries_max * section.sources.size();
    if (entries.records.size() > most) entries.records.resize(most);
    return entries;
}

}  // namespace vigil::fhir

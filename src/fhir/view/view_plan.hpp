#pragma once
// What a search over Observations asks of the series: whose, which, when; and what remains to be
// looked at in each view.

#include <optional>
#include <set>
#include <vector>

#include "fhir/search/index_rows.hpp"
#include "fhir/view/condition_match.hpp"
#include "fhir/view/reading_views.hpp"

namespace vigil::fhir {

struct ViewPlan {
    ViewScan scan;
    std::vector<store::DateMatch> dates;      // of the views' own time
    std::vector<store::Condition> remaining;  // by the rows of each view
};

// Index rows that all views of a group have in common: their codes and category.
struct GroupRows {
    const ViewGroup* group = nullptr;
    std::vector<store::IndexRow> rows;
};
std::vector<GroupRows> group_rows(const ReadingViews& views, const ExtractionContext& context);

Result<ViewPlan> plan_views(const store::Condition& where, const std::vector<GroupRows>& groups,
                            const PatientNumbers& patients, store::RecordReader& reader);

// Whether a view is what the plan asks for, beyond what its scan has seen to.
Result<bool> passes(const ViewPlan& plan, const View& view, const ExtractionContext& context,
                    store::RecordReader& reader);

}  // namespace vigil::fhir

#include "fhir/validation/invariants.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fhir/validation/validator.hpp"

namespace vigil::fhir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Definitions& definitions() {
    static const Definitions definitions;
    return definitions;
}

std::vector<Issue> issues_in(const std::string& text) {
    static const Validator validator(definitions());
    JsonDocument document;
    const auto root = document.parse(text);
    EXPECT_TRUE(root) << text;
    return validator.validate(*root, {});
}

// "Observation.component[0] obs-3": errors and warnings that name an invariant.
std::vector<std::string> broken_in(const std::string& text) {
    std::vector<std::string> found;
    for (const auto& issue : issues_in(text)) {
        EXPECT_EQ(issue.code, "invariant") << issue.diagnostics << ' ' << issue.expression;
        const auto bracket = issue.diagnostics.rfind('(');
        found.push_back(
            issue.expression + " " +
            issue.diagnostics.substr(bracket + 1, issue.diagnostics.size() - bracket - 2));
    }
    return found;
}

std::string observation(const std::string& more) {
    return R"({"resourceType": "Observation", "status": "final", "code": {"text": "x"}, )" + more +
           "}";
}

TEST(Invariants, of_all_definitions_can_be_parsed) {
    for (const auto& constraint : definitions().constraints()) {
        const auto parsed = path::Expression::parse(constraint.expression);
        EXPECT_TRUE(parsed) << constraint.key << ": " << constraint.expression;
    }
}

struct Broken {
    std::string resource, issue;
};

TEST(Invariants, are_named_with_the_element_that_breaks_them) {
    const std::vector<Broken> table{
        {observation(R"("valueInteger": 1, "dataAbsentReason": {"text": "x"})"),
         "Observation obs-6"},
        {observation(R"("referenceRange": [{"appliesTo": [{"text": "adults"}]}])"),
         "Observation.referenceRange[0] obs-3"},
        {observation(R"("referenceRange": [{"low": {"value": 1, "comparator": "<"}}])"),
         "Observation.referenceRange[0].low sqty-1"},
        {observation(R"("valueQuantity": {"value": 1, "code": "mm[Hg]"})"),
         "Observation.value qty-3"},
        {observation(R"("effectivePeriod": {"start": "2024-02-01", "end": "2024-01-01"})"),
         "Observation.effective per-1"},
        {observation(R"("valueRange": {"low": {"value": 2}, "high": {"value": 1}})"),
         "Observation.value rng-2"},
        {R"({"resourceType": "Observation", "status": "final", "valueInteger": 1, "code":
            {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]}, "component": [{"code":
            {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]}, "valueInteger": 1}]})",
         "Observation obs-7"},
        {R"({"resourceType": "Patient", "contact": [{"gender": "male"}]})",
         "Patient.contact[0] pat-1"},
        {R"({"resourceType": "Patient", "telecom": [{"value": "5"}]})", "Patient.telecom[0] cpt-2"},
        {R"({"resourceType": "Bundle", "type": "collection", "total": 1})", "Bundle bdl-1"},
        {R"({"resourceType": "Bundle", "type": "transaction", "entry": [{"resource":
            {"resourceType": "Basic", "code": {"text": "x"}}}]})",
         "Bundle bdl-3"},
        {R"({"resourceType": "Questionnaire", "status": "draft", "item": [{"linkId": "1",
            "type": "group", "item": [{"linkId": "1", "type": "string"}]}]})",
         "Questionnaire que-2"},
        {R"({"resourceType": "Questionnaire", "status": "draft", "item": [{"linkId": "1",
            "type": "group", "item": [{"linkId": "2", "type": "display", "code":
            [{"code": "x", "system": "http://x"}]}]}]})",
         "Questionnaire.item[0].item[0] que-3"},
        {R"({"resourceType": "Basic", "code": {"text": "x"}, "extension": [{"url": "http://x/y",
            "valueTiming": {"repeat": {"frequency": 1, "period": 1}}}]})",
         "Basic.extension[0].value.repeat tim-2"},
    };
    for (const auto& [resource, issue] : table)
        EXPECT_THAT(broken_in(resource), ElementsAre(issue)) << resource;
}

TEST(Invariants, that_only_advise_are_warnings) {
    const auto issues = issues_in(R"({"resourceType": "Questionnaire", "status": "draft",
                                   "name": "not a name"})");
    ASSERT_EQ(issues.size(), 1U);
    EXPECT_EQ(issues[0].severity, Severity::warning);
    EXPECT_THAT(issues[0].diagnostics, HasSubstr("que-0"));
}

TEST(Invariants, look_at_the_entry_they_stand_in) {
    EXPECT_THAT(broken_in(R"({"resourceType": "Bundle", "type": "collection", "entry": [{"resource":
                          {"resourceType": "Patient", "contact": [{"gender": "male"}]}}]})"),
                ElementsAre("Bundle.entry[0].resource.contact[0] pat-1"));
}

}  // namespace
}  // namespace vigil::fhir

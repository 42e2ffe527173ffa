#include "fhir/validation/validator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace vigil::fhir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Definitions& definitions() {
    static const Definitions definitions;
    return definitions;
}

std::vector<Issue> issues_in(const std::string& text, const ValidationOptions& options = {}) {
    static const Validator validator(definitions());
    JsonDocument document;
    const auto root = document.parse(text);
    EXPECT_TRUE(root) << text << ": " << (root ? "" : root.error().message);
    return validator.validate(*root, options);
}

// "error required Observation.status", for errors only.
std::vector<std::string> errors_in(const std::string& text) {
    std::vector<std::string> found;
    for (const auto& issue : issues_in(text))
        if (issue.severity <= Severity::error)
            found.push_back(std::string(issue.code) + " " + issue.expression);
    return found;
}

// An Observation with more members.
std::string observation(const std::string& more) {
    return R"({"resourceType": "Observation", "status": "final", "code": {"text": "x"})" +
           (more.empty() ? "" : ", " + more) + "}";
}

std::string patient(const std::string& members) {
    return R"({"resourceType": "Patient", )" + members + "}";
}

TEST(Validator, finds_nothing_wrong_with_a_valid_resource) {
    EXPECT_THAT(errors_in(observation(R"("valueQuantity": {"value": 1.00, "unit": "mmHg"})")),
                IsEmpty());
}

struct Broken {
    std::string resource, issue;
};

void expect_each(const std::vector<Broken>& table) {
    for (const auto& [resource, issue] : table)
        EXPECT_THAT(errors_in(resource), ElementsAre(issue)) << resource;
}

TEST(Validator, names_the_place_of_what_is_not_a_resource) {
    for (const auto* text : {"[]", "5", "{}", R"({"id": "1"})", R"({"resourceType": "Nothing"})",
                             R"({"resourceType": "DomainResource"})", R"({"resourceType": 5})"}) {
        const auto issues = issues_in(text);
        ASSERT_EQ(issues.size(), 1U) << text;
        EXPECT_EQ(issues[0].severity, Severity::fatal) << text;
        EXPECT_EQ(issues[0].code, "structure") << text;
    }
}

TEST(Validator, names_and_cardinality) {
    expect_each({
        {R"({"resourceType": "Observation", "code": {"text": "x"}})",
         "required Observation.status"},
        {observation(R"("colour": "red")"), "structure Observation"},
        {observation(R"("Status": "final")"), "structure Observation"},
        {observation(R"("value": 5)"), "structure Observation"},
        {observation(R"("valueAddress": {"text": "x"})"), "structure Observation"},
        {observation(R"("_colour": {"id": "x"})"), "structure Observation"},
        {observation(R"("_valueQuantity": {"id": "x"})"), "structure Observation"},
        {observation(R"("valueString": "a", "valueBoolean": true)"), "structure Observation.value"},
        {observation(R"("component": [{"code": {"text": "a"}}, {"valueString": "b"}])"),
         "required Observation.component[1].code"},
        {observation(R"("component": [{"code": {"text": "a", "colour": 1}}])"),
         "structure Observation.component[0].code"},
        {R"({"resourceType": "Questionnaire", "status": "draft", "item": [{"linkId": "1",
            "type": "group", "item": [{"linkId": "2"}]}]})",
         "required Questionnaire.item[0].item[0].type"},
    });
}

TEST(Validator, the_form_of_json) {
    expect_each({
        {observation(R"("note": {"text": "x"})"), "structure Observation.note"},
        {observation(R"("note": [])"), "structure Observation.note"},
        {observation(R"("note": ["x"])"), "structure Observation.note[0]"},
        {observation(R"("note": [null])"), "structure Observation.note[0]"},
        {observation(R"("method": [{"text": "x"}])"), "structure Observation.method"},
        {observation(R"("method": {})"), "structure Observation.method"},
        {observation(R"("method": "x")"), "structure Observation.method"},
        {observation(R"("method": null)"), "structure Observation.method"},
        {observation(R"("issued": null)"), "structure Observation.issued"},
        {observation(R"("issued": {"value": "x"})"), "value Observation.issued"},
        {observation(R"("issued": ["2024-01-01T00:00:00Z"])"), "structure Observation.issued"},
        {observation(R"("valueString": "")"), "value Observation.value"},
        {observation(R"("valueQuantity": {"value": "1"})"), "value Observation.value.value"},
        {observation(R"("effectiveDateTime": "2023-02-29")"), "value Observation.effective"},
        {observation(R"("id": "a_b")"), "value Observation.id"},
    });
}

TEST(Validator, what_stands_beside_a_primitive) {
    const std::string extension =
        R"({"extension": [{"url": "http://x/y", "valueCode": "unknown"}]})";
    EXPECT_THAT(errors_in(patient(R"("_birthDate": )" + extension)), IsEmpty());
    EXPECT_THAT(errors_in(patient(R"("birthDate": "2024", "_birthDate": )" + extension)),
                IsEmpty());
    EXPECT_THAT(errors_in(patient(R"("name": [{"given": ["A", null, "B"], "_given": [null, )" +
                                  extension + ", null]}]")),
                IsEmpty());
    expect_each({
        {patient(R"("_birthDate": {})"), "structure Patient.birthDate"},
        {patient(R"("_birthDate": {"value": "2024"})"), "structure Patient.birthDate"},
        {patient(R"("birthDate": null, "_birthDate": )" + extension),
         "structure Patient.birthDate"},
        {patient(R"("name": [{"given": ["A", null]}])"), "structure Patient.name[0].given[1]"},
        {patient(R"("name": [{"given": ["A", null], "_given": [)" + extension + ", null]}]"),
         "structure Patient.name[0].given[1]"},
        {patient(R"("name": [{"given": ["A"], "_given": )" + extension + "}]"),
         "structure Patient.name[0].given"},
    });
}

TEST(Validator, codes_of_required_bindings) {
    expect_each({
        {patient(R"("gender": "f")"), "code-invalid Patient.gender"},
        {patient(R"("gender": "Female")"), "code-invalid Patient.gender"},
        {patient(R"("photo": [{"contentType": "png"}])"),
         "code-invalid Patient.photo[0].contentType"},
        {patient(R"("photo": [{"contentType": "/png"}])"),
         "code-invalid Patient.photo[0].contentType"},
        {R"({"resourceType": "Condition", "subject": {"display": "x"}, "clinicalStatus":
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                         "code": "gone"}]}})",
         "code-invalid Condition.clinicalStatus"},
        {R"({"resourceType": "Condition", "subject": {"display": "x"}, "clinicalStatus":
            {"coding": [{"system": "http://example.org", "code": "active"}]}})",
         "code-invalid Condition.clinicalStatus"},
        {R"({"resourceType": "Condition", "subject": {"display": "x"}, "clinicalStatus":
            {"text": "active"}})",
         "code-invalid Condition.clinicalStatus"},
    });
    const auto issues = issues_in(patient(R"("gender": "f")"));
    EXPECT_THAT(issues.at(0).diagnostics, HasSubstr("female, male, other, unknown"));
}

TEST(Validator, an_extensible_binding_that_is_not_met_is_a_warning) {
    const auto issues = issues_in(observation(
        R"("interpretation": [{"coding": [{"system": "http://example.org", "code": "odd"}]}])"));
    ASSERT_EQ(issues.size(), 1U);
    EXPECT_EQ(issues[0].severity, Severity::warning);
    EXPECT_EQ(issues[0].expression, "Observation.interpretation[0]");
}

TEST(Validator, references) {
    for (const auto* valid : {"Patient/1", "Patient/1/_history/2", "http://other/fhir/Patient/1",
                              "https://other/x", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"})
        EXPECT_THAT(
            errors_in(observation(R"("subject": {"reference": ")" + std::string(valid) + "\"}")),
            IsEmpty())
            << valid;
    expect_each({
        {observation(R"("subject": {"reference": "Patient"})"),
         "value Observation.subject.reference"},
        {observation(R"("subject": {"reference": "patient/1"})"),
         "value Observation.subject.reference"},
        {observation(R"("subject": {"reference": "Patient/a_b"})"),
         "value Observation.subject.reference"},
        {observation(R"("subject": {"reference": "Patient?identifier=5"})"),
         "value Observation.subject.reference"},
        {observation(R"("subject": {"reference": "Medication/1"})"), "value Observation.subject"},
        {observation(R"("subject": {"reference": "http://x/fhir/Medication/1"})"),
         "value Observation.subject"},
        {observation(R"("subject": {"type": "Medication", "display": "x"})"),
         "value Observation.subject"},
        {observation(R"("subject": {"reference": "Patient/1", "type": "Group"})"),
         "value Observation.subject.reference"},
        {observation(R"("subject": {"reference": "#p"})"),
         "not-found Observation.subject.reference"},
    });
}

TEST(Validator, contained_resources) {
    const auto with = [](const std::string& contained, const std::string& reference = "#p") {
        return observation(R"("contained": [)" + contained + R"(], "subject": {"reference": ")" +
                           reference + "\"}");
    };
    EXPECT_THAT(errors_in(with(R"({"resourceType": "Patient", "id": "p"})")), IsEmpty());
    EXPECT_THAT(errors_in(observation(
                    R"("contained": [{"resourceType": "Provenance", "id": "p",
                     "recorded": "2024-01-01T00:00:00Z", "target": [{"reference": "#"}],
                     "agent": [{"who": {"display": "x"}}]}])")),
                IsEmpty());
    expect_each({
        {with(R"({"resourceType": "Patient"})", "Patient/1"),
         "required Observation.contained[0].id"},
        {with(R"({"resourceType": "Patient", "id": "p"})", "Patient/1"),
         "invariant Observation.contained[0]"},
        {with(R"({"resourceType": "Patient", "id": "p", "gender": "x"})"),
         "code-invalid Observation.contained[0].gender"},
        {with(R"({"resourceType": "Patient", "id": "p", "contained":
              [{"resourceType": "Patient", "id": "q"}], "link": [{"type": "refer",
                "other": {"reference": "#p"}}]})"),
         "invariant Observation.contained[0]"},
        {with(R"({"resourceType": "Patient", "id": "p", "meta": {"versionId": "1"}})"),
         "invariant Observation.contained[0]"},
        {with(R"({"resourceType": "Medication", "id": "p"})"), "value Observation.subject"},
        {with(R"({"id": "p"})"), "structure Observation.contained[0]"},
    });
}

TEST(Validator, extensions) {
    expect_each({
        {observation(R"("extension": [{"valueString": "x"}])"),
         "required Observation.extension[0].url"},
        {observation(R"("extension": [{"url": "http://x/y"}])"),
         "invariant Observation.extension[0]"},
        {observation(R"("extension": [{"url": "http://x/y", "valueString": "x",
                     "extension": [{"url": "z", "valueString": "x"}]}])"),
         "invariant Observation.extension[0]"},
        {observation(R"("extension": [{"url": "y", "valueString": "x"}])"),
         "value Observation.extension[0].url"},
    });
    EXPECT_THAT(errors_in(observation(R"("extension": [{"url": "http://x/y",
                                      "extension": [{"url": "z", "valueString": "x"}]}])")),
                IsEmpty());
}

TEST(Validator, narratives) {
    EXPECT_THAT(errors_in(observation(R"("text": {"status": "generated", "div":
                          "<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>x</script></div>"})")),
                ElementsAre("invariant Observation.text.div"));
}

TEST(Validator, entries_of_a_bundle_refer_to_each_other) {
    const auto bundle = [](const std::string& type, const std::string& other,
                           const std::string& reference) {
        const auto request = type == "transaction"
                                 ? R"(, "request": {"method": "POST", "url": "x"})"
                                 : std::string();
        return R"({"resourceType": "Bundle", "type": ")" + type +
               R"(", "entry": [{"fullUrl": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
               "resource": {"resourceType": ")" +
               other + "\"}" + request + R"(}, {"fullUrl":
               "urn:uuid:c757873d-ec9a-4326-a141-556f43239521", "resource": )" +
               observation(R"("subject": {"reference": ")" + reference + "\"}") + request + "}]}";
    };
    constexpr auto* urn = "urn:uuid:c757873d-ec9a-4326-a141-556f43239520";
    EXPECT_THAT(errors_in(bundle("transaction", "Patient", urn)), IsEmpty());
    EXPECT_THAT(errors_in(bundle("transaction", "Medication", urn)),
                ElementsAre("value Bundle.entry[1].resource.subject"));
    EXPECT_THAT(errors_in(bundle("transaction", "Patient", "Patient?identifier=5")), IsEmpty());
    EXPECT_THAT(errors_in(bundle("collection", "Patient", "Patient?identifier=5")),
                ElementsAre("value Bundle.entry[1].resource.subject.reference"));
}

TEST(Validator, stops_after_so_many_issues) {
    std::string notes;
    for (int i = 0; i < 1000; ++i) notes += i == 0 ? "5" : ", 5";
    const auto issues = issues_in(observation("\"note\": [" + notes + "]"), {.issues_max = 10});
    ASSERT_EQ(issues.size(), 11U);
    EXPECT_EQ(issues.back().severity, Severity::information);
    EXPECT_THAT(issues.back().diagnostics, HasSubstr("stops after 10"));
}

TEST(Validator, quotes_what_is_hostile_short_and_printable) {
    const auto issues = issues_in(observation("\"" + std::string(5000, 'x') + "\\u0007\": 1"));
    ASSERT_EQ(issues.size(), 1U);
    EXPECT_LT(issues[0].diagnostics.size(), 200U);
    const auto control = issues_in(observation("\"a\\u0007b\": 1"));
    EXPECT_THAT(control.at(0).diagnostics, HasSubstr("'a?b'"));
}

}  // namespace
}  // namespace vigil::fhir

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fhir/validation/profiles.hpp"
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

struct Known {
    Profiles profiles{definitions()};
    std::vector<Error> errors;
    explicit Known(const std::vector<std::string>& texts = {}) {
        profiles.add_vital_signs();
        for (const auto& text : texts) EXPECT_TRUE(profiles.add(text)) << text;
        errors = profiles.link();
    }
};

std::vector<std::string> errors_in(const Known& known, const std::string& text,
                                   const ValidationOptions& options = {}) {
    const Validator validator(definitions(), &known.profiles);
    JsonDocument document;
    const auto root = document.parse(text);
    EXPECT_TRUE(root) << text;
    std::vector<std::string> found;
    for (const auto& issue : validator.validate(*root, options))
        if (issue.severity <= Severity::error)
            found.push_back(std::string(issue.code) + " " + issue.expression + ": " +
                            issue.diagnostics);
    return found;
}

std::vector<std::string> vital_sign_errors(const std::string& text) {
    static const Known known;
    return errors_in(known, text);
}

constexpr std::string_view category =
    R"([{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category",
     "code": "vital-signs"}]}])";

std::string quantity(std::string_view value, std::string_view code) {
    return R"({"value": )" + std::string(value) + R"(, "unit": "x", "system":
           "http://unitsofmeasure.org", "code": ")" +
           std::string(code) + "\"}";
}

std::string loinc(std::string_view code) {
    return R"({"coding": [{"system": "http://loinc.org", "code": ")" + std::string(code) + "\"}]}";
}

std::string vital_sign(const std::string& profile, const std::string& code,
                       const std::string& members) {
    return R"({"resourceType": "Observation", "status": "final", "meta": {"profile":
           ["http://hl7.org/fhir/StructureDefinition/)" +
           profile + R"("]}, "category": )" + std::string(category) + R"(, "code": )" +
           loinc(code) + R"(, "subject": {"reference": "Patient/1"}, "effectiveDateTime":
           "2024-02-29T10:00:00Z", )" +
           members + "}";
}

std::string pressure(const std::string& systolic, const std::string& diastolic) {
    return vital_sign("bp", "85354-9", R"("component": [)" + systolic + ", " + diastolic + "]");
}

std::string component(std::string_view code, const std::string& value) {
    return R"({"code": )" + loinc(code) + ", " + value + "}";
}

const std::string systolic =
    component("8480-6", R"("valueQuantity": )" + quantity("120", "mm[Hg]"));
const std::string diastolic =
    component("8462-4", R"("valueQuantity": )" + quantity("80", "mm[Hg]"));

TEST(VitalSigns, are_all_read) {
    const Known known;
    EXPECT_THAT(known.errors, IsEmpty());
    for (const auto* name : {"vitalsigns", "bmi", "bodyheight", "bodytemp", "bodyweight", "bp",
                             "headcircum", "heartrate", "oxygensat", "resprate", "vitalspanel"}) {
        const auto* profile =
            known.profiles.find("http://hl7.org/fhir/StructureDefinition/" + std::string(name));
        ASSERT_NE(profile, nullptr) << name;
        EXPECT_EQ(profile->type->name, "Observation");
    }
    EXPECT_NE(known.profiles.find("http://hl7.org/fhir/StructureDefinition/bp|4.0.1"), nullptr);
    EXPECT_EQ(known.profiles.find("http://example.org/nothing"), nullptr);
}

TEST(VitalSigns, that_are_as_the_profile_says_are_valid) {
    EXPECT_THAT(vital_sign_errors(pressure(systolic, diastolic)), IsEmpty());
    EXPECT_THAT(vital_sign_errors(pressure(
                    systolic, component("8462-4", R"("dataAbsentReason": {"coding": [{"system":
                    "http://terminology.hl7.org/CodeSystem/data-absent-reason",
                    "code": "unknown"}]})"))),
                IsEmpty());
    EXPECT_THAT(vital_sign_errors(vital_sign("heartrate", "8867-4",
                                             R"("valueQuantity": )" + quantity("60", "/min"))),
                IsEmpty());
    EXPECT_THAT(vital_sign_errors(vital_sign("bodyweight", "29463-7",
                                             R"("valueQuantity": )" + quantity("80.5", "kg"))),
                IsEmpty());
}

TEST(VitalSigns, that_are_not_are_told_where) {
    struct Case {
        std::string resource, place, words;
    };
    const std::vector<Case> table{
        {pressure(systolic, systolic), "Observation.component:", "component:DiastolicBP must be"},
        {vital_sign("bp", "85354-9", R"("component": [)" + systolic + "]"),
         "required Observation.component:", "component must be there 2 times"},
        {pressure(component("8480-6", R"("valueQuantity": )" + quantity("16", "kPa")), diastolic),
         "Observation.component[0].value.code", "'mm[Hg]'"},
        {pressure(component("8480-6", R"("valueString": "120")"), diastolic),
         "code-invalid Observation.component[0].value:", "ucum-vitals-common"},
        {vital_sign("bp", "8867-4", R"("component": [)" + systolic + ", " + diastolic + "]"),
         "required Observation.code.coding:", "BPCode"},
        {vital_sign("bp", "85354-9",
                    R"("component": [)" + systolic + ", " + diastolic + R"(], "valueQuantity": )" +
                        quantity("1", "mm[Hg]")),
         "structure Observation.value", "valueQuantity is not allowed"},
        {vital_sign("heartrate", "8867-4", R"("valueQuantity": )" + quantity("60", "bpm")),
         "value Observation.value.code", "'/min'"},
        {vital_sign("heartrate", "8867-4", R"("valueQuantity": {"value": 60, "unit": "x",
                    "code": "/min", "system": "http://example.org"})"),
         "value Observation.value.system", "'http://unitsofmeasure.org'"},
        {vital_sign("heartrate", "8867-4", R"("note": [{"text": "x"}])"),
         "invariant Observation:", "vs-2"},
    };
    for (const auto& [resource, place, words] : table) {
        const auto errors = vital_sign_errors(resource);
        ASSERT_FALSE(errors.empty()) << resource;
        EXPECT_THAT(errors,
                    ::testing::Contains(::testing::AllOf(HasSubstr(place), HasSubstr(words))))
            << resource;
    }
}

TEST(VitalSigns, need_a_patient_a_category_and_a_time) {
    const auto errors = vital_sign_errors(R"({"resourceType": "Observation", "status": "final",
        "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/heartrate"]}, "code": )" +
                                          loinc("8867-4") + R"(, "valueQuantity": )" +
                                          quantity("60", "/min") + "}");
    EXPECT_THAT(errors, ::testing::UnorderedElementsAre(
                            HasSubstr("required Observation.category: category must be there"),
                            HasSubstr("required Observation.category: category:VSCat must be"),
                            HasSubstr("required Observation.subject"),
                            HasSubstr("required Observation.effective")));
}

// Made-up profiles, one rule each.

std::string profile(std::string_view elements, std::string_view type = "Observation",
                    std::string_view url = "http://example.org/p") {
    return R"({"resourceType": "StructureDefinition", "url": ")" + std::string(url) +
           R"(", "name": "P", "type": ")" + std::string(type) +
           R"(", "baseDefinition": "http://hl7.org/fhir/StructureDefinition/)" + std::string(type) +
           R"(", "derivation": "constraint", "differential": {"element": [)" +
           std::string(elements) + "]}}";
}

std::vector<std::string> errors_against(const std::string& elements, const std::string& members) {
    const Known known({profile(elements)});
    EXPECT_THAT(known.errors, IsEmpty());
    return errors_in(known,
                     R"({"resourceType": "Observation", "status": "final", "code":
                     {"text": "x"}, )" +
                         members + "}",
                     {.profiles = {"http://example.org/p"}});
}

TEST(Profiles, narrow_cardinality) {
    const auto* note = R"({"id": "Observation.note", "path": "Observation.note", "min": 1,
                        "max": "1"})";
    EXPECT_THAT(errors_against(note, R"("note": [{"text": "x"}])"), IsEmpty());
    EXPECT_THAT(errors_against(note, R"("note": [{"text": "x"}, {"text": "y"}])"),
                ElementsAre(HasSubstr("structure Observation.note: note may be there only 1")));
    EXPECT_THAT(errors_against(note, R"("id": "x")"),
                ElementsAre(HasSubstr("required Observation.note: note must be there")));
}

TEST(Profiles, narrow_types) {
    const auto* value = R"({"id": "Observation.value[x]", "path": "Observation.value[x]",
                         "type": [{"code": "Quantity"}]})";
    EXPECT_THAT(errors_against(value, R"("valueQuantity": {"value": 1})"), IsEmpty());
    EXPECT_THAT(errors_against(value, R"("valueString": "x")"),
                ElementsAre(HasSubstr("structure Observation.value: value is of type string")));
}

TEST(Profiles, narrow_what_a_reference_leads_to) {
    const auto* subject = R"({"id": "Observation.subject", "path": "Observation.subject", "type":
        [{"code": "Reference", "targetProfile": ["http://hl7.org/fhir/StructureDefinition/Patient"]}]})";
    for (const auto* allowed : {"Patient/1", "http://x/fhir/Patient/1", "urn:uuid:x"})
        EXPECT_THAT(
            errors_against(subject, R"("subject": {"reference": ")" + std::string(allowed) + "\"}"),
            IsEmpty())
            << allowed;
    EXPECT_THAT(errors_against(subject, R"("subject": {"reference": "Group/1"})"),
                ElementsAre(HasSubstr("value Observation.subject: a Group cannot be referred to")));
}

TEST(Profiles, narrow_the_type_of_an_element_to_another_profile) {
    const auto quantity = profile(R"({"id": "Quantity.code", "path": "Quantity.code", "min": 1})",
                                  "Quantity", "http://example.org/q");
    const Known known({quantity, profile(R"({"id": "Observation.value[x]", "path":
        "Observation.value[x]", "type": [{"code": "Quantity", "profile": ["http://example.org/q"]}]})")});
    EXPECT_THAT(errors_in(known, R"({"resourceType": "Observation", "status": "final", "code":
                          {"text": "x"}, "valueQuantity": {"value": 1}})",
                          {.profiles = {"http://example.org/p"}}),
                ElementsAre(HasSubstr("required Observation.value.code")));
}

TEST(Profiles, have_fixed_values_that_allow_nothing_more) {
    const auto* method = R"({"id": "Observation.method", "path": "Observation.method",
        "fixedCodeableConcept": {"text": "x"}})";
    EXPECT_THAT(errors_against(method, R"("method": {"text": "x"})"), IsEmpty());
    EXPECT_THAT(errors_against(method, R"("method": {"text": "x", "id": "more"})"),
                ElementsAre(HasSubstr("value Observation.method: method must be")));
}

TEST(Profiles, have_patterns_that_allow_more) {
    const auto* method = R"({"id": "Observation.method", "path": "Observation.method",
        "patternCodeableConcept": {"coding": [{"system": "http://x", "code": "1"}]}})";
    EXPECT_THAT(errors_against(method, R"("method": {"text": "more", "coding": [{"system":
                               "http://y", "code": "2"}, {"system": "http://x", "code": "1",
                               "display": "more"}]})"),
                IsEmpty());
    EXPECT_THAT(errors_against(method, R"("method": {"coding": [{"system": "http://x",
                               "code": "2"}]})"),
                ElementsAre(HasSubstr("value Observation.method: method must have")));
}

TEST(Profiles, slice_by_value_type_and_existence) {
    const std::string open = R"({"id": "Observation.component", "path": "Observation.component",
        "slicing": {"discriminator": [{"type": "%", "path": "$"}], "rules": "closed"}},
        {"id": "Observation.component:a", "path": "Observation.component", "sliceName": "a",
        "min": 1, "max": "1"})";
    const auto slicing = [&open](std::string_view kind, std::string_view path) {
        auto text = open;
        text.replace(text.find('%'), 1, kind);
        text.replace(text.find('$'), 1, path);
        return text;
    };
    const std::string numeric = R"({"code": {"text": "a"}, "valueInteger": 1})";
    const std::string textual = R"({"code": {"text": "b"}, "valueString": "x"})";
    const auto by_value = slicing("value", "code.text") +
                          R"(, {"id": "Observation.component:a.code.text", "path":
                          "Observation.component.code.text", "fixedString": "a"})";
    const auto by_type = slicing("type", "value") +
                         R"(, {"id": "Observation.component:a.value[x]", "path":
                         "Observation.component.value[x]", "type": [{"code": "integer"}]})";
    const auto by_existence = slicing("exists", "interpretation") +
                              R"(, {"id": "Observation.component:a.interpretation", "path":
                              "Observation.component.interpretation", "max": "0"})";
    for (const auto& rules : {by_value, by_type})
        EXPECT_THAT(errors_against(rules, R"("component": [)" + numeric + "]"), IsEmpty()) << rules;
    for (const auto& rules : {by_value, by_type})
        EXPECT_THAT(errors_against(rules, R"("component": [)" + numeric + ", " + textual + "]"),
                    ElementsAre(HasSubstr("structure Observation.component[1]")))
            << rules;
    for (const auto& rules : {by_value, by_type, by_existence})
        EXPECT_THAT(errors_against(rules, R"("component": [)" + numeric + ", " + numeric + "]"),
                    ElementsAre(HasSubstr("structure Observation.component: component:a may be")))
            << rules;
}

TEST(Profiles, slice_extensions_by_their_url) {
    const auto* rules = R"({"id": "Observation.extension", "path": "Observation.extension",
        "slicing": {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"}},
        {"id": "Observation.extension:e", "path": "Observation.extension", "sliceName": "e",
        "min": 1, "type": [{"code": "Extension", "profile": ["http://example.org/e"]}]})";
    EXPECT_THAT(errors_against(rules, R"("extension": [{"url": "http://example.org/e",
                               "valueString": "x"}])"),
                IsEmpty());
    EXPECT_THAT(errors_against(rules, R"("extension": [{"url": "http://example.org/f",
                               "valueString": "x"}])"),
                ElementsAre(HasSubstr("extension:e must be there")));
}

TEST(Profiles, define_extensions) {
    const Known known({profile(R"({"id": "Extension.url", "path": "Extension.url", "fixedUri":
                                "http://example.org/e"}, {"id": "Extension.value[x]", "path":
                                "Extension.value[x]", "min": 1, "type": [{"code": "string"}]})",
                               "Extension", "http://example.org/e")});
    const auto patient = [](const std::string& value) {
        return R"({"resourceType": "Patient", "extension": [{"url": "http://example.org/e", )" +
               value + "}]}";
    };
    EXPECT_THAT(errors_in(known, patient(R"("valueString": "x")")), IsEmpty());
    EXPECT_THAT(errors_in(known, patient(R"("valueInteger": 1)")),
                ElementsAre(HasSubstr("structure Patient.extension[0].value")));
}

TEST(Profiles, have_invariants_and_bindings_of_their_own) {
    EXPECT_THAT(errors_against(R"-({"id": "Observation", "path": "Observation", "constraint":
                               [{"key": "x-1", "severity": "error", "human": "x", "expression":
                               "note.exists()"}]})-",
                               R"("id": "x")"),
                ElementsAre(HasSubstr("invariant Observation: x (x-1")));
    EXPECT_THAT(errors_against(R"({"id": "Observation.method", "path": "Observation.method",
                               "binding": {"strength": "required", "valueSet":
                               "http://hl7.org/fhir/ValueSet/observation-status"}})",
                               R"("method": {"text": "x"})"),
                ElementsAre(HasSubstr("code-invalid Observation.method")));
}

TEST(Profiles, that_are_asked_for_must_be_known) {
    EXPECT_THAT(errors_in(Known(), R"({"resourceType": "Patient"})",
                          {.profiles = {"http://example.org/unknown"}}),
                ElementsAre(HasSubstr("not-found Patient")));
    EXPECT_THAT(errors_in(Known(), R"({"resourceType": "Patient", "meta": {"profile":
                          ["http://example.org/unknown"]}})"),
                IsEmpty());
    EXPECT_THAT(errors_in(Known(), R"({"resourceType": "Patient", "meta": {"profile":
                          ["http://hl7.org/fhir/StructureDefinition/bp"]}})"),
                ElementsAre(HasSubstr("structure Patient")));
}

TEST(Profiles, build_on_each_other_in_any_order) {
    const auto child = R"({"resourceType": "StructureDefinition", "url": "http://example.org/a",
        "name": "A", "type": "Observation", "baseDefinition": "http://example.org/p",
        "differential": {"element": [{"id": "Observation.note", "path": "Observation.note",
        "min": 2}]}})";
    const Known known({child, profile(R"({"id": "Observation.device", "path": "Observation.device",
                                       "min": 1})")});
    EXPECT_THAT(errors_in(known, R"({"resourceType": "Observation", "status": "final", "code":
                          {"text": "x"}})",
                          {.profiles = {"http://example.org/a"}}),
                ElementsAre(HasSubstr("device must be there"), HasSubstr("note must be there 2")));
}

TEST(Profiles, that_are_based_on_themselves_end) {
    const auto loop = [](const std::string& url, const std::string& base) {
        return R"({"resourceType": "StructureDefinition", "url": ")" + url +
               R"(", "type": "Observation", "baseDefinition": ")" + base +
               R"(", "differential": {"element": []}})";
    };
    const Known known({loop("http://a", "http://b"), loop("http://b", "http://a")});
    EXPECT_NE(known.profiles.find("http://a"), nullptr);
}

}  // namespace
}  // namespace vigil::fhir

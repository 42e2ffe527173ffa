#include "fhir/definition/definitions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace vigil::fhir {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

const Definitions& definitions() {
    static const Definitions definitions;
    return definitions;
}

const Type& type(std::string_view name) {
    const auto* found = definitions().type(name);
    EXPECT_NE(found, nullptr) << name;
    return *found;
}

const Element& element(std::string_view type_name, std::string_view name) {
    const auto* found = type(type_name).element(name);
    EXPECT_NE(found, nullptr) << type_name << '.' << name;
    return *found;
}

std::vector<std::string_view> type_names(const Element& of) {
    std::vector<std::string_view> names;
    for (const auto& use : of.types) names.push_back(use.type->name);
    return names;
}

std::vector<std::string_view> element_names(const Type& of) {
    std::vector<std::string_view> names;
    for (const auto& part : of.elements) names.push_back(part.name);
    return names;
}

std::vector<std::string_view> keys(const std::vector<const Constraint*>& constraints) {
    std::vector<std::string_view> found;
    for (const auto* constraint : constraints) found.push_back(constraint->key);
    return found;
}

std::vector<std::string_view> codes(std::string_view url) {
    std::vector<std::string_view> found;
    const auto* set = definitions().value_set(url);
    EXPECT_NE(set, nullptr) << url;
    if (set != nullptr)
        for (const auto& coding : set->codes) found.push_back(coding.code);
    return found;
}

// FHIR 4.0.1: 148 resource types of which Resource and DomainResource are abstract.
TEST(Definitions, know_every_resource_type) {
    EXPECT_EQ(definitions().resource_types().size(), 146U);
    EXPECT_TRUE(definitions().is_resource_type("Observation"));
    EXPECT_FALSE(definitions().is_resource_type("DomainResource"));
    EXPECT_FALSE(definitions().is_resource_type("Quantity"));
    EXPECT_FALSE(definitions().is_resource_type("observation"));
    EXPECT_EQ(definitions().type("Nothing"), nullptr);
    EXPECT_EQ(type("Resource").kind, TypeKind::resource);
    EXPECT_TRUE(type("DomainResource").is_abstract);
}

TEST(Definitions, a_type_has_what_its_base_has_first) {
    EXPECT_TRUE(type("Observation").is_or_derives_from("DomainResource"));
    EXPECT_TRUE(type("Observation").is_or_derives_from("Resource"));
    EXPECT_FALSE(type("Bundle").is_or_derives_from("DomainResource"));
    EXPECT_TRUE(type("Age").is_or_derives_from("Quantity"));
    EXPECT_TRUE(type("code").is_or_derives_from("string"));
    auto names = element_names(type("Observation"));
    names.resize(9);
    EXPECT_THAT(names, ElementsAre("id", "meta", "implicitRules", "language", "text", "contained",
                                   "extension", "modifierExtension", "identifier"));
    EXPECT_THAT(element_names(type("Age")),
                ElementsAre("id", "extension", "value", "comparator", "unit", "system", "code"));
    EXPECT_THAT(element_names(type("string")), ElementsAre("id", "extension"));
}

TEST(Definitions, the_value_of_an_observation_is_one_of_eleven_types) {
    const auto& value = element("Observation", "value");
    EXPECT_TRUE(value.is_choice);
    EXPECT_THAT(type_names(value),
                ElementsAre("Quantity", "CodeableConcept", "string", "boolean", "integer", "Range",
                            "Ratio", "SampledData", "time", "dateTime", "Period"));
    const auto property = type("Observation").property("valueQuantity");
    ASSERT_NE(property.element, nullptr);
    EXPECT_EQ(property.element, &value);
    EXPECT_EQ(property.use->type, &type("Quantity"));
    EXPECT_EQ(type("Observation").property("valueDateTime").use->type, &type("dateTime"));
    for (const auto* wrong : {"value", "valuequantity", "valueAddress", "valueQuantit", ""})
        EXPECT_EQ(type("Observation").property(wrong).element, nullptr) << wrong;
    EXPECT_EQ(type("Observation").property("status").use->type, &type("code"));
    EXPECT_EQ(type("Extension").property("valueMeta").use->type, &type("Meta"));
    EXPECT_EQ(element("Extension", "value").types.size(), 50U);
}

TEST(Definitions, cardinality_and_parts) {
    const auto& contact = element("Patient", "contact");
    EXPECT_EQ(contact.min, 0U);
    EXPECT_EQ(contact.max, Element::unbounded);
    EXPECT_EQ(contact.types.front().type, &type("Patient.contact"));
    EXPECT_EQ(type("Patient.contact").kind, TypeKind::part);
    EXPECT_EQ(type("Patient.contact").base, &type("BackboneElement"));
    EXPECT_THAT(element_names(type("Patient.contact")),
                ElementsAre("id", "extension", "modifierExtension", "relationship", "name",
                            "telecom", "address", "gender", "organization", "period"));
    EXPECT_EQ(element("Observation", "status").min, 1U);
    EXPECT_EQ(element("Observation", "status").max, 1U);
    EXPECT_EQ(type("Timing.repeat").base, &type("Element"));
}

TEST(Definitions, flags_and_targets) {
    EXPECT_TRUE(element("Observation", "status").is_summary);
    EXPECT_TRUE(element("Observation", "status").is_modifier);
    EXPECT_FALSE(element("Observation", "note").is_summary);
    EXPECT_FALSE(element("Observation", "code").is_modifier);
    EXPECT_THAT(element("Observation", "subject").types.front().targets,
                ElementsAre("Patient", "Group", "Device", "Location"));
    EXPECT_THAT(element("Observation", "focus").types.front().targets, IsEmpty());
    EXPECT_THAT(element("QuestionnaireResponse", "questionnaire").types.front().targets,
                ElementsAre("Questionnaire"));
}

TEST(Definitions, an_item_holds_items_like_itself) {
    const auto& inner = element("Questionnaire.item", "item");
    EXPECT_EQ(inner.types.front().type, &type("Questionnaire.item"));
    EXPECT_EQ(inner.constraints, element("Questionnaire", "item").constraints);
    EXPECT_EQ(element("Observation.component", "referenceRange").types.front().type,
              &type("Observation.referenceRange"));
    EXPECT_EQ(element("Bundle.entry", "link").types.front().type, &type("Bundle.link"));
}

TEST(Definitions, ids_and_urls_have_the_type_of_their_format) {
    EXPECT_EQ(element("Observation", "id").types.front().type, &type("id"));
    EXPECT_EQ(element("Quantity", "id").types.front().type, &type("string"));
    EXPECT_EQ(element("Extension", "url").types.front().type, &type("uri"));
}

TEST(Definitions, invariants) {
    EXPECT_THAT(keys(type("Observation").constraints),
                ElementsAre("dom-2", "dom-3", "dom-4", "dom-5", "dom-6", "obs-6", "obs-7"));
    EXPECT_THAT(keys(element("Observation", "referenceRange").constraints), ElementsAre("obs-3"));
    EXPECT_THAT(keys(element("Observation.referenceRange", "low").constraints),
                ElementsAre("sqty-1"));
    EXPECT_THAT(keys(type("Quantity").constraints), ElementsAre("ele-1", "qty-3"));
    for (const auto* constraint : type("Observation").constraints) {
        if (constraint->key == "dom-6") EXPECT_FALSE(constraint->is_error);
        if (constraint->key != "obs-6") continue;
        EXPECT_TRUE(constraint->is_error);
        EXPECT_EQ(constraint->expression, "dataAbsentReason.empty() or value.empty()");
        EXPECT_EQ(constraint->human,
                  "dataAbsentReason SHALL only be present if Observation.value[x] is not present");
    }
}

TEST(Definitions, every_primitive_has_the_pattern_of_its_text) {
    EXPECT_EQ(type("id").pattern, "[A-Za-z0-9\\-\\.]{1,64}");
    EXPECT_EQ(type("boolean").pattern, "true|false");
    EXPECT_EQ(type("code").pattern, "[^\\s]+(\\s[^\\s]+)*");
    for (const auto* name :
         {"base64Binary", "canonical", "date", "dateTime", "decimal", "instant", "integer",
          "markdown", "oid", "positiveInt", "string", "time", "unsignedInt", "uri", "url", "uuid"})
        EXPECT_FALSE(type(name).pattern.empty()) << name;
}

TEST(ValueSets, hold_the_codes_of_required_bindings) {
    EXPECT_THAT(codes("http://hl7.org/fhir/ValueSet/administrative-gender"),
                ElementsAre("female", "male", "other", "unknown"));
    const auto& gender = element("Patient", "gender");
    EXPECT_EQ(gender.binding, BindingStrength::required);
    ASSERT_NE(gender.value_set, nullptr);
    EXPECT_TRUE(gender.value_set->contains("male"));
    EXPECT_TRUE(gender.value_set->contains("http://hl7.org/fhir/administrative-gender", "male"));
    EXPECT_FALSE(gender.value_set->contains("Male"));
    EXPECT_FALSE(gender.value_set->contains("http://example.org", "male"));
    EXPECT_EQ(definitions().value_set("http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1"),
              gender.value_set);
}

TEST(ValueSets, are_put_together_from_parts_of_code_systems) {
    // A list of chosen codes, a hierarchy below one, several systems, other value sets.
    EXPECT_THAT(codes("http://hl7.org/fhir/ValueSet/marital-status"),
                IsSupersetOf({"M", "S", "UNK"}));
    EXPECT_THAT(codes("http://terminology.hl7.org/ValueSet/v3-ActEncounterCode"),
                IsSupersetOf({"AMB", "IMP", "ACUTE", "NONAC"}));
    EXPECT_THAT(codes("http://terminology.hl7.org/ValueSet/v3-ActEncounterCode"),
                Not(Contains("ACCTRECEIVABLE")));
    EXPECT_THAT(codes("http://hl7.org/fhir/ValueSet/defined-types"),
                IsSupersetOf({"Observation", "Quantity"}));
    EXPECT_THAT(codes("http://hl7.org/fhir/ValueSet/all-types"),
                IsSupersetOf({"Observation", "Quantity", "Any"}));
    EXPECT_THAT(codes("http://hl7.org/fhir/ValueSet/metric-calibration-state"),
                ElementsAre("calibrated", "calibration-required", "not-calibrated", "unspecified"));
}

TEST(ValueSets, whose_codes_are_not_known_are_absent) {
    EXPECT_EQ(definitions().value_set("http://hl7.org/fhir/ValueSet/ucum-units"), nullptr);
    EXPECT_EQ(definitions().value_set("http://hl7.org/fhir/ValueSet/mimetypes"), nullptr);
    EXPECT_EQ(element("Attachment", "contentType").binding, BindingStrength::required);
    EXPECT_EQ(element("Attachment", "contentType").value_set, nullptr);
}

TEST(SearchParameters, are_all_of_the_specification) {
    EXPECT_EQ(definitions().search_parameters().size(), 1397U);
    const auto* date = definitions().search_parameter("Observation", "date");
    ASSERT_NE(date, nullptr);
    EXPECT_EQ(date->type, SearchType::date);
    EXPECT_EQ(date->url, "http://hl7.org/fhir/SearchParameter/clinical-date");
    EXPECT_EQ(definitions().search_parameter_by_url(date->url), date);
    EXPECT_EQ(definitions().search_parameter("Patient", "date"), nullptr);
    const auto* subject = definitions().search_parameter("Observation", "subject");
    EXPECT_EQ(subject->type, SearchType::reference);
    EXPECT_THAT(subject->targets, Contains("Patient"));
}

TEST(SearchParameters, of_every_resource_are_those_of_each) {
    for (const auto* code : {"_id", "_lastUpdated", "_tag", "_profile", "_security", "_content"})
        EXPECT_NE(definitions().search_parameter("Bundle", code), nullptr) << code;
    EXPECT_NE(definitions().search_parameter("Observation", "_text"), nullptr);
    EXPECT_EQ(definitions().search_parameter("Bundle", "_text"), nullptr);
    EXPECT_TRUE(definitions().search_parameters("Nothing").empty());
}

TEST(SearchParameters, of_a_composite_say_what_its_parts_are) {
    const auto* composite = definitions().search_parameter("Observation", "code-value-quantity");
    ASSERT_NE(composite, nullptr);
    EXPECT_EQ(composite->type, SearchType::composite);
    EXPECT_EQ(composite->expression, "Observation");
    ASSERT_EQ(composite->components.size(), 2U);
    EXPECT_EQ(composite->components[0].definition,
              "http://hl7.org/fhir/SearchParameter/clinical-code");
    EXPECT_EQ(composite->components[0].expression, "code");
    EXPECT_EQ(composite->components[1].definition,
              "http://hl7.org/fhir/SearchParameter/Observation-value-quantity");
    EXPECT_EQ(composite->components[1].expression, "value.as(Quantity)");
}

TEST(Compartments, of_a_patient_hold_observations_on_and_by_them) {
    const auto* membership = definitions().compartment("Patient", "Observation");
    ASSERT_NE(membership, nullptr);
    EXPECT_THAT(membership->parameters, ElementsAre("subject", "performer"));
    EXPECT_EQ(definitions().compartment("Patient", "Location"), nullptr);
    for (const auto* compartment :
         {"Patient", "Encounter", "RelatedPerson", "Practitioner", "Device"})
        EXPECT_NE(definitions().compartment(compartment, "Observation"), nullptr) << compartment;
}

// Every name leads to something.

void check_elements(const Type& of, std::set<const Type*>& seen) {
    if (!seen.insert(&of).second) return;
    for (const auto& part : of.elements) {
        const auto place = std::string(of.name) + "." + std::string(part.name);
        EXPECT_EQ(part.is_choice, part.types.size() > 1) << place;
        EXPECT_LE(part.min, part.max) << place;
        ASSERT_FALSE(part.types.empty()) << place;
        for (const auto& use : part.types) {
            ASSERT_NE(use.type, nullptr) << place;
            for (const auto target : use.targets)
                EXPECT_TRUE(definitions().is_resource_type(target)) << place << ' ' << target;
            check_elements(*use.type, seen);
        }
    }
}

TEST(Definitions, lead_only_to_what_is_defined) {
    std::set<const Type*> seen;
    for (const auto* of : definitions().resource_types()) check_elements(*of, seen);
    EXPECT_GT(seen.size(), 600U);
}

TEST(SearchParameters, lead_only_to_what_is_defined) {
    for (const auto& parameter : definitions().search_parameters()) {
        for (const auto& base : parameter.bases)
            EXPECT_NE(definitions().type(base), nullptr) << parameter.url << ' ' << base;
        for (const auto& target : parameter.targets)
            EXPECT_TRUE(definitions().is_resource_type(target)) << parameter.url << ' ' << target;
        EXPECT_EQ(parameter.type == SearchType::composite, !parameter.components.empty())
            << parameter.url;
        for (const auto& component : parameter.components)
            EXPECT_NE(definitions().search_parameter_by_url(component.definition), nullptr)
                << parameter.url << ' ' << component.definition;
    }
}

// "Patient.name.given" of an expression up to the first function, step by step. One parameter's
// paths begin below its type.
void check_path(const SearchParameter& parameter, std::string_view path) {
    const auto& url = parameter.url;
    const Type* at = nullptr;
    if (url.ends_with("/InsurancePlan-name")) at = definitions().type("InsurancePlan");
    while (!path.empty()) {
        const auto name = path.substr(0, path.find_first_of(".[( )|"));
        if (at == nullptr) {
            at = definitions().type(name);
            ASSERT_NE(at, nullptr) << url << ' ' << name;
        } else {
            if (path.substr(name.size()).starts_with("(")) return;
            const auto* found = at->element(name);
            ASSERT_NE(found, nullptr) << url << ' ' << at->name << '.' << name;
            if (found->is_choice) return;
            at = found->types.front().type;
        }
        if (!path.substr(name.size()).starts_with(".")) return;
        path.remove_prefix(name.size() + 1);
    }
}

TEST(SearchParameters, have_paths_of_elements_that_exist) {
    for (const auto& parameter : definitions().search_parameters()) {
        std::string_view rest = parameter.expression;
        while (!rest.empty()) {
            const auto start = rest.find_first_not_of(" (|");
            if (start == std::string_view::npos) break;
            rest.remove_prefix(start);
            check_path(parameter, rest);
            const auto bar = rest.find(" | ");
            if (bar == std::string_view::npos) break;
            rest.remove_prefix(bar);
        }
    }
}

TEST(Compartments, name_search_parameters_of_the_type) {
    for (const auto* of : definitions().resource_types())
        for (const auto* compartment :
             {"Patient", "Encounter", "RelatedPerson", "Practitioner", "Device"})
            if (const auto* membership = definitions().compartment(compartment, of->name))
                for (const auto code : membership->parameters)
                    EXPECT_NE(definitions().search_parameter(of->name, code), nullptr)
                        << compartment << ' ' << of->name << ' ' << code;
}

}  // namespace
}  // namespace vigil::fhir

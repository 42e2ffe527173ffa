#include "fhir/search/parameter_definition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fhir/resource/resource.hpp"

namespace vigil::fhir {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const SearchParameters& standard() {
    static const Definitions definitions;
    static const SearchParameters all(definitions);
    return all;
}

Resource search_parameter(std::string members) {
    auto resource = Resource::parse(
        R"({"resourceType":"SearchParameter","url":"http://x/p","status":"active",)" + members +
        "}");
    EXPECT_TRUE(resource) << members;
    return std::move(*resource);
}

std::vector<std::string> problems(const std::string& members) {
    std::vector<std::string> found;
    for (const auto& issue : definition_issues(search_parameter(members).json(), standard()))
        found.push_back(std::string(issue.code) + " " + issue.expression);
    return found;
}

constexpr const char* good =
    R"("code":"eyes","base":["Patient"],"type":"token","expression":"Patient.gender")";

TEST(ParameterDefinition, of_one_that_is_right_is_what_it_says) {
    EXPECT_THAT(problems(good), IsEmpty());
    const auto defined = definition_of(
        search_parameter(std::string(good) + R"(,"multipleOr":false,"target":["Patient"])").json(),
        standard());
    ASSERT_TRUE(defined);
    EXPECT_EQ(defined->code, "eyes");
    EXPECT_EQ(defined->type, SearchType::token);
    EXPECT_THAT(defined->bases, ElementsAre("Patient"));
    EXPECT_FALSE(defined->multiple_or);
    EXPECT_TRUE(defined->multiple_and);
}

TEST(ParameterDefinition, says_what_is_wrong_and_where) {
    const auto with = [](const char* code, const char* base, const char* type,
                         const char* expression) {
        return problems(std::string(R"("code":")") + code + R"(","base":[")" + base +
                        R"("],"type":")" + type + R"(","expression":")" + expression + "\"");
    };
    EXPECT_THAT(with("_eyes", "Patient", "token", "Patient.gender"),
                ElementsAre("value SearchParameter.code"));
    EXPECT_THAT(with("a:b", "Patient", "token", "Patient.gender"),
                ElementsAre("value SearchParameter.code"));
    EXPECT_THAT(with("eyes", "Nothing", "token", "Patient.gender"),
                ElementsAre("value SearchParameter.base"));
    EXPECT_THAT(with("eyes", "Patient", "special", "Patient.gender"),
                ElementsAre("not-supported SearchParameter.type"));
    EXPECT_THAT(with("eyes", "Patient", "token", "Patient.gender.(("),
                ElementsAre("value SearchParameter.expression"));
    EXPECT_THAT(with("eyes", "Patient", "token", "Observation.code"),
                ElementsAre("value SearchParameter.expression"));
    EXPECT_THAT(with("gender", "Patient", "token", "Patient.name"),
                ElementsAre("duplicate SearchParameter.code"));
    EXPECT_THAT(with("gender", "DomainResource", "token", "DomainResource.id"),
                ElementsAre("duplicate SearchParameter.code"));
    EXPECT_THAT(problems(R"("code":"eyes","base":["Patient"],"type":"token")"),
                ElementsAre("required SearchParameter.expression"));
    EXPECT_THAT(
        problems(R"("code":"eyes","base":["Patient"],"type":"composite","expression":"Patient")"),
        ElementsAre("required SearchParameter.component"));
}

TEST(ParameterDefinition, of_what_is_not_in_force_says_nothing) {
    const auto retired = Resource::parse(
        R"({"resourceType":"SearchParameter","status":"retired","code":"a:b","type":"special"})");
    ASSERT_TRUE(retired);
    EXPECT_THAT(definition_issues(retired->json(), standard()), IsEmpty());
    EXPECT_FALSE(definition_of(retired->json(), standard()));
    const auto hl7s = Resource::parse(
        R"({"resourceType":"SearchParameter","status":"active","code":"name","type":"string",
            "url":"http://hl7.org/fhir/SearchParameter/Patient-name","base":["Patient"]})");
    ASSERT_TRUE(hl7s);
    EXPECT_THAT(definition_issues(hl7s->json(), standard()), IsEmpty());
    EXPECT_FALSE(definition_of(hl7s->json(), standard()));
}

TEST(CustomParameters, stand_beside_the_standard_ones_and_never_in_their_place) {
    const auto make = [](const char* id, const char* code) {
        SearchParameter definition;
        definition.code = code;
        definition.url = std::string("http://x/") + id;
        definition.bases = {"Patient"};
        definition.expression = "Patient.gender";
        return CustomParameter{id, std::make_shared<const SearchParameter>(definition), true};
    };
    const SearchParameters all(standard().definitions(),
                               {make("one", "eyes"), make("two", "eyes"), make("three", "name")});
    ASSERT_NE(all.find("Patient", "eyes"), nullptr);
    EXPECT_EQ(all.find("Patient", "eyes")->custom_id, "one");
    EXPECT_EQ(all.find("Patient", "name")->custom_id, "");
    EXPECT_EQ(all.find("Observation", "eyes"), nullptr);
    EXPECT_EQ(all.by_url("http://x/two")->code, "eyes");
    EXPECT_EQ(standard().find("Patient", "eyes"), nullptr);
}

}  // namespace
}  // namespace vigil::fhir

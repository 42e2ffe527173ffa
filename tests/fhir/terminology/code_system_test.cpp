#include "fhir/terminology/code_system.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fhir/terminology/shelf_of.hpp"

namespace vigil::fhir::terminology {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string_view> codes(const CodeSystem& system, const std::vector<bool>& wanted) {
    std::vector<std::string_view> out;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (wanted[i]) out.push_back(system.concepts()[i].code);
    return out;
}

std::vector<std::string_view> below(const CodeSystem& system, std::string_view code) {
    const auto* of = system.find(code);
    return of == nullptr ? std::vector<std::string_view>() : codes(system, system.at_or_below(*of));
}

TEST(CodeSystem, knows_what_is_below_and_above_by_nesting_and_by_property) {
    const CodeSystem system(read(animals));
    EXPECT_THAT(below(system, "bird"), ElementsAre("bird", "duck", "dodo"));
    EXPECT_THAT(below(system, "fish"), ElementsAre("fish", "eel", "goldfish"));
    EXPECT_THAT(codes(system, system.at_or_above(*system.find("goldfish"))),
                ElementsAre("animal", "fish", "pet", "goldfish"));
    EXPECT_TRUE(system.find("animal")->is_abstract);
    EXPECT_TRUE(system.find("dodo")->is_inactive);
    EXPECT_FALSE(system.find("duck")->is_inactive);
}

TEST(CodeSystem, ends_where_parents_go_in_a_circle) {
    const CodeSystem system(read(R"({"resourceType": "CodeSystem", "content": "complete",
        "concept": [{"code": "a", "property": [{"code": "parent", "valueCode": "b"}]},
                    {"code": "b", "property": [{"code": "parent", "valueCode": "a"},
                                               {"code": "parent", "valueCode": "b"}]}]})"));
    EXPECT_THAT(below(system, "a"), ElementsAre("a", "b"));
}

TEST(CodeSystem, takes_codes_in_any_case_unless_it_is_case_sensitive) {
    const CodeSystem strict(read(animals));
    EXPECT_EQ(strict.find("DUCK"), nullptr);
    const CodeSystem lenient(
        read(R"({"resourceType": "CodeSystem", "concept": [{"code": "Duck"}]})"));
    ASSERT_NE(lenient.find("DUCK"), nullptr);
    EXPECT_EQ(lenient.find("dUCK")->code, "Duck");
}

TEST(CodeSystem, of_the_specification_is_whole_with_its_hierarchy) {
    const auto* table =
        definitions().code_system("http://terminology.hl7.org/CodeSystem/v3-ActCode");
    ASSERT_NE(table, nullptr);
    const CodeSystem system(*table);
    EXPECT_EQ(system.version, "2018-08-12");
    EXPECT_EQ(system.concepts().size(), 1116U);
    EXPECT_TRUE(system.find("_ActEncounterCode")->is_abstract);
    EXPECT_THAT(below(system, "IMP"), ElementsAre("IMP", "ACUTE", "NONAC"));
    const CodeSystem status(*definitions().code_system("http://hl7.org/fhir/observation-status"));
    EXPECT_EQ(status.concepts().front().code, "registered");  // in the order of the specification
    EXPECT_THAT(below(status, "amended"), ElementsAre("amended", "corrected"));
}

TEST(CodeSystem, of_every_table_has_only_concepts_that_stand_in_earlier_ones) {
    std::size_t count = 0;
    for (const auto& table : definitions().code_systems()) {
        const CodeSystem system(table);
        for (std::uint32_t i = 0; i < system.concepts().size(); ++i) {
            const auto outer = system.concepts()[i].outer;
            EXPECT_TRUE(outer == Concept::none || outer < i) << table.url;
            EXPECT_NE(system.find(system.concepts()[i].code), nullptr) << table.url;
        }
        count += system.concepts().size();
    }
    EXPECT_EQ(count, 20'007U);
}

TEST(Versions, compare_by_their_numbers) {
    EXPECT_TRUE(is_older_version("2.9", "2.10"));
    EXPECT_FALSE(is_older_version("2.10", "2.9"));
    EXPECT_TRUE(is_older_version("", "1"));
    EXPECT_TRUE(is_older_version("1.0", "1.0.1"));
    EXPECT_TRUE(is_older_version("2018-08-12", "2019-01-01"));
    EXPECT_FALSE(is_older_version("007", "7"));
    EXPECT_FALSE(is_older_version("7", "007"));
}

}  // namespace
}  // namespace vigil::fhir::terminology

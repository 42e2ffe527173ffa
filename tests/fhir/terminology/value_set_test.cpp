#include "fhir/terminology/value_set.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fhir/terminology/shelf_of.hpp"

namespace vigil::fhir::terminology {
namespace {

struct ComposedValueSets : ShelfOf {
    ComposedValueSets() { put(animals); }
    void value_set(std::string_view url, std::string_view compose) {
        put(fmt::format(R"({{"resourceType": "ValueSet", "url": "{}", "compose": {}}})", url,
                        compose));
    }
    // The codes of animals that a filter selects.
    std::string filtered(std::string_view property, std::string_view op, std::string_view value) {
        value_set("http://x/filtered",
                  fmt::format(R"({{"include": [{{"system": "http://x/animals", "filter":
                      [{{"property": "{}", "op": "{}", "value": "{}"}}]}}]}})",
                              property, op, value));
        return codes("http://x/filtered");
    }
};

TEST_F(ComposedValueSets, hold_what_filters_select) {
    EXPECT_EQ(filtered("concept", "is-a", "bird"), "bird duck dodo");
    EXPECT_EQ(filtered("concept", "descendent-of", "bird"), "duck dodo");
    EXPECT_EQ(filtered("concept", "is-not-a", "animal"), "pet");
    EXPECT_EQ(filtered("concept", "generalizes", "eel"), "animal fish eel");
    EXPECT_EQ(filtered("code", "in", "eel, duck"), "duck eel");
    EXPECT_EQ(filtered("concept", "not-in", "animal,bird,duck,dodo,fish"), "eel pet goldfish");
    EXPECT_EQ(filtered("code", "regex", "d.*"), "duck dodo");
    EXPECT_EQ(filtered("code", "regex", "uck"), "");  // the whole value
    EXPECT_EQ(filtered("legs", "=", "2"), "bird");
    EXPECT_EQ(filtered("legs", "exists", "true"), "bird");
    EXPECT_EQ(filtered("status", "=", "retired"), "dodo");
    EXPECT_EQ(filtered("inactive", "=", "false"), "animal bird duck fish eel pet goldfish");
    EXPECT_EQ(filtered("child", "=", "goldfish"), "fish pet");
    EXPECT_EQ(filtered("display", "=", "Duck"), "duck");
}

TEST_F(ComposedValueSets, answer_no_filter_that_they_cannot_be_sure_of) {
    EXPECT_EQ(filtered("wings", "=", "2"), "error: not-supported");
    EXPECT_EQ(filtered("concept", "is-a", "cat"), "error: not-supported");
    EXPECT_EQ(filtered("legs", "is-a", "2"), "error: not-supported");
    EXPECT_EQ(filtered("code", "child-of", "bird"), "error: not-supported");
    EXPECT_EQ(filtered("code", "regex", "(a"), "error: not-supported");
    EXPECT_EQ(filtered("legs", "exists", "maybe"), "error: not-supported");
    put(R"({"resourceType": "CodeSystem", "url": "http://x/body", "content": "complete",
        "hierarchyMeaning": "part-of", "concept": [{"code": "hand", "concept": [{"code": "thumb"}]}]})");
    value_set("http://x/hand", R"({"include": [{"system": "http://x/body", "filter":
        [{"property": "concept", "op": "is-a", "value": "hand"}]}]})");
    EXPECT_EQ(codes("http://x/hand"), "error: not-supported");
}

TEST_F(ComposedValueSets, join_includes_meet_within_one_and_take_excludes_away) {
    value_set("http://x/birds", R"({"include": [{"system": "http://x/animals", "filter":
        [{"property": "concept", "op": "is-a", "value": "bird"}]}]})");
    value_set("http://x/chosen", R"({"include": [{"system": "http://x/animals", "concept":
        [{"code": "eel"}, {"code": "duck", "display": "A duck"}, {"code": "unheard-of"}]}]})");
    value_set("http://x/union", R"({"include": [{"valueSet": ["http://x/chosen"]},
        {"valueSet": ["http://x/birds"]}]})");
    value_set("http://x/meet",
              R"({"include": [{"valueSet": ["http://x/birds", "http://x/chosen"]}]})");
    value_set("http://x/meet-system", R"({"include": [{"system": "http://x/animals",
        "valueSet": ["http://x/chosen"]}]})");
    value_set("http://x/less", R"({"include": [{"valueSet": ["http://x/birds"]}], "exclude":
        [{"system": "http://x/animals", "concept": [{"code": "bird"}]}, {"system": "http://loinc.org"}]})");
    value_set("http://x/active",
              R"({"inactive": false, "include": [{"valueSet": ["http://x/birds"]}]})");
    EXPECT_EQ(codes("http://x/union"), "eel duck unheard-of bird dodo");
    EXPECT_EQ(codes("http://x/meet"), "duck");
    EXPECT_EQ(codes("http://x/meet-system"), "duck eel");
    EXPECT_EQ(codes("http://x/less"), "duck dodo");
    EXPECT_EQ(codes("http://x/active"), "bird duck");
    EXPECT_EQ(has("http://x/active", "http://x/animals", "dodo"), "no");
    EXPECT_EQ(codes("http://x/all-animals"), "animal bird duck dodo fish eel pet goldfish");
}

TEST_F(ComposedValueSets, tell_what_they_know_even_where_they_do_not_know_all) {
    value_set("http://x/loinc", R"({"include": [{"system": "http://loinc.org"},
        {"system": "http://x/animals"}]})");
    EXPECT_EQ(codes("http://x/loinc"), "error: not-found");
    EXPECT_EQ(has("http://x/loinc", "http://x/animals", "duck"), "yes");
    EXPECT_EQ(has("http://x/loinc", "http://x/animals", "cat"), "no");
    EXPECT_EQ(has("http://x/loinc", "http://snomed.info/sct", "1"), "no");
    EXPECT_EQ(has("http://x/loinc", "http://loinc.org", "8867-4"), "error: not-found");
    value_set("http://x/listed", R"({"include": [{"system": "http://loinc.org", "concept":
        [{"code": "8867-4"}]}]})");
    EXPECT_EQ(codes("http://x/listed"), "8867-4");
    EXPECT_EQ(has("http://x/listed", "http://loinc.org", "1"), "no");
    value_set("http://x/import", R"({"include": [{"valueSet": ["http://x/none"]}]})");
    EXPECT_EQ(codes("http://x/import"), "error: not-found");
}

TEST_F(ComposedValueSets, need_code_systems_that_are_whole) {
    for (const auto* content : {"fragment", "example", "not-present", "supplement"}) {
        put(fmt::format(R"({{"resourceType": "CodeSystem", "url": "http://x/{0}",
            "content": "{0}", "concept": [{{"code": "a"}}]}})",
                        content));
        const auto url = fmt::format("http://x/of-{}", content);
        value_set(url, fmt::format(R"({{"include": [{{"system": "http://x/{}"}}]}})", content));
        EXPECT_THAT(codes(url), testing::StartsWith("error")) << content;
    }
}

TEST_F(ComposedValueSets, in_circles_and_in_depth_end) {
    value_set("http://x/a", R"({"include": [{"valueSet": ["http://x/b"]}]})");
    value_set("http://x/b", R"({"include": [{"valueSet": ["http://x/a"]}]})");
    EXPECT_EQ(codes("http://x/a"), "error: invalid");
    for (int i = 0; i < 12; ++i)
        value_set(
            fmt::format("http://x/{}", i),
            fmt::format(R"({{"include": [{{"valueSet": ["http://x/{0}", "http://x/{0}"]}}]}})",
                        i + 1));
    value_set("http://x/12", R"({"include": [{"system": "http://x/animals"}]})");
    EXPECT_EQ(codes("http://x/0"), "error: too-costly");
    EXPECT_EQ(codes("http://x/11"), "animal bird duck dodo fish eel pet goldfish");
}

TEST_F(ComposedValueSets, that_take_too_much_are_refused) {
    value_set("http://x/all", R"({"include": [{"system": "http://x/animals"}]})");
    const auto source = shelf.value_set("http://x/all", {});
    ASSERT_TRUE(source);
    Budget enough, little(3);
    const auto set = Composer(shelf, {}, enough).compose(*source);
    ASSERT_TRUE(set);
    EXPECT_EQ(members(**set, little).error().issues.front().code, "too-costly");
    EXPECT_EQ(members(**set, enough, {.codes_max = 7}).error().issues.front().code, "too-costly");
    EXPECT_TRUE(members(**set, enough, {.codes_max = 8}));
}

TEST_F(ComposedValueSets, take_the_version_that_is_named) {
    put(R"({"resourceType": "CodeSystem", "url": "http://x/animals", "version": "2",
        "content": "complete", "concept": [{"code": "cat"}]})");
    value_set("http://x/new", R"({"include": [{"system": "http://x/animals"}]})");
    value_set("http://x/old", R"({"include": [{"system": "http://x/animals", "version": "1",
        "filter": [{"property": "concept", "op": "is-a", "value": "fish"}]}]})");
    value_set("http://x/gone", R"({"include": [{"system": "http://x/animals", "version": "3"}]})");
    EXPECT_EQ(codes("http://x/new"), "cat");
    EXPECT_EQ(codes("http://x/old"), "fish eel goldfish");
    EXPECT_EQ(codes("http://x/gone"), "error: not-found");
    EXPECT_EQ(codes("http://x/new", {.fallback = {"http://x/animals|1"}, .check = {}, .force = {}}),
              "animal bird duck dodo fish eel pet goldfish");
    EXPECT_EQ(codes("http://x/old", {.fallback = {}, .check = {"http://x/animals|2"}, .force = {}}),
              "error: value");
    EXPECT_EQ(
        codes("http://x/gone", {.fallback = {}, .check = {}, .force = {"http://x/animals|2"}}),
        "cat");
    value_set("http://x/locked", R"({"lockedDate": "2020-01-01", "include":
        [{"system": "http://x/animals"}]})");
    EXPECT_EQ(codes("http://x/locked"), "error: not-supported");
}

TEST_F(ComposedValueSets, stored_expanded_are_their_expansion_if_that_is_whole) {
    put(R"({"resourceType": "ValueSet", "url": "http://x/stored", "expansion": {"total": 2, "contains":
        [{"system": "http://y", "code": "a", "contains": [{"system": "http://y", "code": "b"}]}]}})");
    EXPECT_EQ(codes("http://x/stored"), "a b");
    put(R"({"resourceType": "ValueSet", "url": "http://x/page", "expansion": {"total": 9, "contains":
        [{"system": "http://y", "code": "a"}]}})");
    EXPECT_EQ(codes("http://x/page"), "error: incomplete");
    put(R"({"resourceType": "ValueSet", "url": "http://x/loinc", "compose": {"include":
        [{"system": "http://loinc.org"}]}, "expansion": {"contains":
        [{"system": "http://loinc.org", "code": "8867-4"}]}})");
    EXPECT_EQ(codes("http://x/loinc"), "8867-4");  // composed of what is not at hand
    put(R"({"resourceType": "ValueSet", "url": "http://x/nothing"})");
    EXPECT_EQ(codes("http://x/nothing"), "error: invalid");
}

// Every value set of the specification's tables, and the whole code systems' own.
TEST_F(ComposedValueSets, of_the_specification_are_listed) {
    EXPECT_EQ(codes("http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1"),
              "male female other unknown");
    EXPECT_EQ(codes("http://hl7.org/fhir/ValueSet/administrative-gender|3.0"), "error: not-found");
    std::size_t whole = 0;
    for (const auto& system : definitions().code_systems()) {
        if (system.value_set.empty()) continue;
        const auto found = codes(system.value_set);
        EXPECT_FALSE(found.starts_with("error: ")) << system.value_set;
        ++whole;
    }
    EXPECT_GT(whole, 600U);
}

}  // namespace
}  // namespace vigil::fhir::terminology

#include "fhir/terminology/concept_map.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fhir/terminology/shelf_of.hpp"

namespace vigil::fhir::terminology {
namespace {

struct ConceptMaps : ShelfOf {
    ConceptMaps() {
        put(R"({"resourceType": "ConceptMap", "url": "http://x/map", "version": "2",
            "sourceCanonical": "http://x/from|1", "targetUri": "http://x/to", "group": [
              {"source": "http://x/a", "target": "http://x/b", "unmapped": {"mode": "provided"},
               "element": [{"code": "1", "target": [{"code": "one", "equivalence": "wider"},
                                                   {"code": "uno", "equivalence": "equal"}]},
                           {"code": "2", "target": [{"equivalence": "unmatched"}]}]},
              {"source": "http://x/a", "sourceVersion": "9", "target": "http://x/c",
               "unmapped": {"mode": "other-map", "url": "http://x/more"},
               "element": [{"code": "1", "target": [{"code": "i", "equivalence": "specializes"}]}]}]})");
        put(R"({"resourceType": "ConceptMap", "url": "http://x/more", "group": [
              {"source": "http://x/a", "target": "http://x/c", "element":
               [{"code": "3", "target": [{"code": "iii", "equivalence": "equal"}]}]}]})");
        put(R"({"resourceType": "ConceptMap", "url": "http://x/loop", "group": [
              {"source": "http://x/a", "target": "http://x/c",
               "unmapped": {"mode": "other-map", "url": "http://x/loop"}, "element": []}]})");
    }
    std::string translated(std::string_view map, const TranslationRequest& request) {
        const auto maps =
            shelf.concept_maps({.url = map, .version = {}, .system = {}, .target_system = {}});
        Budget budget;
        const auto found = translate(*maps, request, shelf, budget);
        if (!found) return "error: " + std::string(found.error().issues.front().code);
        std::string out;
        for (const auto& one : found->all)
            out += fmt::format("{} {} by {};", one.equivalence, one.to.code, one.source);
        return out;
    }
};

TEST_F(ConceptMaps, give_every_target_of_a_code) {
    EXPECT_EQ(translated("http://x/map", {.codes = {{"http://x/a", {}, "1"}}}),
              "wider one by http://x/map|2;equal uno by http://x/map|2;specializes i by "
              "http://x/map|2;");
    EXPECT_EQ(translated("http://x/map", {.codes = {{"http://x/a", "8", "1"}}}),
              "wider one by http://x/map|2;equal uno by http://x/map|2;");
    EXPECT_EQ(translated("http://x/map",
                         {.codes = {{"http://x/a", {}, "2"}}, .target_system = "http://x/b"}),
              "unmatched  by http://x/map|2;");
    EXPECT_EQ(translated("http://x/map", {.codes = {{"http://x/z", {}, "1"}}}), "");
}

TEST_F(ConceptMaps, say_what_becomes_of_codes_they_do_not_list) {
    EXPECT_EQ(translated("http://x/map", {.codes = {{"http://x/a", {}, "3"}}}),
              "relatedto 3 by http://x/map|2;equal iii by http://x/more;");
    EXPECT_EQ(translated("http://x/loop", {.codes = {{"http://x/a", {}, "3"}}}),
              "error: too-costly");
}

TEST_F(ConceptMaps, read_backwards_turn_wider_to_narrower) {
    EXPECT_EQ(translated("http://x/map", {.codes = {{"http://x/b", {}, "one"}}, .reverse = true}),
              "narrower 1 by http://x/map|2;");
    EXPECT_EQ(translated("http://x/map", {.codes = {{"http://x/c", {}, "i"}}, .reverse = true}),
              "subsumes 1 by http://x/map|2;");
}

TEST_F(ConceptMaps, are_for_the_value_sets_they_name) {
    const TranslatedCode one{"http://x/a", {}, "1"};
    EXPECT_NE(translated("http://x/map", {.codes = {one}, .source = "http://x/from"}), "");
    EXPECT_NE(translated("http://x/map", {.codes = {one}, .source = "http://x/from|1"}), "");
    EXPECT_EQ(translated("http://x/map", {.codes = {one}, .source = "http://x/from|2"}), "");
    EXPECT_EQ(translated("http://x/map", {.codes = {one}, .target = "http://x/from"}), "");
    EXPECT_EQ(translated("http://x/map", {.codes = {{"http://x/c", {}, "i"}},
                                          .source = "http://x/to",
                                          .target = "http://x/from",
                                          .reverse = true}),
              "subsumes 1 by http://x/map|2;");
}

TEST_F(ConceptMaps, are_found_by_the_systems_they_map_between) {
    const auto count = [this](std::string_view from, std::string_view to) {
        return shelf.concept_maps({.url = {}, .version = {}, .system = from, .target_system = to})
            ->size();
    };
    EXPECT_EQ(count("http://x/a", {}), 3U);
    EXPECT_EQ(count("http://x/a", "http://x/b"), 1U);
    EXPECT_EQ(count({}, "http://x/c"), 3U);
    EXPECT_EQ(count("http://x/b", "http://x/a"), 0U);
}

}  // namespace
}  // namespace vigil::fhir::terminology

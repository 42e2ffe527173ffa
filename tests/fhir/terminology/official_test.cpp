// The value sets, code systems and concept maps of FHIR R4 itself, where they are at hand.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "fhir/terminology/concept_map.hpp"
#include "fhir/terminology/shelf_of.hpp"

namespace vigil::fhir::terminology {
namespace {

using ::testing::IsEmpty;

const std::filesystem::path folder =
    std::filesystem::path(VIGIL_SHARED_DIR) / "data" / "fhir" / "r4";

std::string unpacked(const std::filesystem::path& file) {
    std::ostringstream read;
    read << std::ifstream(file, std::ios::binary).rdbuf();
    const auto packed = std::move(read).str();
    std::string text(ZSTD_getFrameContentSize(packed.data(), packed.size()), '\0');
    text.resize(ZSTD_decompress(text.data(), text.size(), packed.data(), packed.size()));
    return text;
}

struct OfficialTerminology : ShelfOf {
    void SetUp() override {
        if (!std::filesystem::exists(folder))
            GTEST_SKIP() << "the definitions of FHIR R4 are not at hand: " << folder;
        for (const auto* name : {"valuesets", "v3-codesystems", "v2-tables", "conceptmaps"}) {
            const auto bundle = read(unpacked(folder / fmt::format("{}.json.zst", name)));
            for (const auto entry : bundle.json["entry"])
                shelf.add({entry["resource"], bundle.owner});
        }
    }
    std::string translated(std::string_view map, TranslationRequest request) {
        const auto maps =
            shelf.concept_maps({.url = map, .version = {}, .system = {}, .target_system = {}});
        EXPECT_TRUE(maps && maps->size() == 1) << map;
        Budget budget;
        const auto found = translate(*maps, request, shelf, budget);
        if (!found) return "error: " + std::string(found.error().issues.front().code);
        std::string out;
        for (const auto& one : found->all)
            out += fmt::format("{} {};", one.equivalence, one.to.code);
        return out;
    }
};

std::set<std::string> split_codes(const std::string& text) {
    std::istringstream words(text);
    return {std::istream_iterator<std::string>(words), {}};
}

TEST_F(OfficialTerminology, examples_expand_to_what_the_specification_shows) {
    const std::string base = "http://hl7.org/fhir/ValueSet/";
    // The page shows an older ActMood: CRT has codes below it since.
    EXPECT_THAT(split_codes(codes(base + "inactive")),
                ::testing::IsSupersetOf(split_codes("CRT EXPEC GOL RSK OPT")));
    EXPECT_EQ(codes(base + "yesnodontknow"), "N Y asked-unknown");
    EXPECT_EQ(codes(base + "example-extensional"), "14647-2 2093-3 35200-5 9342-7");
    EXPECT_EQ(split_codes(codes(base + "example-expansion")).size(), 8U);
    EXPECT_EQ(codes(base + "example-intensional"), "error: not-found");  // LOINC is not at hand
    // A filter that only its code system's owner could compute.
    EXPECT_EQ(codes(base + "example-filter"), "error: not-supported");
}

// data/fhir/distil.py listed them by itself: two readings of one definition.
TEST_F(OfficialTerminology, value_sets_compiled_in_are_what_their_compositions_say) {
    std::size_t compared = 0;
    for (const auto& url : shelf.urls("ValueSet")) {
        const auto* listed = definitions().value_set(url);
        if (listed == nullptr) continue;
        const auto set = compose(url);
        ASSERT_TRUE(set) << url;
        Budget budget;
        const auto all = members(**set, budget);
        if (!all) {  // names a version of its code system that there is not
            EXPECT_EQ(url, "http://hl7.org/fhir/ValueSet/task-code");
            continue;
        }
        std::set<std::pair<std::string_view, std::string_view>> ours, theirs;
        for (const auto& member : *all) ours.emplace(member.system, member.code);
        for (const auto& coding : listed->codes) theirs.emplace(coding.system, coding.code);
        EXPECT_EQ(ours, theirs) << url;
        ++compared;
    }
    EXPECT_GT(compared, 450U);
}

TEST_F(OfficialTerminology, concept_maps_translate) {
    const std::string base = "http://hl7.org/fhir/ConceptMap/";
    const TranslatedCode home{"http://hl7.org/fhir/address-use", {}, "home"};
    const TranslatedCode h{"http://terminology.hl7.org/CodeSystem/v3-AddressUse", {}, "H"};
    EXPECT_EQ(translated(base + "101", {.codes = {home}}), "equivalent H;");
    EXPECT_EQ(translated(base + "101", {.codes = {h}, .reverse = true}), "equivalent home;");
    EXPECT_EQ(translated(base + "101", {.codes = {{home.system, {}, "old"}}}), "disjoint BAD;");
    EXPECT_EQ(translated(base + "101", {.codes = {{home.system, {}, "moon"}}}),
              "relatedto temp;");  // what the map says of all it does not list
    const TranslatedCode code{"http://example.org/fhir/example1", {}, "code"};
    EXPECT_EQ(translated(base + "example2", {.codes = {code}}), "");  // it depends
    const auto given = read(R"({"resourceType": "Basic", "coding":
        [{"system": "http://example.org/fhir/example3", "code": "some-code"}]})");
    EXPECT_EQ(
        translated(
            base + "example2",
            {.codes = {code},
             .dependencies = {{"http://example.org/fhir/property-value/example", given.json}}}),
        "equivalent code2;");
    EXPECT_EQ(translated(base + "example2", {.codes = {{code.system, {}, "other"}}}),
              "error: not-found");  // leads to a map that is nowhere
}

}  // namespace
}  // namespace vigil::fhir::terminology

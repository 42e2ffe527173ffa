#include "fhir/search/index_rows.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "fhir/resource/date.hpp"
#include "fhir/resource/resource.hpp"

namespace vigil::fhir {
namespace {

using store::IndexRow;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::Field;
using testing::IsEmpty;
using testing::Not;

const SearchParameters& parameters() {
    static const Definitions definitions;
    static const SearchParameters all(definitions);
    return all;
}

std::vector<IndexRow> rows_of(std::string text) {
    const auto resource = Resource::parse(std::move(text));
    EXPECT_TRUE(resource);
    auto extracted =
        extract(resource->json(),
                {.parameters = parameters(), .base = "https://vigil.example/fhir", .now = {}});
    EXPECT_TRUE(extracted) << extracted.error().message;
    return extracted->rows;
}

std::vector<store::IndexValue> values_of(const std::vector<IndexRow>& rows,
                                         std::string_view parameter) {
    std::vector<store::IndexValue> values;
    for (const auto& row : rows)
        if (row.parameter == parameter) values.push_back(row.value);
    return values;
}

using Values = std::vector<store::IndexValue>;
using store::NumberValue;
using store::ReferenceValue;
using store::StringValue;
using store::TokenValue;

TEST(IndexRows, of_a_patient) {
    const auto rows = rows_of(
        R"({"resourceType":"Patient","active":true,"gender":"female","birthDate":"1957-02",
            "identifier":[{"system":"urn:mrn","value":"7","type":{"coding":[{"system":"t","code":"MR"}]}}],
            "name":[{"family":"Müller","given":["Anna"]}],
            "telecom":[{"system":"phone","value":"030"}],
            "link":[{"other":{"reference":"Patient/9"},"type":"seealso"}],
            "managingOrganization":{"reference":"https://vigil.example/fhir/Organization/o"}})");
    EXPECT_EQ(values_of(rows, "active"), (Values{TokenValue{"", "true"}}));
    EXPECT_EQ(values_of(rows, "gender"),
              (Values{TokenValue{"http://hl7.org/fhir/administrative-gender", "female"}}));
    EXPECT_EQ(values_of(rows, "identifier"), (Values{TokenValue{"urn:mrn", "7"}}));
    EXPECT_EQ(values_of(rows, "identifier:of-type"), (Values{TokenValue{"t", "MR|7"}}));
    EXPECT_EQ(values_of(rows, "family"), (Values{StringValue{"muller", "Müller"}}));
    EXPECT_EQ(values_of(rows, "name"),
              (Values{StringValue{"muller", "Müller"}, StringValue{"anna", "Anna"}}));
    EXPECT_EQ(values_of(rows, "organization"), (Values{ReferenceValue{"Organization", "o", ""}}));
    EXPECT_EQ(values_of(rows, "link"), (Values{ReferenceValue{"Patient", "9", ""}}));
    EXPECT_EQ(values_of(rows, "phone"), (Values{TokenValue{"phone", "030"}}));
    EXPECT_EQ(values_of(rows, "deceased"), (Values{TokenValue{"", "false"}}));
    EXPECT_THAT(values_of(rows, "email"), IsEmpty());
    const auto birth = read_date("1957-02");
    EXPECT_EQ(values_of(rows, "birthdate"), (Values{store::DateValue{birth->start, birth->end}}));
}

TEST(IndexRows, of_an_observation_with_components) {
    const auto rows = rows_of(
        R"({"resourceType":"Observation","status":"final","code":{"coding":[{"system":"l","code":"bp"}],"text":"Pressure"},
            "subject":{"reference":"Patient/1"},
            "component":[{"code":{"coding":[{"system":"l","code":"sys"}]},
                          "valueQuantity":{"value":16,"system":"http://unitsofmeasure.org","code":"kPa"}},
                         {"code":{"coding":[{"system":"l","code":"dia"}]},
                          "valueQuantity":{"value":80,"system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]})");
    EXPECT_EQ(values_of(rows, "code:text"), (Values{StringValue{"pressure", "Pressure"}}));
    EXPECT_EQ(values_of(rows, "combo-code"),
              (Values{TokenValue{"l", "bp"}, TokenValue{"l", "sys"}, TokenValue{"l", "dia"}}));
    EXPECT_EQ(values_of(rows, "patient"), (Values{ReferenceValue{"Patient", "1", ""}}));
    const auto quantities = values_of(rows, "component-value-quantity");
    ASSERT_EQ(quantities.size(), 4U);
    EXPECT_EQ(quantities[0], (store::IndexValue{NumberValue{"", 16, 16}}));
    EXPECT_EQ(std::get<NumberValue>(quantities[1]).unit, std::get<NumberValue>(quantities[3]).unit);
    // Each component's code stands with its own value.
    std::vector<std::pair<std::string, double>> pairs;
    for (const auto& a : rows)
        for (const auto& b : rows)
            if (a.parameter == "component-code-value-quantity$1" &&
                b.parameter == "component-code-value-quantity$2" && a.group == b.group &&
                !std::get<NumberValue>(b.value).unit.empty())
                pairs.emplace_back(std::get<TokenValue>(a.value).code,
                                   std::get<NumberValue>(b.value).low);
    ASSERT_EQ(pairs.size(), 2U);
    EXPECT_EQ(pairs[0].first, "sys");
    EXPECT_EQ(pairs[1].first, "dia");
    EXPECT_GT(pairs[0].second, pairs[1].second);
    EXPECT_THAT(rows, Contains(AllOf(Field(&IndexRow::parameter, "component-code-value-quantity$1"),
                                     Field(&IndexRow::group, Not(0)))));
}

TEST(IndexRows, a_reference_by_identifier_and_one_to_elsewhere) {
    const auto rows = rows_of(
        R"({"resourceType":"Observation","status":"final","code":{"text":"x"},
            "subject":{"identifier":{"system":"urn:mrn","value":"7"}},
            "device":{"reference":"https://elsewhere.example/Device/1"}})");
    EXPECT_EQ(values_of(rows, "subject:identifier"), (Values{TokenValue{"urn:mrn", "7"}}));
    EXPECT_THAT(values_of(rows, "subject"), IsEmpty());
    EXPECT_EQ(values_of(rows, "device"),
              (Values{ReferenceValue{"", "", "https://elsewhere.example/Device/1"}}));
}

TEST(SearchParameters, all_of_r4_are_ready) {
    for (const auto* type : parameters().definitions().resource_types())
        for (const auto* definition : parameters().definitions().search_parameters(type->name)) {
            const auto* known = parameters().find(type->name, definition->code);
            ASSERT_NE(known, nullptr) << type->name << " " << definition->code;
            EXPECT_EQ(known->components.size(), definition->components.size()) << definition->code;
        }
    EXPECT_EQ(expression_for("Observation",
                             "AllergyIntolerance.code | (Observation.value as Quantity) | "
                             "Observation.component.where(x = 'a | b')",
                             parameters().definitions()),
              "(Observation.value as Quantity) | Observation.component.where(x = 'a | b')");
}

std::string under(std::string_view type, std::string_view parameter) {
    for (const auto& each : shared_keys(parameters()))
        if (each.type == type && each.parameter == parameter) return each.under;
    return {};
}

TEST(SearchParameters, share_the_keys_of_what_says_as_much) {
    EXPECT_EQ(under("Observation", "patient"), "subject");
    EXPECT_EQ(under("Observation", "value-quantity"), "combo-value-quantity");
    EXPECT_EQ(under("Observation", "code-value-quantity$1"), "code");
    EXPECT_EQ(under("Observation", "code-value-quantity$2"), "combo-value-quantity");
    EXPECT_EQ(under("Patient", "phonetic"), "name");
    for (const auto* own : {"code", "combo-code", "subject", "combo-value-quantity", "status"})
        EXPECT_EQ(under("Observation", own), "");
    for (const auto* own : {"name", "family", "given", "address-city", "identifier"})
        EXPECT_EQ(under("Patient", own), "");
}

// Nor does any row stand under a parameter that would not find it: store::SharedKeys.
TEST(IndexRows, every_official_example_can_be_found) {
    std::map<std::pair<std::string, std::string>, std::string> shared;
    for (const auto& each : shared_keys(parameters()))
        shared.emplace(std::pair(each.type, each.parameter), each.under);
    const std::filesystem::path folder = std::string(VIGIL_SHARED_DIR) + "/data/fhir/examples-r4";
    if (!std::filesystem::exists(folder))
        GTEST_SKIP() << "the examples are not beside the checkout";
    std::size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        std::ifstream in(file.path(), std::ios::binary);
        const auto resource = Resource::parse(std::string(std::istreambuf_iterator<char>(in), {}));
        ASSERT_TRUE(resource) << file.path();
        const auto extracted =
            extract(resource->json(),
                    {.parameters = parameters(), .base = "https://vigil.example/fhir", .now = {}});
        ASSERT_TRUE(extracted) << file.path() << ": " << extracted.error().message;
        for (const auto& row : extracted->rows) {
            const auto under = shared.find({std::string(resource->type()), row.parameter});
            if (under == shared.end()) continue;
            EXPECT_THAT(values_of(extracted->rows, under->second), Contains(row.value))
                << file.path() << ": " << row.parameter << " under " << under->second;
        }
        ++count;
    }
    EXPECT_GT(count, 200U);
}

}  // namespace
}  // namespace vigil::fhir

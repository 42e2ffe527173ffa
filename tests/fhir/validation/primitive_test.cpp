#include "fhir/validation/primitive.hpp"

#include <gtest/gtest.h>

#include <array>
#include <regex>

namespace vigil::fhir {
namespace {

const Definitions& definitions() {
    static const Definitions definitions;
    return definitions;
}

bool is_valid(std::string_view type, const std::string& json) {
    JsonDocument document;
    const auto text = "[" + json + "]";
    const auto list = document.parse(text);
    EXPECT_TRUE(list) << json;
    return primitive_problem(*definitions().type(type), (*list)[0]).empty();
}

struct Case {
    const char* type;
    const char* json;
    bool valid;
};

constexpr std::array cases{
    Case{"boolean", "true", true},
    Case{"boolean", "\"true\"", false},
    Case{"boolean", "1", false},
    Case{"integer", "-2147483648", true},
    Case{"integer", "2147483647", true},
    Case{"integer", "2147483648", false},
    Case{"integer", "1.0", false},
    Case{"integer", "1e3", false},
    Case{"integer", "\"5\"", false},
    Case{"unsignedInt", "0", true},
    Case{"unsignedInt", "-1", false},
    Case{"positiveInt", "1", true},
    Case{"positiveInt", "0", false},
    Case{"decimal", "-0.00", true},
    Case{"decimal", "1.00E-245", true},
    Case{"decimal", "\"1.5\"", false},
    Case{"string", "\"a\\nb\\tc\"", true},
    Case{"string", "\"\"", false},
    Case{"string", "\"  \"", false},
    Case{"string", "\"a\\u0001\"", false},
    Case{"string", "5", false},
    Case{"code", "\"in progress\"", true},
    Case{"code", "\" final\"", false},
    Case{"code", "\"final \"", false},
    Case{"code", "\"in  progress\"", false},
    Case{"id", "\"a-1.B\"", true},
    Case{"id", "\"a_1\"", false},
    Case{"id", "\"1234567890123456789012345678901234567890123456789012345678901234\"", true},
    Case{"id", "\"12345678901234567890123456789012345678901234567890123456789012345\"", false},
    Case{"uri", "\"urn:oid:1.2\"", true},
    Case{"uri", "\"http://a b\"", false},
    Case{"oid", "\"urn:oid:2.16.840\"", true},
    Case{"oid", "\"urn:oid:3.1\"", false},
    Case{"oid", "\"urn:oid:1.02\"", false},
    Case{"oid", "\"urn:oid:1\"", false},
    Case{"oid", "\"1.2.3\"", false},
    Case{"uuid", "\"urn:uuid:c757873d-ec9a-4326-a141-556f43239520\"", true},
    Case{"uuid", "\"urn:uuid:C757873D-EC9A-4326-A141-556F43239520\"", false},
    Case{"uuid", "\"c757873d-ec9a-4326-a141-556f43239520\"", false},
    Case{"date", "\"2024\"", true},
    Case{"date", "\"2024-02\"", true},
    Case{"date", "\"2024-02-29\"", true},
    Case{"date", "\"2023-02-29\"", false},
    Case{"date", "\"1900-02-29\"", false},
    Case{"date", "\"2024-13\"", false},
    Case{"date", "\"0000\"", false},
    Case{"date", "\"24-01-01\"", false},
    Case{"date", "\"2024-1-1\"", false},
    Case{"date", "\"2024-01-01T00:00:00Z\"", false},
    Case{"dateTime", "\"2024-01-01\"", true},
    Case{"dateTime", "\"2024-01-01T10:00:00.123456+14:00\"", true},
    Case{"dateTime", "\"2016-12-31T23:59:60Z\"", true},
    Case{"dateTime", "\"2024-01-01T10:00:00\"", false},
    Case{"dateTime", "\"2024-01-01T10:00Z\"", false},
    Case{"dateTime", "\"2024-01-01T24:00:00Z\"", false},
    Case{"dateTime", "\"2024-01-01T10:00:00+14:30\"", false},
    Case{"dateTime", "\"2024-01T10:00:00Z\"", false},
    Case{"instant", "\"2024-01-01T10:00:00Z\"", true},
    Case{"instant", "\"2024-01-01\"", false},
    Case{"time", "\"14:30:00\"", true},
    Case{"time", "\"14:30:00.5\"", true},
    Case{"time", "\"14:30\"", false},
    Case{"time", "\"14:30:00Z\"", false},
    Case{"time", "\"24:00:00\"", false},
    Case{"base64Binary", "\"AAECAw==\"", true},
    Case{"base64Binary", "\"AAEC Aw==\"", true},
    Case{"base64Binary", "\"AAECA\"", false},
    Case{"base64Binary", "\"AA=CAw==\"", false},
    Case{"base64Binary", "\"A===\"", false},
    Case{"base64Binary", "\"AA*C\"", false},
};

TEST(Primitive, has_the_format_of_its_type) {
    for (const auto& [type, json, valid] : cases)
        EXPECT_EQ(is_valid(type, json), valid) << type << ' ' << json;
}

// Where the specification prints a regular expression, what it refuses is refused here too.
TEST(Primitive, is_never_laxer_than_the_pattern_of_the_specification) {
    for (const auto& [type, json, valid] : cases) {
        const std::string text =
            json[0] == '"' ? std::string(json + 1, std::string_view(json).size() - 2) : json;
        if (!valid || text.find('\\') != std::string::npos) continue;
        const std::regex pattern{std::string(definitions().type(type)->pattern)};
        EXPECT_TRUE(std::regex_match(text, pattern)) << type << ' ' << text;
    }
}

TEST(Primitive, longer_than_a_megabyte_is_refused) {
    EXPECT_FALSE(is_valid("string", "\"" + std::string((1U << 20) + 1, 'a') + "\""));
    EXPECT_TRUE(is_valid("base64Binary", "\"" + std::string(4U << 20, 'A') + "\""));
}

}  // namespace
}  // namespace vigil::fhir

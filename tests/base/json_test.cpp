#include "base/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigil {
namespace {

using testing::HasSubstr;

Error refusal(std::string_view text, const JsonLimits& limits = {}) {
    JsonDocument json;
    const auto root = json.parse(text, limits);
    EXPECT_FALSE(root) << text;
    return root ? Error() : root.error();
}

TEST(Json, keeps_a_number_as_it_was_written) {
    JsonDocument json;
    const auto root = json.parse(R"([1.00, -0, 1E400, 0.10e-3, 9223372036854775808])");
    ASSERT_TRUE(root);
    std::vector<std::string_view> numbers;
    for (const auto value : *root) numbers.push_back(value.text());
    EXPECT_THAT(numbers,
                testing::ElementsAre("1.00", "-0", "1E400", "0.10e-3", "9223372036854775808"));
    EXPECT_EQ((*root)[0].decimal()->exponent, -2);
    EXPECT_FALSE((*root)[2].decimal());
    EXPECT_EQ((*root)[1].integer(), 0);
    EXPECT_EQ((*root)[0].integer(), std::nullopt);
    EXPECT_EQ((*root)[4].integer(), std::nullopt);
}

TEST(Json, finds_what_is_there_and_says_absent_for_the_rest) {
    JsonDocument json;
    const auto root = json.parse(R"({"a": {"b": [true, null, "x"]}, "": 1, "c": {}})");
    ASSERT_TRUE(root);
    EXPECT_EQ(root->size(), 3);
    EXPECT_TRUE((*root)["a"]["b"][0].is_true());
    EXPECT_EQ((*root)["a"]["b"][1].kind(), JsonKind::null);
    EXPECT_EQ((*root)["a"]["b"][2].string(), "x");
    EXPECT_EQ((*root)[""].integer(), 1);
    EXPECT_EQ((*root)["c"].begin(), (*root)["c"].end());
    const auto nowhere = (*root)["a"]["z"][7]["y"];
    EXPECT_FALSE(nowhere);
    EXPECT_EQ(nowhere.kind(), JsonKind::absent);
    EXPECT_EQ(nowhere.begin(), nowhere.end());
    EXPECT_EQ((*root)["a"]["b"][3].kind(), JsonKind::absent);
}

TEST(Json, tells_where_a_value_stands) {
    JsonDocument json;
    const auto root = json.parse(R"({"a/b": [0, {"c~d": [[1]]}], "e": 2})");
    ASSERT_TRUE(root);
    EXPECT_EQ(root->pointer(), "");
    EXPECT_EQ((*root)["e"].pointer(), "/e");
    EXPECT_EQ((*root)["a/b"][1]["c~d"][0][0].pointer(), "/a~1b/1/c~0d/0/0");
}

TEST(Json, decodes_strings) {
    JsonDocument json;
    const auto root = json.parse(
        R"(["\"\\\/\b\f\n\r\t", "\u0041\u00e9\u20ac\ud83d\ude00", "héllo €😀", "", "a\u0000b"])");
    ASSERT_TRUE(root);
    EXPECT_EQ((*root)[0].text(), "\"\\/\b\f\n\r\t");
    EXPECT_EQ((*root)[1].text(), "Aé€😀");
    EXPECT_EQ((*root)[2].text(), "héllo €😀");
    EXPECT_EQ((*root)[3].text(), "");
    EXPECT_EQ((*root)[4].text(), std::string_view("a\0b", 3));
}

TEST(Json, refuses_what_is_not_json) {
    for (const auto* text : {"",
                             " ",
                             "{",
                             "[",
                             "[1",
                             "[1,",
                             "[1,]",
                             "{\"a\"",
                             "{\"a\":",
                             "{\"a\":1",
                             "{\"a\":1,}",
                             "{a:1}",
                             "[01]",
                             "[1.]",
                             "[.5]",
                             "[+1]",
                             "[-]",
                             "[1e]",
                             "[1e+]",
                             "[tru]",
                             "[True]",
                             "[NaN]",
                             "nul",
                             "1 2",
                             "[1]]",
                             "\"",
                             "\"\\",
                             "\"\\x\"",
                             "\"\\u12\"",
                             "\"\\u12g4\"",
                             "\"\\ud800\"",
                             "\"\\udc00\"",
                             "\"\\ud800\\u0041\"",
                             "\"\xC3\"",
                             "\"\xED\xA0\x80\"",
                             "\"\x01\"",
                             "\"tab\there\"",
                             "/**/1",
                             "[1 2]",
                             "{\"a\" 1}",
                             "\xEF\xBB\xBF{}"})
        EXPECT_EQ(refusal(text).kind, Error::Kind::malformed) << text;
}

TEST(Json, refuses_a_key_that_stands_twice) {
    EXPECT_THAT(refusal(R"({"a": 1, "b": 2, "\u0061": 3})").message, HasSubstr("same key twice"));
    std::string large = "{";
    for (int i = 0; i < 1000; ++i) large += "\"k" + std::to_string(i) + "\":0,";
    JsonDocument json;
    EXPECT_TRUE(json.parse(large + "\"last\":0}"));
    EXPECT_THAT(refusal(large + "\"k500\":0}").message, HasSubstr("same key twice"));
}

TEST(Json, is_bounded_in_depth_size_and_count) {
    const std::string deep = std::string(65, '[') + std::string(65, ']');
    EXPECT_EQ(refusal(deep).kind, Error::Kind::too_large);
    JsonDocument json;
    EXPECT_TRUE(json.parse(deep.substr(1, 128)));
    EXPECT_EQ(refusal("[1,2,3]", {.values_max = 3}).kind, Error::Kind::too_large);
    EXPECT_EQ(refusal("[1,2,3]", {.bytes_max = 6}).kind, Error::Kind::too_large);
}

TEST(Json, names_the_byte_where_reading_stopped) {
    EXPECT_EQ(refusal(R"({"a": 1, "b": x})").place, "byte 14");
    EXPECT_EQ(refusal("[1, 2").place, "byte 5");
}

TEST(Json, refuses_a_document_cut_anywhere) {
    const std::string text = R"({"a":[1.5e3,true,null,"x\u0041é"],"b":{"c":-0.1}})";
    JsonDocument json;
    ASSERT_TRUE(json.parse(text));
    for (std::size_t cut = 0; cut < text.size(); ++cut)
        EXPECT_FALSE(json.parse(text.substr(0, cut))) << cut;
}

}  // namespace
}  // namespace vigil

#include "base/json_writer.hpp"

#include <gtest/gtest.h>

namespace vigil {
namespace {

TEST(JsonWriter, writes_objects_arrays_and_keeps_number_text) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("value", Decimal{100, -2}).member("n", 3).member("ok", true);
    json.key("list").begin_array().text("a").null().number(0.1).begin_object().end_object();
    json.end_array().member("t", from_unix_ns(0)).member_or_null("none", "");
    json.end_object();
    EXPECT_EQ(
        out,
        R"({"value":1.00,"n":3,"ok":true,"list":["a",null,0.1,{}],"t":"1970-01-01T00:00:00Z","none":null})");
}

TEST(JsonWriter, escapes_and_replaces_what_is_not_utf_8) {
    std::string out;
    JsonWriter(out).text("a\"\\\n\x01 é \xff\xc0\x80 \xed\xa0\x80");
    EXPECT_EQ(out, "\"a\\\"\\\\\\u000a\\u0001 é \uFFFD\uFFFD\uFFFD \uFFFD\uFFFD\uFFFD\"");
}

TEST(JsonWriter, what_is_not_a_number_is_null) {
    std::string out;
    JsonWriter(out).begin_array().number(std::numeric_limits<double>::quiet_NaN()).end_array();
    EXPECT_EQ(out, "[null]");
}

}  // namespace
}  // namespace vigil

#include "share/api/csv.hpp"

#include <gtest/gtest.h>

namespace vigil::share {
namespace {

std::string field(std::string_view text) {
    std::string out;
    append_csv_field(out, text);
    return out;
}

TEST(Csv, quotes_what_would_end_a_field) {
    EXPECT_EQ(field("plain"), "plain");
    EXPECT_EQ(field("a,b"), "\"a,b\"");
    EXPECT_EQ(field("say \"hi\""), "\"say \"\"hi\"\"\"");
    EXPECT_EQ(field("two\r\nlines"), "\"two\r\nlines\"");
    std::string record;
    append_csv_record(record, {"a", "", "b"});
    EXPECT_EQ(record, "a,,b\r\n");
}

TEST(Csv, what_a_spreadsheet_would_run_becomes_text) {
    for (const auto* text : {"=1+1",    "=cmd|' /C calc'!A0",
                             "@SUM(1)", "+1+1",
                             "-1+1",    "-2+3+cmd|' /C calc'!A0",
                             "+A1",     "-A1",
                             "+",       "-",
                             "--1",     "-inf",
                             "+nan",    "\t=1",
                             "\r=1",    "\n=1",
                             "\uFF1D1", "\uFF0B1",
                             "\uFF0D1", "\uFF20A"}) {
        const auto written = field(text);
        EXPECT_TRUE(written.starts_with("\"'")) << text << " is " << written;
        EXPECT_TRUE(written.ends_with('"')) << written;
    }
}

TEST(Csv, a_number_stays_one) {
    for (const auto* text : {"-5.2", "+1", "-0", "-1e-3", "+1.50", "36.6", "0", "1e9"})
        EXPECT_EQ(field(text), text);
}

}  // namespace
}  // namespace vigil::share

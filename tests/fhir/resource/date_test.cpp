#include "fhir/resource/date.hpp"

#include <gtest/gtest.h>

namespace vigil::fhir {
namespace {

struct Case {
    const char *text, *start, *end;
};

class Dates : public testing::TestWithParam<Case> {};

TEST_P(Dates, stand_for_the_whole_time_they_may_mean) {
    const auto span = read_date(GetParam().text);
    ASSERT_TRUE(span) << span.error().message;
    EXPECT_EQ(format_rfc3339(span->start), GetParam().start);
    EXPECT_EQ(format_rfc3339(span->end), GetParam().end);
}

INSTANTIATE_TEST_SUITE_P(
    Dates, Dates,
    testing::Values(
        Case{"2024", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"},
        Case{"2024-02", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"},
        Case{"2024-12", "2024-12-01T00:00:00Z", "2025-01-01T00:00:00Z"},
        Case{"2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"},
        Case{"2024-02-29T10:30", "2024-02-29T10:30:00Z", "2024-02-29T10:31:00Z"},
        Case{"2024-02-29T10:30+02:00", "2024-02-29T08:30:00Z", "2024-02-29T08:31:00Z"},
        Case{"2024-02-29T10:30:15Z", "2024-02-29T10:30:15Z", "2024-02-29T10:30:16Z"},
        Case{"2024-02-29T10:30:15-05:00", "2024-02-29T15:30:15Z", "2024-02-29T15:30:16Z"},
        Case{"2024-02-29T10:30:15.25Z", "2024-02-29T10:30:15.25Z", "2024-02-29T10:30:15.26Z"},
        Case{"2024-02-29T10:30:15", "2024-02-29T10:30:15Z", "2024-02-29T10:30:16Z"}));

TEST(Dates, that_do_not_exist_are_refused) {
    for (const auto* text : {"", "24", "2024-", "2024-13", "2024-00", "2023-02-29", "2024-02-30",
                             "2024-2-1", "20240229", "2024-02-29T", "2024-02-29T25:00:00Z", "0000",
                             "2024-02-29T10", "9999-01-01", "yesterday", "2024-02-29 10:30"})
        EXPECT_FALSE(read_date(text)) << text;
}

}  // namespace
}  // namespace vigil::fhir

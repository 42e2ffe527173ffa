#include "base/time.hpp"

#include <gtest/gtest.h>

namespace vigil {
namespace {

TEST(Time, reads_and_writes_rfc_3339) {
    for (const auto* text :
         {"2026-03-01T12:00:00Z", "2026-03-01T12:00:00.5Z", "1999-12-31T23:59:59.999999999Z"})
        EXPECT_EQ(format_rfc3339(parse_rfc3339(text)->instant), text);
    const auto time = parse_rfc3339("2026-03-01T14:30:00+02:30");
    EXPECT_EQ(format_rfc3339(time->instant), "2026-03-01T12:00:00Z");
    EXPECT_EQ(format_rfc3339(time->instant, time->offset_minutes), "2026-03-01T14:30:00+02:30");
    EXPECT_EQ(format_rfc3339(parse_rfc3339("2026-03-01T00:00:00-05:00")->instant, -300),
              "2026-03-01T00:00:00-05:00");
}

TEST(Time, refuses_what_is_no_instant) {
    for (const auto* text :
         {"", "2026-03-01", "2026-03-01T12:00:00", "2026-02-30T00:00:00Z", "2026-03-01T24:00:00Z",
          "2026-03-01T12:00:00.Z", "2026-03-01T12:00:00+15:00", "2026-03-01T12:00:00Zx",
          "9999-01-01T00:00:00Z"})
        EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(Time, durations) {
    EXPECT_EQ(*parse_duration("90s"), std::chrono::seconds(90));
    EXPECT_EQ(*parse_duration("250ms"), std::chrono::milliseconds(250));
    for (const auto* text : {"", "5", "-5s", "5 s", "99999999999d", "1y"})
        EXPECT_FALSE(parse_duration(text)) << text;
}

}  // namespace
}  // namespace vigil

#include "fhir/deidentify/event_time.hpp"

#include "fhir/deidentify/given.hpp"

namespace vigil::fhir::deidentify {
namespace {

std::string since(std::string_view first, std::string_view time) {
    const auto between = offset(*event_time(first), *event_time(time));
    if (!between) return "not told";
    return std::string(between->is_before ? "-" : "") + between->value +
           (between->is_days ? " d" : " s");
}

TEST(EventTime, is_a_day_at_least) {
    EXPECT_TRUE(event_time("2026-03-01"));
    EXPECT_TRUE(event_time("2026-03-01T12:00:00.5+01:00")->has_time);
    for (const auto none : {"2026", "2026-03", "2026-02-30", "yesterday", "", "2026-03-01T12:00"})
        EXPECT_FALSE(event_time(none)) << none;
}

TEST(EventTime, moves_by_whole_days_and_keeps_the_time_of_day) {
    EXPECT_EQ(moved("2026-03-01T23:59:59.125+01:00", -1), "2026-02-28T23:59:59.125+01:00");
    EXPECT_EQ(moved("2024-03-01", -1), "2024-02-29");
    EXPECT_EQ(moved("2026-01-01T00:00:00Z", -365), "2025-01-01T00:00:00Z");
    EXPECT_EQ(moved("2026-03", -20), "2026-02") << "the month that its middle falls into";
    EXPECT_EQ(moved("2026", -300), "2025");
    EXPECT_EQ(moved("soon", -1), "");
    EXPECT_EQ(moved("1678-01-01", -365), "");
}

TEST(EventTime, intervals_stay_exact) {
    const char* times[] = {"2026-03-28T23:30:00+01:00", "2026-03-29T04:15:00.25+02:00",
                           "2024-02-29T12:00:00Z", "2025-12-31T23:59:59.999999Z"};
    for (const int days : {1, 59, 365, 3653})
        for (const auto* one : times)
            for (const auto* other : times)
                EXPECT_EQ(at(moved(one, -days)) - at(moved(other, -days)), at(one) - at(other));
}

TEST(EventTime, is_told_as_time_since_the_first) {
    EXPECT_EQ(since("2026-03-01T08:00:00Z", "2026-03-01T08:00:00Z"), "0 s");
    EXPECT_EQ(since("2026-03-01T08:00:00Z", "2026-03-01T10:00:00.25+01:00"), "3600.25 s");
    EXPECT_EQ(since("2026-03-01", "2026-03-03T08:00:00Z"), "2 d") << "no hour where a day is all";
    EXPECT_EQ(since("2026-03-03", "2026-03-01"), "-2 d");
    EXPECT_EQ(since("1935-01-01", "2024-12-29"), "32870 d") << "just under 90 years";
    EXPECT_EQ(since("1935-01-01", "2025-01-02"), "not told") << "whoever was born before is 90";
}

TEST(EventTime, age_counts_birthdays) {
    EXPECT_EQ(age_at("1936-11-27", at("2026-11-26")), 89);
    EXPECT_EQ(age_at("1936-11-27", at("2026-11-27")), 90);
    EXPECT_EQ(age_at("1936", at("2026-01-01")), 90) << "as old as they may be";
    EXPECT_EQ(age_at("1936-11", at("2026-11-01")), 90);
    EXPECT_EQ(age_at("2027-01-01", at("2026-11-27")), std::nullopt);
    EXPECT_EQ(age_at("long ago", at("2026-11-27")), std::nullopt);
}

}  // namespace
}  // namespace vigil::fhir::deidentify

#include "simulate/scenario.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigil::simulate {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const Timestamp start = from_unix_ns(1'792'749'600'000'000'000);

struct State {
    Quantities offsets;
    Rhythm rhythm = Rhythm::sinus;
    Attachments attachments;
};

State state_at(Course& course, Nanoseconds after) {
    State state;
    course.advance(start + after, state.offsets, state.rhythm, state.attachments);
    return state;
}

TEST(Scenario, reads_moments_and_what_changes_then) {
    const auto read = parse_scenarios(
        "# a comment\n"
        "scenario fall: Oxygen falls\n"
        "  0s over 2m saturation -16 heart_rate +10.5  # and a remark\n"
        "  90s rhythm asystole leads off link down\n"
        "scenario both: Twice\n"
        "  1m play fall\n"
        "  0s play asystole\n");
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->size(), 2U);
    const auto& fall = read->front();
    EXPECT_EQ(fall.name, "fall");
    EXPECT_EQ(fall.description, "Oxygen falls");
    ASSERT_EQ(fall.steps.size(), 2U);
    EXPECT_EQ(fall.steps[0].over, minutes(2));
    EXPECT_EQ(fall.steps[0].changes[1].offset, 10.5);
    EXPECT_EQ(fall.steps[1].rhythm, Rhythm::asystole);
    EXPECT_EQ(fall.steps[1].leads, false);
    EXPECT_EQ(fall.steps[1].link, false);
    EXPECT_EQ(fall.steps[1].probe, std::nullopt);
    EXPECT_EQ(read->back().steps.front().at, seconds(0)) << "what is played is put in order";
}

TEST(Scenario, that_cannot_be_read_says_where) {
    for (const auto* text :
         {"0s heart_rate +1\n", "scenario x\n", "scenario x: y\n later heart_rate +1\n",
          "scenario x: y\n 0s heart_rate\n", "scenario x: y\n 0s hart_rate +1\n",
          "scenario x: y\n 0s heart_rate fast\n", "scenario x: y\n 0s rhythm waltz\n",
          "scenario x: y\n 0s leads maybe\n", "scenario x: y\n 0s play nothing_like_it\n",
          "scenario x: y\n 400d heart_rate +1\n",
          "scenario w: v\n 300d heart_rate +1\nscenario x: y\n 300d play w\n",
          "scenario x: y\n 0s over 3m\n", "scenario x: y\n 0s\n", "scenario x: y\n 0s play x\n"}) {
        const auto read = parse_scenarios(text);
        ASSERT_FALSE(read) << text;
        EXPECT_THAT(read.error().place, testing::StartsWith("line ")) << text;
    }
}

TEST(Scenario, built_in_ones_all_end_where_they_began) {
    EXPECT_GE(built_in_scenarios().size(), 15U);
    for (const auto& scenario : built_in_scenarios()) {
        EXPECT_FALSE(scenario.description.empty());
        Course course(scenario, start);
        const auto end = state_at(course, std::chrono::hours(2));
        EXPECT_TRUE(course.over(start + std::chrono::hours(2))) << scenario.name;
        EXPECT_EQ(end.rhythm, Rhythm::sinus) << scenario.name;
        EXPECT_TRUE(end.attachments.leads && end.attachments.probe && end.attachments.link)
            << scenario.name;
    }
}

TEST(Course, moves_in_a_straight_line_and_holds) {
    const auto read =
        parse_scenarios("scenario s: x\n 10s over 20s saturation -10\n 1m over 10s saturation 0\n");
    Course course(read->front(), start);
    const auto saturation = [&](int second) {
        return state_at(course, seconds(second)).offsets[Quantity::saturation];
    };
    EXPECT_EQ(saturation(0), 0);
    EXPECT_DOUBLE_EQ(saturation(20), -5);
    EXPECT_EQ(saturation(30), -10);
    EXPECT_EQ(saturation(59), -10);
    EXPECT_DOUBLE_EQ(saturation(65), -5);
    EXPECT_EQ(saturation(70), 0);
    EXPECT_TRUE(course.over(start + seconds(70)));
}

TEST(Course, a_ramp_that_is_overtaken_goes_on_from_where_it_is) {
    const auto read =
        parse_scenarios("scenario s: x\n 0s over 20s systolic -20\n 10s over 10s systolic +10\n");
    Course course(read->front(), start);
    EXPECT_DOUBLE_EQ(state_at(course, seconds(10)).offsets[Quantity::systolic], -10);
    EXPECT_DOUBLE_EQ(state_at(course, seconds(15)).offsets[Quantity::systolic], 0);
}

TEST(Scenario, together_is_both) {
    const auto both =
        together(*find_scenario("desaturation"), *find_scenario("asystole"), minutes(1));
    EXPECT_EQ(both.steps.size(), find_scenario("desaturation")->steps.size() +
                                     find_scenario("asystole")->steps.size());
    Course course(both, start);
    const auto state = state_at(course, seconds(75));
    EXPECT_EQ(state.rhythm, Rhythm::asystole);
    EXPECT_LT(state.offsets[Quantity::saturation], -5);
}

}  // namespace
}  // namespace vigil::simulate

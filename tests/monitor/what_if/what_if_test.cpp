#include "monitor/what_if/what_if.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "monitor/alarms/bed.hpp"

namespace vigil::monitor {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

// An hour of SpO2 at 1 Hz: 97, with dips of a depth and a length (seconds) at given seconds.
struct Dip {
    std::int64_t at, value, length;
};
class Recording {
public:
    explicit Recording(std::vector<Dip> dips) {
        for (std::int64_t s = 0; s < 3'600; ++s) {
            std::int64_t value = 97;
            for (const auto& dip : dips)
                if (s >= dip.at && s < dip.at + dip.length) value = dip.value;
            readings_.push_back({DeviceId{1}, numeric("spo2", {value, 0}, Bed::time(s))});
        }
    }
    NextReading next() const {
        return [this, at = std::size_t{0}]() mutable -> std::optional<PastReading> {
            if (at == readings_.size()) return std::nullopt;
            return readings_[at++];
        };
    }

private:
    std::vector<PastReading> readings_;
};

Configuration with(std::vector<LimitEdit> edits) {
    const auto& tables = the_tables();
    Configuration out{.settings = tables.limits.defaults(AgeClass::adult)};
    for (const auto& change : edits)
        out.settings[*tables.limits.row_of(change.condition)] =
            edited(change, out.settings, tables.limits, tables.conditions, tables.catalogue)
                .value();
    return out;
}

// Three short dips below 90, a long one at 87, and one that kills.
const Recording hour(
    {{100, 88, 10}, {300, 89, 20}, {500, 89, 18}, {900, 87, 60}, {2'000, 70, 120}});

TEST(WhatIf, says_which_alarms_are_saved_and_what_they_cost) {
    const auto before = with({{.condition = condition("spo2_low"), .on_delay = 5s}});
    const auto after = with({{.condition = condition("spo2_low"), .limit = Decimal{88, 0}}});
    const auto result = what_if(the_tables(), before, after, hour.next());
    ASSERT_TRUE(result);
    EXPECT_EQ(result->readings, 3'600U);
    EXPECT_EQ(result->alarms_before(), 6U);
    EXPECT_EQ(result->alarms_after(), 2U);
    EXPECT_EQ(result->missed(), 4U);
    ASSERT_EQ(result->conditions.size(), 2U);
    const auto& desaturation = result->conditions[0];
    EXPECT_EQ(desaturation.condition, condition("spo2_desaturation"));
    EXPECT_EQ(desaturation.missed, 0U);
    EXPECT_EQ(desaturation.later_max, 0ns);
    const auto& low = result->conditions[1];
    EXPECT_EQ(low.alarms_before, 5U);
    EXPECT_EQ(low.alarms_after, 1U);
    EXPECT_EQ(low.later_median, 10s);
}

TEST(WhatIf, says_when_what_really_happened_was_detected) {
    const auto before = with({});
    auto after = with({});
    after.rules.push_back({.condition = ConditionId{0x8001},
                           .name = "early",
                           .text = "spo2 < 80 for 3 s",
                           .priority = AlarmPriority::high});
    const auto result =
        what_if(the_tables(), before, after, hour.next(),
                {{Bed::time(2'000), Bed::time(2'120), "airway", {}},
                 {Bed::time(100), Bed::time(110), "movement", {}},
                 {Bed::time(900), Bed::time(960), "apnoea", {condition("apnoea")}}});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->events[0].detected_before, 10s);
    EXPECT_EQ(result->events[0].detected_after, 3s);
    EXPECT_FALSE(result->events[1].detected_before);
    EXPECT_FALSE(result->events[2].detected_after) << "another condition does not tell of it";
}

TEST(WhatIf, of_the_same_twice_is_no_difference) {
    const auto result = what_if(the_tables(), with({}), with({}), hour.next());
    EXPECT_EQ(result->alarms_before(), result->alarms_after());
    EXPECT_EQ(result->missed(), 0U);
    for (const auto& c : result->conditions) EXPECT_EQ(c.sounding_before, c.sounding_after);
}

TEST(WhatIf, refuses_what_it_cannot_run) {
    auto wrong = with({});
    wrong.rules.push_back({.condition = ConditionId{0x8001}, .text = "spo2 <"});
    EXPECT_FALSE(what_if(the_tables(), with({}), wrong, hour.next()));
    EXPECT_FALSE(what_if(the_tables(), {}, with({}), hour.next()));
    EXPECT_EQ(what_if(the_tables(), with({}), with({}), [] { return std::nullopt; })->readings, 0U);
}

TEST(DryRun, says_when_a_rule_would_have_held) {
    const auto rule = parse_rule("spo2 < 88 for 5 s", the_catalogue());
    const auto result = dry_run(*rule, the_catalogue(), hour.next());
    EXPECT_THAT(result.spans, ElementsAre(RuleSpan{Bed::time(905), Bed::time(960)},
                                          RuleSpan{Bed::time(2'005), Bed::time(2'120)}));
    EXPECT_EQ(result.held, 170s);
    EXPECT_EQ(result.looked_at, 3'599s);
    EXPECT_EQ(result.readings, 3'600U);
}

}  // namespace
}  // namespace vigil::monitor

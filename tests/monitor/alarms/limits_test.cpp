// The tables of conditions and limits, changing limits, profiles of units, ages, proposals.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "monitor/alarms/age_class.hpp"
#include "monitor/alarms/auto_limits.hpp"
#include "monitor/alarms/bed.hpp"
#include "monitor/alarms/unit_profiles.hpp"

namespace vigil::monitor {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ConditionTable, every_row_is_whole_and_suppression_is_closed) {
    const auto& table = the_tables().conditions;
    std::set<std::uint16_t> ids;
    for (const auto& c : table.all()) {
        EXPECT_TRUE(ids.insert(c.id.value).second) << c.key;
        EXPECT_LT(c.id.value, site_conditions_from);
        EXPECT_FALSE(c.display.empty() || c.definition.empty() || c.source.empty()) << c.key;
        EXPECT_EQ(table.find(c.key), &c) << "one row for each key";
        for (const auto by : c.suppressed_by) {
            const auto& severe = *table.find(by);
            EXPECT_NE(by, c.id);
            EXPECT_GE(severe.priority, c.priority) << c.key << " behind " << severe.key;
            EXPECT_EQ(severe.condition_class, c.condition_class) << c.key;
            for (const auto further : severe.suppressed_by)
                EXPECT_NE(std::ranges::find(c.suppressed_by, further), c.suppressed_by.end())
                    << c.key << " lacks what suppresses " << severe.key;
        }
    }
    EXPECT_EQ(table.find(ConditionId{9'999}), nullptr);
    EXPECT_EQ(table.find("no such"), nullptr);
}

TEST(ConditionTable, what_kills_in_minutes_is_high_latches_and_cannot_be_switched_off) {
    for (const auto* key :
         {"asystole", "ventricular_fibrillation", "sustained_ventricular_tachycardia", "apnoea",
          "spo2_no_pulse", "spo2_desaturation"}) {
        const auto& c = *the_tables().conditions.find(key);
        EXPECT_EQ(c.priority, AlarmPriority::high) << key;
        EXPECT_TRUE(c.latching) << key;
        EXPECT_FALSE(c.can_switch_off) << key;
    }
}

TEST(LimitTable, defaults_are_those_of_the_makers) {
    const auto value = [](const char* key, AgeClass age) {
        const auto& limits = the_tables().limits;
        return to_string(limits.defaults(age)[*limits.row_of(condition(key))].limit.limit);
    };
    EXPECT_EQ(value("heart_rate_low", AgeClass::adult), "50");
    EXPECT_EQ(value("heart_rate_high", AgeClass::paediatric), "160");
    EXPECT_EQ(value("heart_rate_high", AgeClass::neonate), "200");
    EXPECT_EQ(value("spo2_low", AgeClass::neonate), "85");
    EXPECT_EQ(value("spo2_desaturation", AgeClass::adult), "80");
    EXPECT_EQ(value("nibp_sys_high", AgeClass::adult), "160");
    EXPECT_EQ(value("nibp_dia_low", AgeClass::neonate), "20");
    EXPECT_EQ(value("temperature_low", AgeClass::neonate), "36.0");
}

TEST(LimitTable, every_default_is_one_that_could_be_set) {
    const auto& tables = the_tables();
    for (const auto age : {AgeClass::adult, AgeClass::paediatric, AgeClass::neonate}) {
        const auto settings = tables.limits.defaults(age);
        for (std::size_t i = 0; i < settings.size(); ++i) {
            const auto& row = tables.limits.rows()[i];
            EXPECT_FALSE(row.source.empty());
            for (const auto metric : row.metrics)
                EXPECT_EQ(tables.catalogue.at(metric).unit,
                          tables.catalogue.at(row.metrics.front()).unit);
            const auto same = edited({.condition = row.condition, .limit = settings[i].limit.limit},
                                     settings, tables.limits, tables.conditions, tables.catalogue);
            ASSERT_TRUE(same) << tables.conditions.find(row.condition)->key << ": "
                              << same.error().message;
            EXPECT_EQ(*same, settings[i]);
        }
    }
}

Result<LimitSetting> edit(LimitEdit change) {
    return edited(change, the_tables().limits.defaults(AgeClass::adult), the_tables().limits,
                  the_tables().conditions, the_catalogue());
}

TEST(LimitEdit, refuses_what_would_hide_a_danger) {
    const auto refused = [](LimitEdit change, std::string_view place) {
        const auto after = edit(change);
        ASSERT_FALSE(after) << place;
        EXPECT_EQ(after.error().place, place) << after.error().message;
    };
    refused({.condition = condition("spo2_desaturation"), .limit = Decimal{91, 0}}, "limit");
    refused({.condition = condition("spo2_low"), .limit = Decimal{79, 0}}, "limit");
    refused({.condition = condition("heart_rate_low"), .limit = Decimal{120, 0}}, "limit");
    refused({.condition = condition("extreme_tachycardia"), .limit = Decimal{110, 0}}, "limit");
    refused({.condition = condition("heart_rate_high"), .limit = Decimal{400, 0}}, "limit");
    refused({.condition = condition("spo2_low"), .on_delay = 16s}, "on_delay_ns");
    refused({.condition = condition("apnoea"), .on_delay = 1s}, "on_delay_ns");
    refused({.condition = condition("apnoea"), .limit = Decimal{22, 0}}, "limit");
    refused({.condition = condition("apnoea"), .limit = Decimal{45, 0}}, "limit");
    refused({.condition = condition("apnoea"), .enabled = false}, "enabled");
    refused({.condition = condition("spo2_desaturation"), .priority = AlarmPriority::low},
            "priority");
    refused({.condition = condition("spo2_low"), .hysteresis = Decimal{11, 0}}, "hysteresis");
    refused({.condition = condition("spo2_low"), .hysteresis = Decimal{-1, 0}}, "hysteresis");
    refused({.condition = condition("asystole"), .limit = Decimal{9, 0}}, "condition");
}

TEST(LimitEdit, allows_the_rest_and_says_what_was_before) {
    const auto after = edit({.condition = condition("spo2_low"),
                             .limit = Decimal{88, 0},
                             .on_delay = 10s,
                             .priority = AlarmPriority::high});
    ASSERT_TRUE(after);
    const auto& limits = the_tables().limits;
    EXPECT_EQ(
        difference(limits.defaults(AgeClass::adult)[*limits.row_of(condition("spo2_low"))], *after),
        "limit 90 → 88, on delay 15 s → 10 s, priority medium → high");
    EXPECT_TRUE(edit({.condition = condition("apnoea"), .limit = Decimal{15, 0}}));
    EXPECT_TRUE(edit({.condition = condition("spo2_high"), .enabled = false}));
}

class UnitProfilesTest : public testing::Test {
protected:
    UnitProfilesTest() { at(1); }
    void at(std::uint64_t offset) { events.begin({{0, offset}, Bed::time(0)}); }
    Decimal limit(const char* unit = "ICU 1") {
        return profiles.settings(unit, AgeClass::adult)[*the_tables().limits.row_of(hr)]
            .limit.limit;
    }
    Result<void> propose(Decimal to, std::string_view by = "dr") {
        at(++position);
        return profiles.propose("ICU 1", AgeClass::adult, {.condition = hr, .limit = to},
                                {by, "our patients"}, events);
    }
    Result<void> confirm(std::string_view by) {
        at(++position);
        return profiles.confirm(profiles.proposals().front().id, {by, "agreed"}, events);
    }

    ConditionId hr = condition("heart_rate_high");
    UnitProfiles profiles{the_catalogue(), the_tables().conditions, the_tables().limits};
    EventRecorder events{Subject{}};
    std::uint64_t position = 1;
};

TEST_F(UnitProfilesTest, a_changed_default_waits_for_a_second_person) {
    ASSERT_TRUE(propose({130, 0}));
    EXPECT_EQ(limit(), (Decimal{120, 0}));
    EXPECT_EQ(confirm("dr").error().kind, Error::Kind::forbidden);
    EXPECT_EQ(limit(), (Decimal{120, 0}));
    ASSERT_TRUE(confirm("matron"));
    EXPECT_EQ(limit(), (Decimal{130, 0}));
    EXPECT_EQ(limit("ICU 2"), (Decimal{120, 0}));
    const auto said = events.take();
    ASSERT_EQ(said.size(), 2U);
    EXPECT_EQ(said[0].type, EventType::profile_proposed);
    EXPECT_EQ(said[0].detail, "ICU 1, adult: limit 120 → 130");
    EXPECT_EQ(said[1].actor, "matron");
    EXPECT_THAT(said[1].detail, HasSubstr("proposed by dr"));
    EXPECT_THAT(profiles.proposals(), IsEmpty());
}

TEST_F(UnitProfilesTest, one_may_be_rejected_and_none_that_is_dangerous_is_taken) {
    EXPECT_FALSE(propose({40, 0})) << "below the low limit";
    EXPECT_FALSE(propose({120, 0})) << "that is how it is";
    ASSERT_TRUE(propose({130, 0}));
    ASSERT_TRUE(profiles.reject(profiles.proposals().front().id, {"dr", "a typing error"}, events));
    EXPECT_EQ(limit(), (Decimal{120, 0}));
}

TEST_F(UnitProfilesTest, later_changes_stand_over_earlier_ones) {
    ASSERT_TRUE(propose({130, 0}));
    ASSERT_TRUE(confirm("matron"));
    at(++position);
    ASSERT_TRUE(profiles.propose("ICU 1", AgeClass::adult, {.condition = hr, .on_delay = 10s},
                                 {"dr", "flood"}, events));
    ASSERT_TRUE(confirm("matron"));
    const auto setting =
        profiles.settings("ICU 1", AgeClass::adult)[*the_tables().limits.row_of(hr)];
    EXPECT_EQ(setting.limit.limit, (Decimal{130, 0}));
    EXPECT_EQ(setting.limit.on_delay, 10s);
}

TEST_F(UnitProfilesTest, acts_change_them_and_a_snapshot_keeps_them) {
    const auto act = [&](std::string by, AlarmAct::Body body) {
        at(++position);
        return profiles.on_act({Bed::time(0), std::move(by), "our patients", std::move(body)},
                               events);
    };
    const ProfileChangeProposed change{
        "ICU 1", AgeClass::adult, {.condition = hr, .limit = Decimal{130, 0}}};
    ASSERT_TRUE(act("dr", change));
    const ProfileChangeDecided yes{profiles.proposals().front().id, true};
    EXPECT_FALSE(act("dr", yes));
    EXPECT_EQ(events.events().back().type, EventType::refused);
    const auto waiting = profiles.snapshot();
    ASSERT_TRUE(act("matron", yes));
    const auto confirmed = profiles.snapshot();
    ASSERT_TRUE(profiles.restore(waiting));
    EXPECT_EQ(limit(), (Decimal{120, 0}));
    EXPECT_EQ(profiles.proposals().size(), 1U);
    ASSERT_TRUE(profiles.restore(confirmed));
    EXPECT_EQ(limit(), (Decimal{130, 0}));
    for (std::size_t cut = 0; cut < confirmed.size(); ++cut)
        EXPECT_FALSE(profiles.restore(confirmed.substr(0, cut)));
    EXPECT_EQ(limit(), (Decimal{130, 0}));
    EXPECT_FALSE(act("dr", AlarmReset{}));
}

TEST(AgeClass, follows_the_birth_date_as_far_as_it_is_known) {
    const auto now = parse_rfc3339("2026-11-27T12:00:00Z")->instant;
    EXPECT_EQ(age_class("1957-02-03", now), AgeClass::adult);
    EXPECT_EQ(age_class("2026-11-20", now), AgeClass::neonate);
    EXPECT_EQ(age_class("2026-10-30", now), AgeClass::neonate) << "28 days";
    EXPECT_EQ(age_class("2026-10-29", now), AgeClass::paediatric);
    EXPECT_EQ(age_class("2008-11-27", now), AgeClass::adult) << "18 today";
    EXPECT_EQ(age_class("2008-11-28", now), AgeClass::paediatric);
    EXPECT_EQ(age_class("2026-11", now), AgeClass::neonate);
    EXPECT_EQ(age_class("2026-11-28", now), AgeClass::neonate) << "born today where the day is on";
    EXPECT_FALSE(age_class("2026-11-29", now)) << "no place on earth is so far ahead";
    EXPECT_EQ(age_class("2000", now), AgeClass::adult);
    for (const auto* unknown : {"", "2008", "2026-10", "2026", "2030-01-01", "2008-13-01",
                                "2008-02-30", "yesterday", "20080101xx", "-200-01-01"})
        EXPECT_FALSE(age_class(unknown, now)) << unknown;
}

class AutoLimits : public testing::Test {
protected:
    static std::string propose(const char* metric, Decimal value, const char* limit,
                               AgeClass age = AgeClass::adult) {
        const PresentValue present{the_catalogue().find(metric)->id, value};
        for (const auto& p : propose_limits(std::span(&present, 1), age, the_tables().limits,
                                            the_tables().conditions))
            if (p.condition == condition(limit)) return p.limit ? to_string(*p.limit) : p.refused;
        return "none";
    }
};

TEST_F(AutoLimits, are_those_of_the_worked_examples) {
    EXPECT_EQ(propose("heart_rate", {80, 0}, "heart_rate_low"), "64");
    EXPECT_EQ(propose("heart_rate", {80, 0}, "heart_rate_high"), "100");
    EXPECT_EQ(propose("nibp_sys", {120, 0}, "nibp_sys_low"), "91.6");
    EXPECT_EQ(propose("nibp_sys", {120, 0}, "nibp_sys_high"), "141.2");
    EXPECT_EQ(propose("heart_rate", {45, 0}, "heart_rate_low"), "40");
    EXPECT_EQ(propose("temp_body", {371, -1}, "temperature_high"), "37.6");
    EXPECT_EQ(propose("heart_rate", {150, 0}, "heart_rate_high", AgeClass::neonate), "190");
    EXPECT_EQ(propose("etco2", {40, 0}, "etco2_low"), "34");
    EXPECT_EQ(propose("spo2", {97, 0}, "spo2_low"), "none");
}

TEST_F(AutoLimits, refuse_a_band_that_does_not_hold_the_value) {
    EXPECT_THAT(propose("resp_rate", {36, 0}, "resp_rate_high"), HasSubstr("would not hold"));
    EXPECT_EQ(propose("resp_rate", {36, 0}, "resp_rate_low"), "18");
    EXPECT_THAT(propose("heart_rate", {250, 0}, "heart_rate_high"), HasSubstr("would not hold"));
    EXPECT_THAT(propose("etco2", {60, 0}, "etco2_high"), HasSubstr("no formula"));
}

}  // namespace
}  // namespace vigil::monitor

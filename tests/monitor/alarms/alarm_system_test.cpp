#include "monitor/alarms/alarm_system.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "monitor/alarms/stage.hpp"

namespace vigil::monitor {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Signals heard_and_seen{true, true}, seen{true, false}, nothing{false, false};

TEST(AlarmSystem, a_condition_is_one_alarm_however_often_it_is_reported) {
    AlarmStage ward;
    ward.onset("spo2_low");
    ward.onset("spo2_low");
    EXPECT_THAT(ward.said(), ElementsAre("0 onset spo2_low"));
    EXPECT_EQ(ward.signals("spo2_low"), heard_and_seen);
    EXPECT_EQ(ward.alarm("spo2_low").told, recipients::bed | recipients::central);
}

TEST(AlarmSystem, a_non_latching_alarm_ends_with_its_condition) {
    AlarmStage ward;
    ward.onset("spo2_low");
    const auto first = ward.alarm("spo2_low").id;
    ward.end("spo2_low");
    EXPECT_FALSE(ward.stands("spo2_low"));
    ward.onset("spo2_low");
    EXPECT_NE(ward.alarm("spo2_low").id, first) << "one alarm id per onset";
    EXPECT_THAT(ward.said(),
                ElementsAre("0 onset spo2_low", "0 ended spo2_low", "0 onset spo2_low"));
}

TEST(AlarmSystem, a_latching_alarm_stays_seen_until_somebody_acknowledges_it) {
    AlarmStage ward;
    ward.onset("asystole");
    ward.end("asystole");
    EXPECT_EQ(ward.alarm("asystole").state, AlarmState::latched);
    EXPECT_EQ(ward.signals("asystole"), seen);
    ASSERT_TRUE(ward.acknowledge("asystole"));
    EXPECT_FALSE(ward.stands("asystole"));
    EXPECT_THAT(ward.said(),
                ElementsAre("0 onset asystole", "0 latched asystole", "0 reset asystole"));
}

TEST(AlarmSystem, a_latched_alarm_whose_condition_comes_back_is_the_same_alarm_again) {
    AlarmStage ward;
    ward.onset("asystole");
    const auto first = ward.alarm("asystole").id;
    ward.end("asystole");
    ward.onset("asystole");
    EXPECT_EQ(ward.alarm("asystole").id, first);
    EXPECT_EQ(ward.alarm("asystole").episode, 2U);
    EXPECT_EQ(ward.signals("asystole"), heard_and_seen);
}

TEST(AlarmSystem, acknowledging_stops_the_sound_of_that_alarm_only) {
    AlarmStage ward;
    ward.onset("asystole");
    ward.onset("spo2_low");
    ward.onset("spo2_low", 2);
    ASSERT_TRUE(ward.acknowledge("asystole"));
    EXPECT_EQ(ward.signals("asystole"), seen);
    EXPECT_EQ(ward.signals("spo2_low"), heard_and_seen);
    EXPECT_EQ(ward.system.signals(ward.alarm("spo2_low", 2)), heard_and_seen);
}

TEST(AlarmSystem, an_acknowledged_alarm_sounds_again_if_the_condition_lasts) {
    AlarmStage ward;
    ward.onset("asystole");
    ASSERT_TRUE(ward.acknowledge("asystole"));
    ward.said();
    ward.run_to(119);
    EXPECT_THAT(ward.said(), IsEmpty());
    ward.run_to(120);
    EXPECT_THAT(ward.said(), ElementsAre("120 re-alarmed asystole"));
    EXPECT_EQ(ward.signals("asystole"), heard_and_seen);
    ward.run_to(150);
    EXPECT_THAT(ward.said(), ElementsAre("150 told asystole")) << "and is escalated from anew";
}

TEST(AlarmSystem, an_acknowledged_alarm_ends_with_its_condition_latching_or_not) {
    AlarmStage ward;
    ward.onset("asystole");
    ASSERT_TRUE(ward.acknowledge("asystole"));
    ward.end("asystole");
    EXPECT_FALSE(ward.stands("asystole"));
}

TEST(AlarmSystem, of_two_acknowledgements_the_first_wins_and_the_second_is_told_who) {
    AlarmStage ward;
    ward.onset("asystole");
    ward.run_to(5);
    ASSERT_TRUE(ward.acknowledge("asystole", "nia"));
    const auto second_one = ward.acknowledge("asystole", "ben");
    ASSERT_FALSE(second_one);
    EXPECT_EQ(second_one.error().kind, Error::Kind::conflict);
    EXPECT_EQ(second_one.error().message, "acknowledged by nia at 1970-01-01T00:00:05Z");
    EXPECT_EQ(ward.alarm("asystole").acknowledged_by, "nia");
}

TEST(AlarmSystem, a_stale_screen_acknowledges_nothing_that_it_has_not_shown) {
    AlarmStage ward;
    ward.onset("asystole");
    const auto first = ward.alarm("asystole").id;
    ward.end("asystole");
    ward.onset("asystole");
    EXPECT_THAT(ward.acknowledge(first, 1, AlarmPriority::high).error().message,
                HasSubstr("began again"));
    ward.onset("spo2_low");
    const auto spo2 = ward.alarm("spo2_low").id;
    ward.system.set_priority(ward.key("spo2_low"), AlarmPriority::high, {by_system, "a test"},
                             ward.events);
    EXPECT_THAT(ward.acknowledge(spo2, 1, AlarmPriority::medium).error().message,
                HasSubstr("priority is high"));
    ASSERT_TRUE(ward.acknowledge(first, 2, AlarmPriority::high));
    ward.end("asystole");
    EXPECT_THAT(ward.acknowledge(first, 2, AlarmPriority::high).error().message,
                HasSubstr("has ended"));
    EXPECT_FALSE(ward.acknowledge(EventId{}, 1, AlarmPriority::high));
}

TEST(AlarmSystem, nobody_acknowledges_without_a_name_and_a_reason) {
    AlarmStage ward;
    ward.onset("asystole");
    const auto& alarm = ward.alarm("asystole");
    EXPECT_FALSE(ward.system.acknowledge(alarm.id, 1, AlarmPriority::high, {"", "x"}, ward.events));
    EXPECT_FALSE(
        ward.system.acknowledge(alarm.id, 1, AlarmPriority::high, {"nia", ""}, ward.events));
}

TEST(AlarmSystem, an_unacknowledged_high_alarm_is_told_to_more_people_and_never_given_up) {
    AlarmStage ward;
    ward.onset("asystole");
    ward.run_to(300);
    EXPECT_THAT(ward.said(),
                ElementsAre("0 onset asystole", "30 told asystole", "90 told asystole",
                            "150 nobody-responded asystole", "210 nobody-responded asystole",
                            "270 nobody-responded asystole"));
    EXPECT_TRUE(ward.alarm("asystole").told & recipients::physician);
    ward.end("asystole");
    ward.run_to(340);
    EXPECT_THAT(ward.said(), ElementsAre("300 latched asystole", "330 nobody-responded asystole"))
        << "latched or not: until a person takes it";
}

TEST(AlarmSystem, who_accepts_has_time_then_others_are_told) {
    AlarmStage ward;
    ward.onset("asystole");
    ward.run_to(10);
    ASSERT_TRUE(ward.respond("asystole", Response::accepted));
    EXPECT_EQ(ward.signals("asystole"), heard_and_seen) << "accepting is not inactivating";
    EXPECT_THAT(ward.respond("asystole", Response::accepted, "ben").error().message,
                HasSubstr("nia has accepted"));
    ward.said();
    ward.run_to(189);
    EXPECT_THAT(ward.said(), IsEmpty());
    ward.run_to(190);
    EXPECT_THAT(ward.said(), ElementsAre("190 response-expired asystole", "190 told asystole"));
}

TEST(AlarmSystem, who_rejects_or_takes_it_back_sends_it_on_at_once) {
    AlarmStage ward;
    ward.onset("asystole");
    ward.said();
    ASSERT_TRUE(ward.respond("asystole", Response::rejected));
    EXPECT_THAT(ward.said(), ElementsAre("0 rejected asystole", "0 told asystole"));
    ASSERT_TRUE(ward.respond("asystole", Response::accepted));
    ASSERT_TRUE(ward.respond("asystole", Response::released));
    EXPECT_THAT(ward.said(),
                ElementsAre("0 accepted asystole", "0 released asystole", "0 told asystole"));
}

TEST(AlarmSystem, what_cannot_be_delivered_does_not_wait_for_its_time) {
    AlarmStage ward;
    ward.onset("asystole");
    ward.run_to(2);
    ward.said();
    ASSERT_TRUE(ward.disseminated("asystole", Dissemination::delivered, 1));
    ASSERT_TRUE(ward.disseminated("asystole", Dissemination::undeliverable, 1));
    EXPECT_THAT(ward.said(),
                ElementsAre("2 delivered asystole", "2 undeliverable asystole", "2 told asystole"));
    ASSERT_TRUE(ward.disseminated("asystole", Dissemination::undeliverable, 1));
    EXPECT_THAT(ward.said(), ElementsAre("2 undeliverable asystole"))
        << "a second message of the same step tells nobody else";
    ASSERT_TRUE(ward.disseminated("asystole", Dissemination::undeliverable, 2));
    ASSERT_TRUE(ward.disseminated("asystole", Dissemination::undeliverable, 3));
    EXPECT_THAT(ward.said(), ElementsAre("2 undeliverable asystole", "2 told asystole",
                                         "2 undeliverable asystole"))
        << "after the last step there is nobody else: it is told again in its time";
    ASSERT_TRUE(ward.acknowledge("asystole"));
    ASSERT_TRUE(ward.disseminated("asystole", Dissemination::undeliverable, 3));
    EXPECT_THAT(ward.said(), ElementsAre("2 acknowledged asystole", "2 undeliverable asystole"));
}

TEST(AlarmSystem, a_rise_of_priority_sounds_again_and_a_fall_does_not) {
    AlarmStage ward;
    ward.onset("spo2_low");
    ASSERT_TRUE(ward.acknowledge("spo2_low"));
    const auto key = ward.key("spo2_low");
    ward.system.set_priority(key, AlarmPriority::high, {by_system, "a test"}, ward.events);
    EXPECT_EQ(ward.signals("spo2_low"), heard_and_seen);
    ASSERT_TRUE(ward.acknowledge("spo2_low"));
    ward.system.set_priority(key, AlarmPriority::low, {by_system, "a test"}, ward.events);
    EXPECT_EQ(ward.signals("spo2_low"), seen);
    EXPECT_THAT(ward.said(), ElementsAre("0 onset spo2_low", "0 acknowledged spo2_low",
                                         "0 priority-raised spo2_low", "0 acknowledged spo2_low",
                                         "0 priority-lowered spo2_low"));
}

TEST(AlarmSystem, a_priority_that_moves_with_time_does) {
    AlarmStage ward;
    ward.onset("ecg_leads_off");
    ward.onset("atrial_fibrillation");
    ward.run_to(601);
    EXPECT_EQ(ward.alarm("ecg_leads_off").priority, AlarmPriority::medium);
    EXPECT_EQ(ward.alarm("atrial_fibrillation").priority, AlarmPriority::low);
    const auto said = ward.said();
    EXPECT_THAT(said, Contains("60 priority-raised ecg_leads_off"));
    EXPECT_THAT(said, Contains("600 priority-lowered atrial_fibrillation"));
    EXPECT_TRUE(ward.alarm("ecg_leads_off").told & recipients::device_team);
}

TEST(AlarmSystem, an_audio_pause_ends_by_itself_and_a_new_high_alarm_breaks_through) {
    AlarmStage ward;
    ward.onset("asystole");
    ASSERT_TRUE(ward.inactivate(InactivationKind::audio_paused, 120));
    EXPECT_EQ(ward.signals("asystole"), seen);
    ward.onset("spo2_low");
    EXPECT_EQ(ward.signals("spo2_low"), seen);
    ward.onset("spo2_desaturation");
    EXPECT_EQ(ward.signals("spo2_desaturation"), heard_and_seen);
    ward.run_to(120);
    EXPECT_EQ(ward.signals("asystole"), heard_and_seen);
    EXPECT_THAT(ward.system.inactivations(), IsEmpty());
}

TEST(AlarmSystem, a_pause_of_one_alarm_is_of_that_one) {
    AlarmStage ward;
    ward.onset("asystole");
    ward.onset("apnoea");
    ASSERT_TRUE(ward.inactivate(InactivationKind::audio_paused, 60, {}, ward.alarm("asystole").id));
    EXPECT_EQ(ward.signals("asystole"), seen);
    EXPECT_EQ(ward.signals("apnoea"), heard_and_seen);
}

TEST(AlarmSystem, no_pause_is_longer_than_the_site_allows) {
    AlarmStage ward;
    EXPECT_EQ(ward.inactivate(InactivationKind::audio_paused, 121).error().kind,
              Error::Kind::forbidden);
    EXPECT_FALSE(ward.inactivate(InactivationKind::alarm_paused, 301));
    EXPECT_FALSE(ward.inactivate(InactivationKind::audio_paused, 0));
    EXPECT_THAT(ward.said(), IsEmpty());
}

TEST(AlarmSystem, there_is_no_off_for_all_and_none_for_what_kills_in_minutes) {
    AlarmStage ward;
    EXPECT_FALSE(ward.inactivate(InactivationKind::alarm_off, 60));
    EXPECT_FALSE(ward.inactivate(InactivationKind::audio_off, 60));
    for (const auto* condition :
         {"asystole", "ventricular_fibrillation", "sustained_ventricular_tachycardia", "apnoea",
          "spo2_no_pulse", "spo2_desaturation"}) {
        for (const auto kind : {InactivationKind::alarm_off, InactivationKind::audio_off,
                                InactivationKind::alarm_paused})
            EXPECT_EQ(ward.inactivate(kind, 60, condition).error().kind, Error::Kind::forbidden)
                << condition;
    }
}

TEST(AlarmSystem, a_rule_that_is_switched_off_ends_its_alarms_and_reminds) {
    AlarmStage ward;
    ward.onset("spo2_low");
    ward.said();
    ASSERT_TRUE(ward.inactivate(InactivationKind::alarm_off, 3'600, "spo2_low"));
    EXPECT_THAT(ward.said(),
                ElementsAre("0 inactivated spo2_low", "0 ended spo2_low", "0 suppressed spo2_low"));
    EXPECT_EQ(ward.signals("spo2_low"), nothing);
    ward.run_to(601);
    EXPECT_THAT(ward.said(), ElementsAre("300 reminder spo2_low", "600 reminder spo2_low"));
    ward.run_to(3'600);
    EXPECT_EQ(ward.signals("spo2_low"), heard_and_seen) << "it is still there: an alarm now";
    EXPECT_THAT(ward.said(),
                testing::IsSupersetOf({"3600 inactivation-ended spo2_low", "3600 onset spo2_low"}));
}

TEST(AlarmSystem, an_alarm_pause_hides_what_can_be_switched_off_and_no_more) {
    AlarmStage ward;
    ward.onset("spo2_low");
    ASSERT_TRUE(ward.inactivate(InactivationKind::alarm_paused, 60));
    EXPECT_EQ(ward.signals("spo2_low"), nothing);
    ward.onset("asystole");
    EXPECT_EQ(ward.signals("asystole"), heard_and_seen);
    ward.onset("heart_rate_high");  // suppressed twice: by the chain too
    ward.end("heart_rate_high");
    EXPECT_FALSE(ward.stands("heart_rate_high"));
    ward.run_to(60);
    EXPECT_EQ(ward.signals("spo2_low"), heard_and_seen);
    EXPECT_THAT(ward.said(), Contains("60 resumed spo2_low"));
}

TEST(AlarmSystem, a_pause_is_ended_early_by_a_person) {
    AlarmStage ward;
    ward.onset("spo2_low");
    ASSERT_TRUE(ward.inactivate(InactivationKind::alarm_paused, 60));
    const auto id = ward.system.inactivations().front().id;
    ASSERT_TRUE(ward.system.reactivate(id, {"nia", "done"}, ward.events));
    EXPECT_EQ(ward.signals("spo2_low"), heard_and_seen);
    EXPECT_FALSE(ward.system.reactivate(id, {"nia", "done"}, ward.events));
}

TEST(AlarmSystem, while_more_is_said_less_is_recorded_only) {
    AlarmStage ward;
    ward.onset("ventricular_run");
    ward.onset("sustained_ventricular_tachycardia");
    EXPECT_EQ(ward.signals("ventricular_run"), nothing);
    ward.onset("couplet");
    EXPECT_THAT(ward.said(),
                ElementsAre("0 onset ventricular_run", "0 onset sustained_ventricular_tachycardia",
                            "0 suppressed ventricular_run", "0 suppressed couplet"));
    ward.end("sustained_ventricular_tachycardia");
    EXPECT_EQ(ward.signals("ventricular_run"), heard_and_seen);
    EXPECT_EQ(ward.signals("couplet"), nothing) << "the run says more";
    ward.end("ventricular_run");
    EXPECT_EQ(ward.signals("couplet"), heard_and_seen);
    EXPECT_THAT(ward.said(), ElementsAre("0 latched sustained_ventricular_tachycardia",
                                         "0 resumed ventricular_run", "0 ended ventricular_run",
                                         "0 onset couplet"));
}

TEST(AlarmSystem, nothing_hides_behind_what_is_switched_off) {
    AlarmStage ward;
    ward.onset("extreme_tachycardia");
    ASSERT_TRUE(ward.inactivate(InactivationKind::alarm_off, 60, "extreme_tachycardia"));
    ward.onset("heart_rate_high");
    EXPECT_EQ(ward.signals("heart_rate_high"), heard_and_seen);
}

TEST(AlarmSystem, a_discharge_ends_all_of_it) {
    AlarmStage ward;
    ward.onset("asystole");
    ward.end("asystole");
    ward.onset("spo2_low");
    ASSERT_TRUE(ward.inactivate(InactivationKind::alarm_paused, 60));
    ward.system.discharge({"nia", "discharged"}, ward.events);
    EXPECT_THAT(ward.system.alarms(), IsEmpty());
    EXPECT_THAT(ward.system.inactivations(), IsEmpty());
}

TEST(AlarmPolicy, a_site_says_who_is_told_when) {
    const std::string rows =
        "priority\tafter_s\ttold\nhigh\t0\tbed, central\nhigh\t20\tphysician\n"
        "medium\t0\tcentral\nlow\t0\twork-list\n";
    AlarmPolicy policy;
    ASSERT_TRUE(set_escalation(policy, rows));
    const auto& high = policy.escalation[AlarmPriority::high];
    ASSERT_EQ(high.size(), 2U);
    EXPECT_EQ(high[1], (EscalationStep{20s, recipients::physician}));
    const auto before = policy.escalation.values;
    for (const auto* wrong :
         {"priority\tafter_s\ttold\nhigh\t0\tbed\n",  // of the others nobody is told
          "priority\tafter_s\ttold\nurgent\t0\tbed\n", "priority\tafter_s\ttold\nhigh\t-1\tbed\n",
          "priority\tafter_s\ttold\nhigh\t90000\tbed\n", "priority\tafter_s\ttold\nhigh\t0\t\n",
          ""}) {
        EXPECT_FALSE(set_escalation(policy, wrong)) << wrong;
        EXPECT_EQ(policy.escalation.values, before) << "nothing of it is taken";
    }
    EXPECT_EQ(set_escalation(policy, rows + "high\tsoon\tbed\n").error().place, "row 5");
}

TEST(AlarmPolicy, one_that_would_leave_an_alarm_untold_is_refused) {
    AlarmPolicy policy;
    EXPECT_TRUE(check(policy));
    auto nobody = policy;
    nobody.escalation[AlarmPriority::high].clear();
    EXPECT_FALSE(check(nobody));
    auto late = policy;
    late.escalation[AlarmPriority::high].front().after = 1s;
    EXPECT_FALSE(check(late));
    auto long_pause = policy;
    long_pause.audio_paused_max = 11min;
    EXPECT_FALSE(check(long_pause));
}

}  // namespace
}  // namespace vigil::monitor

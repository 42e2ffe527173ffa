#include "monitor/alarms/patient_monitor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "monitor/alarms/bed.hpp"

namespace vigil::monitor {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(PatientMonitor, a_limit_that_is_crossed_for_its_delay_is_an_alarm) {
    Bed bed;
    bed.values("spo2", 97, 10);
    bed.values("spo2", 88, 40);
    EXPECT_THAT(bed.said(), ElementsAre("26 onset spo2_low")) << "15 s after the first, at 11 s";
    const auto& event = bed.events.back();
    EXPECT_EQ(event.id.subject.patient, PatientId{7});
    EXPECT_EQ(event.since, Bed::time(11));
    EXPECT_EQ(event.value, (Decimal{88, 0}));
    EXPECT_EQ(event.limit, (Decimal{90, 0}));
    bed.values("spo2", 95, 60);
    EXPECT_THAT(bed.said(), Contains("46 ended spo2_low"));
}

TEST(PatientMonitor, a_deeper_desaturation_takes_the_place_of_the_lower_alarm) {
    Bed bed;
    bed.values("spo2", 97, 5);
    bed.values("spo2", 75, 40);
    EXPECT_THAT(bed.said(), ElementsAre("16 onset spo2_desaturation", "21 suppressed spo2_low"));
}

TEST(PatientMonitor, another_unit_is_converted_and_an_impossible_one_never_guessed) {
    Bed bed;
    auto fever = numeric("temp_body", {1'040, -1}, Bed::time(1));
    std::get<NumericValue>(fever.reading.value).unit = *units::find("[degF]");
    bed.tick(1);
    bed.monitor.on_reading(DeviceId{1}, fever, bed.cause());
    EXPECT_THAT(bed.said(), ElementsAre("1 onset temperature_high"));
    Bed other;
    auto wrong = numeric("temp_body", {400, -1}, Bed::time(1));
    std::get<NumericValue>(wrong.reading.value).unit = *units::find("mm[Hg]");
    other.tick(1);
    other.monitor.on_reading(DeviceId{1}, wrong, other.cause());
    EXPECT_THAT(other.said(), IsEmpty());
}

TEST(PatientMonitor, late_readings_never_start_or_end_an_alarm) {
    Bed bed;
    bed.values("nibp_sys", 120, 100);
    bed.monitor.on_reading(DeviceId{1}, numeric("nibp_sys", {200, 0}, Bed::time(69)), bed.cause());
    bed.monitor.on_reading(DeviceId{1}, numeric("nibp_sys", {200, 0}, Bed::time(100)), bed.cause());
    bed.monitor.on_reading(DeviceId{1}, numeric("nibp_sys", {200, 0}, Bed::time(101), status::late),
                           bed.cause());
    bed.monitor.on_reading(DeviceId{1}, numeric("nibp_sys", {200, 0}, Bed::time(100'000)),
                           bed.cause());
    EXPECT_THAT(bed.said(), IsEmpty());
    EXPECT_EQ(bed.monitor.late_readings(), 4U);
    bed.values("nibp_sys", 200, 101);
    EXPECT_THAT(bed.said(), ElementsAre("101 onset nibp_sys_high"));
}

TEST(PatientMonitor, silence_is_a_technical_alarm_and_what_stands_is_stale) {
    Bed bed;
    bed.values("spo2", 85, 20);
    bed.said();
    bed.tick(31);
    EXPECT_THAT(bed.said(),
                ElementsAre("31 stale spo2_low", "31 onset no_data", "31 told spo2_low"));
    EXPECT_TRUE(bed.alarm("spo2_low")->stale);
    bed.values("spo2", 85, 32);
    EXPECT_THAT(bed.said(), ElementsAre("32 ended no_data", "32 fresh spo2_low"));
    EXPECT_FALSE(bed.alarm("spo2_low")->stale);
}

TEST(PatientMonitor, a_device_of_which_nothing_comes_is_one_alarm) {
    Bed bed;
    while (bed.now < 20) {
        bed.tick(bed.now + 1);
        bed.read("spo2", 97);
        bed.read("resp_rate", 15);
    }
    bed.tick(31);
    EXPECT_THAT(bed.said(), ElementsAre("31 onset device_no_data", "31 suppressed no_data",
                                        "31 suppressed no_data"));
    EXPECT_EQ(bed.alarm("device_no_data")->priority, AlarmPriority::low);
    bed.tick(91);
    EXPECT_EQ(bed.alarm("device_no_data")->priority, AlarmPriority::medium);
    bed.values("spo2", 97, 92);
    EXPECT_THAT(bed.said(), Contains("92 onset no_data")) << "the respiratory rate alone, then";
    EXPECT_EQ(bed.alarm("device_no_data"), nullptr);
}

TEST(PatientMonitor, the_loss_of_the_only_heart_rate_is_high_and_another_source_lowers_it) {
    Bed bed;
    bed.values("heart_rate", 80, 20);
    bed.tick(31);
    EXPECT_EQ(bed.alarm("no_data")->priority, AlarmPriority::high);
    bed.values("pulse_rate_spo2", 80, 32, 2);
    EXPECT_EQ(bed.alarm("no_data")->priority, AlarmPriority::medium);
}

TEST(PatientMonitor, a_cuff_may_be_silent) {
    Bed bed;
    bed.values("nibp_sys", 120, 1);
    bed.tick(4'000);
    EXPECT_THAT(bed.said(), IsEmpty());
    ASSERT_TRUE(bed.act(DataWatchSet{bed.subject(), the_catalogue().find("nibp_sys")->id, 60s}));
    bed.said();
    bed.tick(4'001);
    EXPECT_THAT(bed.said(), ElementsAre("4001 onset no_data")) << "declared continuous";
    EXPECT_FALSE(bed.act(DataWatchSet{bed.subject(), the_catalogue().find("spo2")->id, 0s}))
        << "of a live value nobody switches the watch off";
}

TEST(PatientMonitor, a_limit_that_is_raised_ends_what_it_no_longer_calls_outside) {  // C10
    Bed bed;
    bed.values("heart_rate", 130, 20);
    EXPECT_THAT(bed.said(), ElementsAre("6 onset heart_rate_high"));
    ASSERT_TRUE(
        bed.act(AlarmLimitSet{bed.subject(), {condition("heart_rate_high"), Decimal{140, 0}}}, "dr",
                "athlete"));
    EXPECT_THAT(bed.said(),
                ElementsAre("20 limit-changed heart_rate_high", "20 ended heart_rate_high"));
    const auto& ended = bed.events.back();
    EXPECT_EQ(ended.reason, "limit changed by dr");
    const auto& audit = bed.events[bed.events.size() - 2];
    EXPECT_EQ(audit.actor, "dr");
    EXPECT_EQ(audit.reason, "athlete");
    EXPECT_EQ(audit.detail, "limit 120 → 140");
    ASSERT_EQ(bed.monitor.view().limits.size(), 1U);
    EXPECT_EQ(bed.monitor.view().limits.front().by, "dr");
    EXPECT_TRUE(bed.act(AlarmLimitSet{bed.subject(), {condition("heart_rate_high")}, true}));
    EXPECT_THAT(bed.monitor.view().limits, IsEmpty());
    bed.values("heart_rate", 130, 40);
    EXPECT_THAT(bed.said(), Contains("26 onset heart_rate_high"));
}

TEST(PatientMonitor, what_is_refused_leaves_an_event_that_says_what_stands) {
    Bed bed;
    bed.values("spo2", 85, 20);
    const auto id = bed.alarm("spo2_low")->id;
    ASSERT_TRUE(bed.act(AlarmAcknowledged{id, 1, AlarmPriority::medium}));
    bed.values("spo2", 97, 30);
    bed.said();
    EXPECT_EQ(bed.act(AlarmAcknowledged{id, 1, AlarmPriority::medium}, "ben").error().kind,
              Error::Kind::conflict);
    EXPECT_THAT(bed.said(), ElementsAre("30 refused"));
    EXPECT_EQ(bed.events.back().actor, "ben");
    EXPECT_EQ(bed.events.back().reason, "this alarm has ended");
}

TEST(PatientMonitor, arrhythmia_calls_are_alarms_by_the_table) {
    Bed bed;
    bed.tick(5);
    bed.find("ventricular_run");
    bed.find("sustained_ventricular_tachycardia");
    bed.find("sustained_ventricular_tachycardia", false);
    bed.find("ventricular_run", false);
    EXPECT_THAT(
        bed.said(),
        ElementsAre("5 onset ventricular_run", "5 onset sustained_ventricular_tachycardia",
                    "5 suppressed ventricular_run", "5 latched sustained_ventricular_tachycardia",
                    "5 resumed ventricular_run", "5 ended ventricular_run"));
}

TEST(PatientMonitor,
     a_device_that_is_taken_off_takes_its_conditions_along_and_leaves_what_latched) {
    Bed bed;
    bed.values("spo2", 85, 20);
    bed.find("asystole");
    bed.find("asystole", false);
    bed.find("ecg_leads_off");
    bed.said();
    const auto along = bed.monitor.on_device_removed(DeviceId{1}, {"nia", "moved"}, bed.cause());
    ASSERT_EQ(along.size(), 1U);
    EXPECT_EQ(along.front().condition, condition("ecg_leads_off"));
    EXPECT_THAT(bed.said(),
                ElementsAre("20 device-removed", "20 ended spo2_low", "20 ended ecg_leads_off"));
    EXPECT_EQ(bed.alarm("asystole")->state, AlarmState::latched);
    EXPECT_TRUE(bed.monitor.view().unmonitored_since);
    Bed next(AgeClass::adult, true, {PatientId{8}, {}});
    next.monitor.on_device_associated(DeviceId{1}, along, {"nia", "moved"}, next.cause());
    EXPECT_NE(next.alarm("ecg_leads_off"), nullptr);
    // Its delays begin anew.
    next.values("spo2", 85, 14);
    EXPECT_EQ(next.alarm("spo2_low"), nullptr);
}

TEST(PatientMonitor, a_rate_that_limit_and_detector_both_call_extreme_is_one_alarm) {
    Bed bed;
    bed.values("heart_rate", 170, 6);
    bed.find("extreme_tachycardia");
    EXPECT_THAT(bed.said(),
                ElementsAre("6 onset heart_rate_high", "6 onset extreme_tachycardia",
                            "6 suppressed heart_rate_high", "6 suppressed extreme_tachycardia"));
    bed.values("heart_rate", 110, 10);
    EXPECT_THAT(bed.said(), Contains("10 onset extreme_tachycardia"))
        << "the detector still says so";
}

TEST(PatientMonitor, readings_that_nobody_owns_sound_where_they_are) {
    Bed corridor(AgeClass::adult, false, {{}, LocationId{3}});
    corridor.values("spo2", 75, 30);
    EXPECT_THAT(corridor.said(), Contains("11 onset spo2_desaturation"));
    EXPECT_EQ(to_string(corridor.events.front().id).substr(0, 3), "L3-");
    EXPECT_FALSE(corridor.monitor.view().age_confirmed);
}

constexpr DisplayId central{displays_from.value + 4};

DisplayExpected expected(bool yes = true) {
    return {.display = central,
            .name = "central 1",
            .unit = "ICU",
            .key_sha256 = "5e",
            .expected = yes};
}

TEST(PatientMonitor, a_display_that_stops_confirming_is_an_alarm_that_nobody_switches_off) {
    Bed screen(AgeClass::adult, false, place_of(central));
    ASSERT_TRUE(screen.act(expected()));
    for (const int second : {5, 10, 15}) {
        screen.tick(second);
        ASSERT_TRUE(screen.act(DisplayConfirmed{central}));
    }
    screen.said();
    screen.restart();
    screen.tick(26);
    EXPECT_THAT(screen.said(), ElementsAre("26 onset display_lost"));
    EXPECT_EQ(screen.alarm("display_lost")->detail, "central 1");
    EXPECT_FALSE(screen.act(AlarmInactivated{
        screen.subject(), InactivationKind::alarm_off, {}, condition("display_lost"), 60s}));
    ASSERT_TRUE(screen.act(DisplayConfirmed{central}));
    EXPECT_EQ(screen.alarm("display_lost"), nullptr);
    EXPECT_EQ(screen.monitor.view().unmonitored_since, std::nullopt) << "it sends no values";
}

TEST(PatientMonitor, a_display_is_expected_at_its_own_place_once_and_released_once) {
    Bed patient;
    EXPECT_FALSE(patient.act(expected())) << "a patient is no screen";
    Bed screen(AgeClass::adult, false, place_of(central));
    EXPECT_FALSE(screen.act(DisplayConfirmed{central}));
    EXPECT_FALSE(screen.act(expected(false)));
    auto nameless = expected();
    nameless.name.clear();
    EXPECT_FALSE(screen.act(nameless));
    ASSERT_TRUE(screen.act(expected()));
    EXPECT_FALSE(screen.act(expected()));
    screen.tick(20);
    ASSERT_NE(screen.alarm("display_lost"), nullptr);
    ASSERT_TRUE(screen.act(expected(false)));
    EXPECT_EQ(screen.alarm("display_lost"), nullptr) << "nobody relies on it any more";
}

TEST(PatientMonitor, while_the_server_was_away_is_recorded_and_is_not_the_devices_silence) {
    Bed bed;
    bed.values("heart_rate", 80, 20);
    bed.restart();
    bed.now = 120;
    bed.monitor.on_tick(bed.cause());
    EXPECT_THAT(bed.said(), ElementsAre("120 clock-gap"));
    EXPECT_EQ(bed.events.back().since, Bed::time(20));
    bed.tick(131);
    EXPECT_THAT(bed.said(), ElementsAre("131 onset no_data", "131 priority-raised no_data"));
}

TEST(PatientMonitor, the_view_says_what_is_off_by_whom_and_what_is_heard) {
    Bed bed(AgeClass::adult, false);
    bed.values("spo2", 85, 20);
    bed.find("asystole");
    const auto asystole = bed.alarm("asystole")->id;
    ASSERT_TRUE(bed.act(AlarmAcknowledged{asystole, 1, AlarmPriority::high}));
    ASSERT_TRUE(bed.act(
        AlarmInactivated{
            bed.subject(), InactivationKind::alarm_off, {}, condition("spo2_high"), 1h},
        "dr", "on oxygen"));
    const auto view = bed.monitor.view();
    ASSERT_EQ(view.alarms.size(), 2U);
    EXPECT_EQ(view.alarms.front().alarm->priority, AlarmPriority::high);
    EXPECT_EQ(view.seen, AlarmPriority::high);
    EXPECT_EQ(view.heard, AlarmPriority::medium) << "the high one is acknowledged";
    ASSERT_EQ(view.inactivations.size(), 1U);
    EXPECT_EQ(view.inactivations.front().by, "dr");
    EXPECT_EQ(view.inactivations.front().since, Bed::time(20));
    EXPECT_FALSE(view.age_confirmed);
    EXPECT_FALSE(view.unmonitored_since);
    bed.tick(40);
    EXPECT_EQ(bed.monitor.view().unmonitored_since, Bed::time(20));
    EXPECT_THAT(bed.monitor.view().silent, testing::SizeIs(1));
}

TEST(PatientMonitor, a_confirmed_age_class_is_on_record) {
    Bed bed(AgeClass::adult, false);
    ASSERT_TRUE(bed.act(AgeClassConfirmed{bed.subject(), AgeClass::neonate}));
    bed.monitor.on_unit_settings(the_tables().limits.defaults(AgeClass::neonate), "nia",
                                 bed.cause());
    bed.values("heart_rate", 150, 30);
    EXPECT_THAT(bed.said(), ElementsAre("0 age-class-confirmed"));
    EXPECT_EQ(bed.events.back().detail, "adult (assumed) → neonate");
    EXPECT_TRUE(bed.monitor.view().age_confirmed);
}

TEST(PatientMonitor, events_are_called_by_what_caused_them) {
    Bed bed;
    bed.values("spo2", 75, 30);
    bed.said();
    for (std::size_t i = 1; i < bed.events.size(); ++i)
        EXPECT_LT(bed.events[i - 1].id, bed.events[i].id);
    // Several of one cause count on, over calls too.
    const auto cause = bed.cause();
    bed.monitor.on_finding({condition("asystole"), DeviceId{1}, true, Bed::time(30), {}}, cause);
    bed.monitor.on_finding({condition("apnoea"), DeviceId{1}, true, Bed::time(30), {}}, cause);
    const auto events = bed.monitor.take_events();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].id.ordinal, 0U);
    EXPECT_EQ(events[1].id.ordinal, 1U);
}

// A ward's day in short: whatever comes, in whatever order.
void something(Bed& bed, std::mt19937& random) {
    const auto pick = [&](std::uint32_t count) {
        return static_cast<std::uint32_t>(random() % count);
    };
    const auto value = [&](std::int64_t from, std::int64_t span) {
        return from + static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(span));
    };
    switch (pick(12)) {
        case 0:
            return bed.tick(bed.now + value(1, 20));
        case 1:
            return bed.find("sustained_ventricular_tachycardia", pick(2) == 0, 1 + pick(2));
        case 2:
            return bed.find("ventricular_run", pick(2) == 0);
        case 3:
            return bed.find("ecg_leads_off", pick(2) == 0);
        case 4: {
            const auto alarms = bed.monitor.alarms().alarms();
            if (alarms.empty()) return;
            const auto& a = alarms[pick(static_cast<std::uint32_t>(alarms.size()))];
            (void)bed.act(AlarmAcknowledged{a.id, a.episode, a.priority});
            return;
        }
        case 5:
            (void)bed.act(AlarmInactivated{bed.subject(),
                                           static_cast<InactivationKind>(1 + pick(4)),
                                           {},
                                           pick(2) == 0 ? condition("spo2_low") : ConditionId{},
                                           std::chrono::seconds(value(1, 130))});
            return;
        case 6:
            (void)bed.act(
                AlarmLimitSet{bed.subject(), {condition("spo2_low"), Decimal{value(82, 12), 0}}});
            return;
        case 7:
            (void)bed.act(AlarmRuleSet{bed.subject(), ConditionId{0x8001}, "both",
                                       "spo2 < 92 for 3 s and resp_rate rising 5 over 10 s",
                                       AlarmPriority::high, true});
            return;
        default:
            bed.tick(bed.now + 1);
            bed.read("spo2", value(74, 26));
            bed.read("heart_rate", value(30, 140));
            bed.read("resp_rate", value(5, 40));
    }
}

TEST(PatientMonitor, restarted_at_any_moment_it_goes_on_as_if_nothing_had_happened) {  // C11
    std::size_t events = 0;
    for (std::uint32_t seed = 1; seed <= 12; ++seed) {
        std::mt19937 random(seed), same(seed), when(seed + 100);
        Bed whole, broken;
        for (int step = 0; step < 250; ++step) {
            something(whole, random);
            something(broken, same);
            (void)whole.said();
            (void)broken.said();
            if (when() % 4 == 0) broken.restart();
            ASSERT_EQ(whole.events, broken.events) << "seed " << seed << " step " << step;
            ASSERT_EQ(whole.monitor.snapshot(), broken.monitor.snapshot());
        }
        events += whole.events.size();
    }
    EXPECT_GT(events, 1'000U);
}

TEST(PatientMonitor, two_replays_of_the_same_are_the_same) {
    std::mt19937 a(5), b(5);
    Bed one, other;
    for (int step = 0; step < 300; ++step) something(one, a);
    for (int step = 0; step < 300; ++step) something(other, b);
    EXPECT_EQ(one.monitor.take_events(), other.monitor.take_events());
    EXPECT_EQ(one.monitor.snapshot(), other.monitor.snapshot());
}

}  // namespace
}  // namespace vigil::monitor

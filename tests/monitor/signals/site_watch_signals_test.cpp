// Waveforms of a whole server's patients, as they come second by second: which rhythm people are
// told of, what a lead that is off is, and what the pulse says to it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "monitor/signals/waves.hpp"

namespace vigil::monitor {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> alarms(Site& site) {
    auto said = site.said();
    std::erase_if(said, [](const std::string& line) {
        return line.find("device-") != std::string::npos ||
               line.find(":told") != std::string::npos || line.find("no_data") != std::string::npos;
    });
    return said;
}

TEST(SiteWatchSignals, a_sinus_rhythm_has_a_rate_and_beats_and_no_alarm) {
    Site site;
    play(site, two_leads(made::steady(60), 60), 0, 60);
    EXPECT_THAT(alarms(site), IsEmpty());
    const auto ecgs = site.watch.signals(of_ada)->ecgs();
    ASSERT_EQ(ecgs.size(), 1U);
    EXPECT_NEAR(ecgs[0].heart_rate.value_or(0), 75, 2);
    EXPECT_TRUE(ecgs[0].usable);
    ASSERT_EQ(ecgs[0].leads.size(), 2U);
    EXPECT_EQ(ecgs[0].leads[1].grade, quality::Grade::good);
    ASSERT_GT(ecgs[0].beats.size(), 20U);
    EXPECT_EQ(ecgs[0].beats.back().beat_class, ecg::BeatClass::normal);
    EXPECT_NEAR(std::chrono::duration<double>(ecgs[0].beats.back().at - Bed::start()).count(), 58.9,
                1);
    EXPECT_TRUE(ecgs[0].rhythms.empty());
}

TEST(SiteWatchSignals, asystole_is_told_five_seconds_after_the_last_beat_and_latches) {
    Site site;
    const auto waves = two_leads(without(made::steady(60), 30, 44), 60);
    play(site, waves, 0, 34);
    EXPECT_EQ(site.alarm(of_ada, "asystole"), nullptr);
    play(site, waves, 34, 36);
    const auto* alarm = site.alarm(of_ada, "asystole");
    ASSERT_NE(alarm, nullptr);
    EXPECT_EQ(alarm->priority, AlarmPriority::high);
    EXPECT_EQ(alarm->condition.device, bedside_monitor);
    EXPECT_NEAR(std::chrono::duration<double>(alarm->violated_since - Bed::start()).count(), 29.7,
                0.6);
    play(site, waves, 36, 60);
    ASSERT_NE(site.alarm(of_ada, "asystole"), nullptr) << "until somebody has seen it";
    EXPECT_EQ(site.alarm(of_ada, "asystole")->state, AlarmState::latched);
}

TEST(SiteWatchSignals, a_line_that_does_not_move_is_a_lead_that_is_off_and_no_asystole) {
    Site site;
    auto waves = two_leads(made::steady(60), 60);
    for (auto& wave : waves) fill(wave, 30, 45, 0.1F);
    play(site, waves, 0, 45);
    EXPECT_EQ(site.alarm(of_ada, "asystole"), nullptr);
    const auto* alarm = site.alarm(of_ada, "ecg_leads_off");
    ASSERT_NE(alarm, nullptr);
    EXPECT_EQ(alarm->priority, AlarmPriority::high) << "nothing else tells the rate";
    EXPECT_TRUE(site.watch.signals(of_ada)->ecgs()[0].leads[0].is_off);
    play(site, waves, 45, 60);
    EXPECT_EQ(site.alarm(of_ada, "ecg_leads_off"), nullptr);
    EXPECT_THAT(alarms(site), Not(Contains(HasSubstr("asystole"))));
}

TEST(SiteWatchSignals, samples_that_are_missing_are_leads_off_too) {
    Site site;
    auto waves = two_leads(made::steady(60), 60);
    for (auto& wave : waves) fill(wave, 30, 45, no_sample);
    play(site, waves, 0, 60);
    const auto said = alarms(site);
    EXPECT_THAT(said, Contains("1:onset ecg_leads_off"));
    EXPECT_THAT(said, Not(Contains(HasSubstr("asystole"))));
}

TEST(SiteWatchSignals, of_two_leads_one_may_be_off) {
    Site site;
    auto waves = two_leads(made::steady(60), 60);
    fill(waves[0], 20, 60, no_sample);
    play(site, waves, 0, 60);
    EXPECT_THAT(alarms(site), IsEmpty());
    EXPECT_NEAR(site.watch.signals(of_ada)->ecgs()[0].heart_rate.value_or(0), 75, 2);
    EXPECT_TRUE(site.watch.signals(of_ada)->ecgs()[0].leads[0].is_off);
}

TEST(SiteWatchSignals, a_pulse_that_goes_on_makes_asystole_a_call_to_check_the_ecg) {
    Site site;
    auto waves = two_leads(without(made::steady(60), 30, 50), 60);
    waves.push_back(pleth(made::steady(60), 60));
    for (std::int64_t second = 0; second < 45; ++second) {
        play_second(site, bedside_monitor, ada, waves, second);
        site.read(bedside_monitor, ada, "pulse_rate_spo2", 75, site.now);
    }
    EXPECT_EQ(site.alarm(of_ada, "asystole"), nullptr);
    const auto* alarm = site.alarm(of_ada, "ecg_cannot_analyse");
    ASSERT_NE(alarm, nullptr);
    EXPECT_EQ(alarm->priority, AlarmPriority::medium);
    EXPECT_THAT(alarm->detail, HasSubstr("asystole"));
    EXPECT_THAT(alarm->detail, HasSubstr("/min"));
    play(site, waves, 45, 60);
    EXPECT_EQ(site.alarm(of_ada, "ecg_cannot_analyse"), nullptr);
}

TEST(SiteWatchSignals, a_pulse_that_stops_too_lets_asystole_through) {
    Site site;
    auto waves = two_leads(without(made::steady(60), 30, 58), 60);
    waves.push_back(pleth(without(made::steady(60), 40, 58), 60));
    play(site, waves, 0, 40);
    EXPECT_EQ(site.alarm(of_ada, "asystole"), nullptr);
    play(site, waves, 40, 44);
    EXPECT_NE(site.alarm(of_ada, "asystole"), nullptr);
    Site at_once;
    waves[2] = pleth(without(made::steady(60), 30, 58), 60);
    play(at_once, waves, 0, 36);
    EXPECT_NE(at_once.alarm(of_ada, "asystole"), nullptr) << "the pulse went with the beats";
}

TEST(SiteWatchSignals, leads_off_where_the_pulse_has_gone_too_is_high) {
    Site site;
    auto waves = two_leads(made::steady(60), 60);
    for (auto& wave : waves) fill(wave, 30, 60, 0.1F);
    waves.push_back(pleth(without(made::steady(60), 30, 60), 60));
    play(site, waves, 0, 40);
    const auto* alarm = site.alarm(of_ada, "ecg_leads_off");
    ASSERT_NE(alarm, nullptr);
    EXPECT_EQ(alarm->priority, AlarmPriority::high);
    EXPECT_THAT(alarm->detail, HasSubstr("no pulse"));
}

std::vector<made::Beat> with_run(double length_s, double at_s, int beats, double interval_s) {
    auto all = without(made::steady(length_s), at_s - 0.5, at_s + beats * interval_s + 0.5);
    for (int i = 0; i < beats; ++i)
        all.push_back({.at_s = at_s + i * interval_s, .ventricular = true});
    std::ranges::sort(all, {}, &made::Beat::at_s);
    return all;
}

TEST(SiteWatchSignals, ventricular_tachycardia_is_told_within_seconds) {
    Site site;
    const auto waves = two_leads(with_run(50, 30.3, 12, 0.4), 50);
    play(site, waves, 0, 35);
    ASSERT_NE(site.alarm(of_ada, "sustained_ventricular_tachycardia"), nullptr);
    play(site, waves, 35, 50);
    EXPECT_EQ(site.alarm(of_ada, "sustained_ventricular_tachycardia")->state, AlarmState::latched);
}

TEST(SiteWatchSignals, a_pulse_that_does_not_follow_contradicts_tachycardia) {
    Site site;
    auto waves = two_leads(with_run(50, 30.3, 10, 0.5), 50);
    waves.push_back(pleth(made::steady(50), 50));
    play(site, waves, 0, 50);
    const auto said = alarms(site);
    EXPECT_THAT(said, Not(Contains(HasSubstr("sustained_ventricular_tachycardia"))));
    EXPECT_THAT(said, Contains("1:onset ecg_cannot_analyse"));
}

TEST(SiteWatchSignals, a_run_stands_long_enough_to_be_seen) {
    Site site;
    const auto waves = two_leads(with_run(60, 30.3, 3, 0.4), 60);
    play(site, waves, 0, 35);
    ASSERT_NE(site.alarm(of_ada, "ventricular_run"), nullptr);
    play(site, waves, 35, 60);
    EXPECT_EQ(site.alarm(of_ada, "ventricular_run"), nullptr);
}

TEST(SiteWatchSignals, ventricular_fibrillation_is_told_whatever_the_pulse_does) {
    Site site;
    auto waves = two_leads(made::steady(60), 60);
    for (auto& wave : waves) fibrillate(wave, 30, 60);
    waves.push_back(pleth(made::steady(60), 60));
    play(site, waves, 0, 42);
    const auto* alarm = site.alarm(of_ada, "ventricular_fibrillation");
    ASSERT_NE(alarm, nullptr);
    EXPECT_EQ(alarm->state, AlarmState::active);
}

TEST(SiteWatchSignals, an_extreme_rate_goes_by_the_patients_own_limit) {
    Site site;
    const auto waves = two_leads(made::steady(60, 0.33), 60);  // 182/min
    play(site, waves, 0, 60);
    EXPECT_NE(site.alarm(of_ada, "extreme_tachycardia"), nullptr);
    Site child(false);
    child.add(ada, "ICU 1", "2027-01-01");
    play(child, waves, 0, 60);
    EXPECT_EQ(child.alarm(of_ada, "extreme_tachycardia"), nullptr) << "of a newborn it is 220";
}

TEST(SiteWatchSignals, a_plain_rate_is_told_once_where_the_device_sends_it_too) {
    Site site;
    const auto waves = two_leads(made::steady(40, 0.45), 40);  // 133/min
    for (std::int64_t second = 0; second < 40; ++second) {
        play_second(site, bedside_monitor, ada, waves, second);
        site.read(bedside_monitor, ada, "heart_rate", 133, site.now);
    }
    const auto said = alarms(site);
    EXPECT_EQ(std::ranges::count(said, "1:onset heart_rate_high"), 1);
    EXPECT_THAT(said, Not(Contains(HasSubstr("suppressed"))));
}

TEST(SiteWatchSignals, of_twelve_leads_two_are_read) {
    Site site;
    const auto beats = made::steady(20);
    std::vector<Wave> waves;
    for (const auto* metric : {"ecg_avr", "ecg_i", "ecg_v6", "ecg_v1", "ecg_iii", "ecg_ii"})
        waves.push_back(lead(metric, beats, 20));
    play(site, waves, 0, 20);
    const auto ecgs = site.watch.signals(of_ada)->ecgs();
    ASSERT_EQ(ecgs[0].leads.size(), 2U);
    EXPECT_EQ(ecgs[0].leads[0].lead.metric, the_catalogue().find("ecg_ii")->id);
    EXPECT_EQ(ecgs[0].leads[1].lead.metric, the_catalogue().find("ecg_v1")->id);
}

TEST(SiteWatchSignals, when_the_lead_that_is_read_stops_another_is) {
    Site site;
    auto waves = two_leads(made::steady(90), 90);
    waves[0].samples.resize(20 * 250);
    waves[1].samples.resize(30 * 250);
    waves.push_back(lead("ecg_v5", made::steady(90), 90));
    play(site, waves, 0, 90);
    const auto ecgs = site.watch.signals(of_ada)->ecgs();
    ASSERT_EQ(ecgs[0].leads.size(), 1U);
    EXPECT_EQ(ecgs[0].leads[0].lead.metric, the_catalogue().find("ecg_v5")->id);
    EXPECT_NEAR(ecgs[0].heart_rate.value_or(0), 75, 2);
    EXPECT_THAT(alarms(site), Not(Contains(HasSubstr("asystole"))));
}

TEST(SiteWatchSignals, another_scale_of_the_same_voltage_changes_nothing) {
    Site site;
    auto fine = two_leads(made::steady(60), 60), coarse = fine;
    for (auto& wave : coarse) wave.scale = 0.005;
    play(site, fine, 0, 30);
    play(site, coarse, 30, 60);
    EXPECT_THAT(alarms(site), IsEmpty());
    EXPECT_NEAR(site.watch.signals(of_ada)->ecgs()[0].heart_rate.value_or(0), 75, 2);
}

TEST(SiteWatchSignals, another_rate_begins_anew_and_calls_nothing) {
    Site site;
    play(site, two_leads(made::steady(30), 30), 0, 30);
    Wave other{.metric = "ecg_ii", .hz = 500};
    other.samples = made::ecg(made::steady(30), 500, 30);
    play(site, {other}, 0, 30);
    EXPECT_THAT(alarms(site), IsEmpty());
    EXPECT_NEAR(site.watch.signals(of_ada)->ecgs()[0].heart_rate.value_or(0), 75, 2);
}

TEST(SiteWatchSignals, an_ecg_that_cannot_be_read_says_so) {
    Site site;
    Wave slow{.metric = "ecg_ii", .hz = 50};
    slow.samples = made::ecg(made::steady(30), 50, 30);
    play(site, {slow}, 0, 20);
    EXPECT_NE(site.alarm(of_ada, "ecg_cannot_analyse"), nullptr);
    site.idle(site.now + 12);
    EXPECT_EQ(site.alarm(of_ada, "ecg_cannot_analyse"), nullptr) << "there is none any more";
}

TEST(SiteWatchSignals, when_the_signal_is_lost_what_stood_stands_as_not_known) {
    Site site;
    const auto waves = two_leads(made::steady(60, 0.33), 60);
    play(site, waves, 0, 40);
    ASSERT_NE(site.alarm(of_ada, "extreme_tachycardia"), nullptr);
    site.idle(site.now + 15);
    ASSERT_NE(site.alarm(of_ada, "extreme_tachycardia"), nullptr);
    EXPECT_TRUE(site.alarm(of_ada, "extreme_tachycardia")->stale);
    EXPECT_TRUE(site.alarm(of_ada, "extreme_tachycardia")->present);
    play(site, two_leads(made::steady(40), 40), 0, 40);
    EXPECT_FALSE(site.alarm(of_ada, "extreme_tachycardia")->present) << "they were seen to be well";
}

TEST(SiteWatchSignals, a_device_that_is_moved_begins_anew_at_the_other_bed) {
    Site site;
    site.associate(bedside_monitor, ada, 0);
    const auto waves = two_leads(without(made::steady(60), 28, 60), 60);
    play(site, waves, 0, 30);
    site.associate(bedside_monitor, ben, 30, {}, true);
    play(site, waves, 30, 32, bedside_monitor, ben);
    EXPECT_TRUE(site.watch.signals(of_ada)->ecgs().empty());
    EXPECT_EQ(site.alarm(of_ben, "asystole"), nullptr);
    play(site, waves, 32, 60, bedside_monitor, ben);
    EXPECT_NE(site.alarm(of_ben, "asystole"), nullptr) << "no beat of theirs was ever seen";
    EXPECT_EQ(site.alarm(of_ada, "asystole"), nullptr);
}

TEST(SiteWatchSignals, a_device_on_nobody_is_read_at_its_place) {
    Site site;
    const auto waves = two_leads(without(made::steady(60), 30, 60), 60);
    play(site, waves, 0, 36, bedside_monitor, PatientId{});
    EXPECT_NE(site.alarm(place_of(bedside_monitor), "asystole"), nullptr);
}

}  // namespace
}  // namespace vigil::monitor

// A whole server's entries, in the log's order: who is watched, where devices go, and that it all
// comes to the same after a restart anywhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "monitor/site.hpp"

namespace vigil::monitor {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(SiteWatch, whoever_is_in_a_bed_is_watched_and_shown_as_unmonitored_until_something_comes) {
    Site site;
    ASSERT_NE(site.watch.find(of_ben), nullptr);
    EXPECT_EQ(site.watch.find(of_ben)->view().unmonitored_since, Bed::start());
    EXPECT_FALSE(site.watch.find(of_ben)->view().age_confirmed) << "their age is not known";
    EXPECT_TRUE(site.watch.find(of_ada)->view().age_confirmed);
    site.values(bedside_monitor, ben, "spo2", 97, 3);
    EXPECT_EQ(site.watch.find(of_ben)->view().unmonitored_since, std::nullopt);
}

TEST(SiteWatch, each_monitor_gets_what_is_theirs_and_the_clock_without_data) {
    Site site;
    site.associate(bedside_monitor, ada, 0);
    site.associate(oximeter, ben, 0);
    site.events.clear();
    site.values(bedside_monitor, ada, "spo2", 97, 2);
    site.values(oximeter, ben, "spo2", 85, 30);
    EXPECT_THAT(site.said(), ElementsAre("1:onset no_data", "2:onset spo2_low"))
        << "Ada's device fell silent while Ben's went on";
}

TEST(SiteWatch, a_device_that_is_moved_takes_its_readings_along_and_leaves_what_is_latched) {
    Site site;
    site.associate(bedside_monitor, ada, 0);
    site.values(bedside_monitor, ada, "spo2", 85, 20);
    ASSERT_NE(site.alarm(of_ada, "spo2_low"), nullptr);
    site.now = 21;
    site.associate(bedside_monitor, ben, 21, {}, true);
    EXPECT_EQ(site.alarm(of_ada, "spo2_low"), nullptr) << "no longer measured, and not latching";
    site.values(bedside_monitor, ben, "spo2", 85, 40);
    EXPECT_NE(site.alarm(of_ben, "spo2_low"), nullptr) << "its delay began anew";
}

TEST(SiteWatch, an_association_begins_and_ends_at_its_time_without_an_act) {
    Site site;
    site.associate(bedside_monitor, ada, 10, 20);
    site.said();
    site.idle(9);
    EXPECT_THAT(site.said(), IsEmpty());
    site.idle(10);
    EXPECT_THAT(site.said(), ElementsAre("1:device-associated"));
    site.idle(20);
    EXPECT_THAT(site.said(), Contains("1:device-removed"));
}

TEST(SiteWatch, a_device_on_nobody_sounds_at_its_own_place) {
    Site site;
    site.values(oximeter, {}, "spo2", 85, 30);
    const auto place = place_of(oximeter);
    ASSERT_NE(site.alarm(place, "spo2_low"), nullptr);
    site.said();
    site.associate(oximeter, ada, 30);
    EXPECT_THAT(site.said(), Contains("1:device-associated"));
    EXPECT_EQ(site.alarm(place, "spo2_low"), nullptr);
    site.idle(33);
    EXPECT_EQ(site.watch.find(place), nullptr) << "nothing is left there";
}

TEST(SiteWatch, a_place_that_sends_no_more_is_left) {
    Site site;
    site.values(oximeter, {}, "spo2", 97, 5);
    site.idle(64);
    EXPECT_NE(site.watch.find(place_of(oximeter)), nullptr);
    site.idle(67);
    EXPECT_EQ(site.watch.find(place_of(oximeter)), nullptr);
}

TEST(SiteWatch, a_display_is_watched_at_its_own_place_until_it_is_released) {
    constexpr DisplayId central{displays_from.value + 4};
    const auto place = place_of(central);
    Site site;
    site.alarm_act(DisplayConfirmed{central});
    EXPECT_EQ(site.watch.find(place), nullptr) << "nobody expects it";
    DisplayExpected asked{.display = central, .name = "desk", .unit = "ICU 1", .key_sha256 = "5e"};
    site.alarm_act(asked);
    ASSERT_NE(site.watch.find(place), nullptr);
    site.said();
    site.idle(5);
    site.alarm_act(DisplayConfirmed{central});
    site.idle(15);
    EXPECT_THAT(site.said(), IsEmpty());
    site.idle(17);
    EXPECT_THAT(site.said(), ElementsAre("L2147483652:onset display_lost"));
    asked.expected = false;
    site.alarm_act(asked);
    site.idle(20);
    EXPECT_EQ(site.watch.find(place), nullptr);
    asked.expected = true;
    asked.name.clear();
    site.alarm_act(asked);
    site.idle(22);
    EXPECT_EQ(site.watch.find(place), nullptr) << "what is refused is not watched";
}

TEST(SiteWatch, whoever_leaves_the_bed_is_watched_until_nothing_of_theirs_stands) {
    Site site;
    site.associate(bedside_monitor, ada, 0);
    site.values(bedside_monitor, ada, "spo2", 97, 2);
    site.move(ada, "");
    site.idle(3);
    EXPECT_NE(site.watch.find(of_ada), nullptr) << "a device is still on them";
    site.associate(bedside_monitor, {}, 3, {}, true);
    site.idle(5);
    EXPECT_EQ(site.watch.find(of_ada), nullptr);
    site.read(bedside_monitor, ada, "spo2", 50, 1 - 600);
    EXPECT_EQ(site.watch.find(of_ada), nullptr) << "what comes late is no reason to watch them";
}

TEST(SiteWatch, people_act_on_one_alarm_of_one_patient) {
    Site site;
    site.values(bedside_monitor, ada, "spo2", 85, 20);
    site.values(oximeter, ben, "spo2", 85, 40);
    const auto id = site.alarm(of_ben, "spo2_low")->id;
    site.alarm_act(AlarmAcknowledged{
        .alarm = id, .episode = 1, .seen = site.alarm(of_ben, "spo2_low")->priority});
    EXPECT_EQ(site.alarm(of_ben, "spo2_low")->state, AlarmState::acknowledged);
    ASSERT_NE(site.alarm(of_ada, "spo2_low"), nullptr);
    EXPECT_EQ(site.alarm(of_ada, "spo2_low")->state, AlarmState::active);
}

TEST(SiteWatch, a_units_changed_limit_holds_once_another_person_confirms_it) {
    Site site;
    const auto spo2_low = the_tables().conditions.find("spo2_low")->id;
    site.alarm_act(ProfileChangeProposed{.unit = "ICU 1",
                                         .age_class = AgeClass::adult,
                                         .edit = {.condition = spo2_low, .limit = Decimal{92, 0}}},
                   "first");
    ASSERT_EQ(site.watch.profiles().proposals().size(), 1U);
    const auto proposal = site.watch.profiles().proposals().front().id;
    site.said();
    site.alarm_act(ProfileChangeDecided{.proposal = proposal, .confirmed = true}, "first");
    EXPECT_THAT(site.said(), ElementsAre("L0:refused")) << "who proposed does not confirm";
    site.values(bedside_monitor, ada, "spo2", 91, 30);
    EXPECT_EQ(site.alarm(of_ada, "spo2_low"), nullptr);
    site.alarm_act(ProfileChangeDecided{.proposal = proposal, .confirmed = true}, "second");
    site.values(bedside_monitor, ada, "spo2", 91, 60);
    EXPECT_NE(site.alarm(of_ada, "spo2_low"), nullptr);
}

TEST(SiteWatch, of_whoever_is_erased_nothing_is_said_any_more) {
    Site site;
    site.associate(bedside_monitor, ada, 0);
    site.values(bedside_monitor, ada, "spo2", 85, 20);
    site.said();
    site.now = 21;
    site.act(identity::PatientErased{.patient = ada, .reason = "asked"});
    EXPECT_EQ(site.watch.find(of_ada), nullptr);
    EXPECT_THAT(site.said(), testing::Not(Contains(testing::StartsWith("1:"))));
}

TEST(SiteWatch, what_cannot_be_read_is_counted_and_the_rest_goes_on) {
    Site site;
    site.put(store::EntryKind::batch, ada, "no batch");
    site.put(store::EntryKind::act, {}, "no act");
    auto later = identity::encode(
        identity::Act{.recorded = Bed::time(0),
                      .by = "x",
                      .body = identity::PatientAdded{Site::patient(ada, "ICU 1", "")}});
    const std::string name = "patient-added";
    ASSERT_NE(later.find(name), std::string::npos) << later;
    later.replace(later.find(name), name.size(), "of-a-later-version");
    site.put(store::EntryKind::act, {}, later);
    EXPECT_EQ(site.watch.unread(), 2U);
    site.values(bedside_monitor, ada, "spo2", 85, 20);
    EXPECT_NE(site.alarm(of_ada, "spo2_low"), nullptr);
}

// A day on a ward as a random list of entries: from any of them on, a watch that is restored from a
// snapshot says the same, under the same names.
TEST(SiteWatch, restarted_anywhere_it_says_the_same) {
    Site site;
    std::mt19937 random(5);
    const auto one_of = [&](int count) {
        return static_cast<int>(random() % static_cast<unsigned>(count));
    };
    std::vector<std::pair<std::size_t, std::string>> snapshots;
    std::vector<AlarmEvent> all;
    for (int step = 0; step < 1'500; ++step) {
        const auto device = one_of(2) == 0 ? bedside_monitor : oximeter;
        const auto on = one_of(2) == 0 ? ada : ben;
        switch (one_of(12)) {
            case 0:
                site.associate(device, one_of(4) == 0 ? PatientId{} : on, site.now + one_of(5), {},
                               true);
                break;
            case 1:
                site.move(on, one_of(3) == 0 ? "" : one_of(2) == 0 ? "ICU 1" : "Ward 2");
                break;
            case 2:
                site.idle(site.now + one_of(20));
                break;
            case 3:
                if (const auto* alarm = site.alarm({on, {}}, "spo2_low"))
                    site.alarm_act(AlarmAcknowledged{
                        .alarm = alarm->id, .episode = alarm->episode, .seen = alarm->priority});
                break;
            default: {
                // As collect/ files it: under whom the device is on then.
                PatientId of;
                for (const auto patient : {ada, ben})
                    if (const auto* monitor = site.watch.find({patient, {}});
                        monitor != nullptr && one_of(2) == 0)
                        of = patient;
                site.values(device, of, "spo2", one_of(3) == 0 ? 97 : 80,
                            site.now + 1 + one_of(12));
            }
        }
        if (step % 50 == 0) snapshots.emplace_back(site.log.size(), site.watch.snapshot());
    }
    all = site.events;
    ASSERT_GT(all.size(), 100U);
    for (const auto& [offset, bytes] : snapshots) {
        auto restored = SiteWatch::restore(the_tables(), bytes);
        ASSERT_TRUE(restored) << restored.error().message << " " << restored.error().place;
        EXPECT_EQ(restored->snapshot(), bytes);
        std::vector<AlarmEvent> again;
        for (auto next = offset + 1; next <= site.log.size(); ++next) {
            site.apply(*restored, next);
            for (auto& event : restored->take_events()) again.push_back(std::move(event));
        }
        ASSERT_LE(again.size(), all.size());
        ASSERT_TRUE(std::equal(again.rbegin(), again.rend(), all.rbegin())) << offset;
    }
}

TEST(SiteWatch, no_two_events_have_one_name) {
    Site site;
    for (int round = 0; round < 40; ++round) {
        site.associate(oximeter, round % 2 == 0 ? ada : PatientId{}, site.now, {}, true);
        site.values(oximeter, round % 2 == 0 ? ada : PatientId{}, "spo2", 70, site.now + 3 * round);
        site.idle(site.now + 70);
    }
    std::vector<EventId> ids;
    for (const auto& event : site.events) ids.push_back(event.id);
    std::ranges::sort(ids);
    EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
}

TEST(SiteWatch, a_damaged_snapshot_is_refused) {
    Site site;
    site.values(bedside_monitor, ada, "spo2", 85, 20);
    const auto bytes = site.watch.snapshot();
    for (std::size_t cut = 0; cut < bytes.size(); cut += 7)
        EXPECT_FALSE(SiteWatch::restore(the_tables(), std::string_view(bytes).substr(0, cut)));
    std::string other = bytes;
    other[0] = 9;
    EXPECT_EQ(SiteWatch::restore(the_tables(), other).error().kind, Error::Kind::unsupported);
}

}  // namespace
}  // namespace vigil::monitor

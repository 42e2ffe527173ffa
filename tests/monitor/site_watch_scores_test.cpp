// Early-warning scores as the whole server keeps them: what a nurse charts and monitors send comes
// to a score, its alarm, and the same after a restart. clinical_scores §1 and §10.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "monitor/site.hpp"

namespace vigil::monitor {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr DeviceId hand{40};  // what a person writes down
constexpr std::int64_t minute_s = 60, hour_s = 3'600;

FiledReading charted(std::string_view metric, std::string_view value, std::int64_t second) {
    FiledReading out;
    out.reading.metric = the_catalogue().find(metric)->id;
    out.reading.status = status::manual;
    if (const auto number = parse_decimal(value))
        out.reading.value = NumericValue{*number, the_catalogue().find(metric)->unit};
    else
        out.reading.value = EventValue{.code = std::string(value), .text = {}};
    out.filed_time = Bed::time(second);
    return out;
}

struct Round {
    std::string resp_rate = "16", spo2 = "97", systolic = "122", pulse = "78", temperature = "36.8",
                consciousness = "A", oxygen = "air";
};
void chart(Site& site, const Round& round, PatientId of = ada) {
    std::vector<FiledReading> all;
    for (const auto& [metric, value] : {std::pair{"resp_rate", round.resp_rate},
                                        {"spo2", round.spo2},
                                        {"nibp_sys", round.systolic},
                                        {"heart_rate", round.pulse},
                                        {"temp_body", round.temperature},
                                        {"avpu", round.consciousness},
                                        {"oxygen_therapy", round.oxygen}})
        if (!value.empty()) all.push_back(charted(metric, value, site.now));
    site.send(hand, of, std::move(all));
}

std::size_t table(std::string_view score) {
    return static_cast<std::size_t>(the_tables().scores.find(score) -
                                    the_tables().scores.tables().data());
}
std::optional<std::int64_t> news2(const Site& site, PatientId of = ada) {
    return site.watch.scores(of)->current(table("news2"), Bed::time(site.now)).total();
}

TEST(SiteWatchScores, a_round_of_observations_is_a_score_for_the_screens) {
    Site site;
    chart(site, {});
    site.idle(4);
    EXPECT_EQ(news2(site), 0);
    EXPECT_EQ(site.alarm(of_ada, "news2_raised"), nullptr);
    EXPECT_EQ(site.watch.scores(PatientId{99}), nullptr) << "nobody watches them";
}

TEST(SiteWatchScores, scale_2_holds_once_a_clinician_decided_so_and_after_a_restart) {
    Site site;
    chart(site, {.spo2 = "90", .oxygen = "air"});
    site.idle(4);
    EXPECT_EQ(news2(site), 3);
    site.said();
    site.alarm_act(ScoreSettingSet{of_ada, "spo2_scale", "2"}, "Dr Okafor");
    EXPECT_EQ(news2(site), 0) << "88 to 92 % is their target";
    EXPECT_THAT(site.said(), Contains("1:score-setting-changed"));
    const auto restored = SiteWatch::restore(the_tables(), site.watch.snapshot());
    ASSERT_TRUE(restored);
    const auto again = restored->scores(ada)->current(table("news2"), Bed::time(site.now));
    EXPECT_EQ(again.total(), 0);
    EXPECT_EQ(again.settings.at(0).chosen->by, "Dr Okafor");
    site.alarm_act(ScoreSettingSet{of_ada, "spo2_scale", "3"});
    EXPECT_THAT(site.said(), ElementsAre("1:refused"));
    EXPECT_EQ(news2(site), 0);
    site.alarm_act(ScoreSettingSet{of_ada, "spo2_scale", "1"});
    EXPECT_EQ(news2(site), 3);
}

TEST(SiteWatchScores, in_pregnancy_news2_is_not_computed_and_what_it_told_ends) {
    Site site;
    chart(site, {.resp_rate = "25", .spo2 = "91", .pulse = "112"});
    site.idle(4);
    ASSERT_NE(site.alarm(of_ada, "news2_raised"), nullptr);
    site.alarm_act(ScoreSettingSet{of_ada, "pregnancy", "yes"});
    EXPECT_EQ(news2(site), std::nullopt);
    site.idle(5);
    EXPECT_EQ(site.alarm(of_ada, "news2_raised"), nullptr);
}

TEST(SiteWatchScores, news2_of_seven_and_more_is_a_medium_alarm_that_says_what_made_it) {
    Site site;
    chart(site, {.resp_rate = "25", .spo2 = "91", .pulse = "112"});  // 3 + 3 + 2
    site.idle(4);
    EXPECT_EQ(news2(site), 8);
    const auto* alarm = site.alarm(of_ada, "news2_raised");
    ASSERT_NE(alarm, nullptr);
    EXPECT_EQ(alarm->priority, AlarmPriority::medium);
    EXPECT_EQ(alarm->value, (Decimal{8, 0}));
    EXPECT_THAT(alarm->detail, HasSubstr("8: "));
    EXPECT_THAT(alarm->detail, HasSubstr("Respiration rate 3"));
}

TEST(SiteWatchScores, three_in_a_single_parameter_is_a_low_alarm) {
    Site site;
    chart(site, {.resp_rate = "25"});
    site.idle(4);
    ASSERT_NE(site.alarm(of_ada, "news2_raised"), nullptr);
    EXPECT_EQ(site.alarm(of_ada, "news2_raised")->priority, AlarmPriority::low);
}

TEST(SiteWatchScores, what_is_missing_makes_a_lower_bound_and_the_bound_alarms) {
    Site site;
    chart(site, {.resp_rate = "25", .spo2 = "91", .pulse = "112", .temperature = ""});
    site.idle(4);
    EXPECT_EQ(news2(site), std::nullopt) << "never a plain total";
    ASSERT_NE(site.alarm(of_ada, "news2_raised"), nullptr);
    EXPECT_THAT(site.alarm(of_ada, "news2_raised")->detail, HasSubstr("at least 8"));
    EXPECT_THAT(site.alarm(of_ada, "news2_raised")->detail, HasSubstr("not known: Temperature"));
}

TEST(SiteWatchScores, once_acknowledged_it_sounds_again_when_the_band_rises_and_not_with_time) {
    Site site;
    chart(site, {.resp_rate = "25"});  // 3
    site.idle(4);
    const auto* alarm = site.alarm(of_ada, "news2_raised");
    ASSERT_NE(alarm, nullptr);
    site.alarm_act(AlarmAcknowledged{.alarm = alarm->id, .episode = 1, .seen = alarm->priority});
    site.idle(40 * minute_s);
    EXPECT_EQ(site.alarm(of_ada, "news2_raised")->state, AlarmState::acknowledged);
    chart(site, {.resp_rate = "25", .spo2 = "93"});  // 3 + 2: from low-medium to medium
    site.idle(site.now + 4);
    EXPECT_EQ(site.alarm(of_ada, "news2_raised")->state, AlarmState::active);
    EXPECT_EQ(site.alarm(of_ada, "news2_raised")->priority, AlarmPriority::low);
    chart(site, {.resp_rate = "25", .spo2 = "91", .pulse = "112"});
    site.idle(site.now + 4);
    EXPECT_EQ(site.alarm(of_ada, "news2_raised")->priority, AlarmPriority::medium);
}

TEST(SiteWatchScores, it_comes_again_when_nobody_took_new_observations_in_the_bands_time) {
    Site site;
    chart(site, {.resp_rate = "25", .spo2 = "91", .pulse = "112"});
    site.idle(4);
    const auto* alarm = site.alarm(of_ada, "news2_raised");
    ASSERT_NE(alarm, nullptr);
    site.alarm_act(AlarmAcknowledged{.alarm = alarm->id, .episode = 1, .seen = alarm->priority});
    site.idle(hour_s - 60);
    EXPECT_EQ(site.alarm(of_ada, "news2_raised")->state, AlarmState::acknowledged);
    site.idle(hour_s + 60);
    EXPECT_EQ(site.alarm(of_ada, "news2_raised")->state, AlarmState::active);
    EXPECT_TRUE(site.alarm(of_ada, "news2_raised")->stale)
        << "pulse and saturation are too old by now: whether it is still 8 is not known";
}

TEST(SiteWatchScores, it_ends_when_the_score_has_been_low_for_five_minutes) {
    Site site;
    chart(site, {.resp_rate = "25"});
    site.idle(4);
    ASSERT_NE(site.alarm(of_ada, "news2_raised"), nullptr);
    chart(site, {});
    site.idle(site.now + 4 * minute_s);
    EXPECT_NE(site.alarm(of_ada, "news2_raised"), nullptr);
    site.idle(site.now + 2 * minute_s);
    EXPECT_EQ(site.alarm(of_ada, "news2_raised"), nullptr);
}

TEST(SiteWatchScores, a_value_that_goes_to_and_fro_is_one_alarm) {
    Site site;
    for (int round = 0; round < 6; ++round) {
        chart(site, {.resp_rate = round % 2 == 0 ? "25" : "24"});
        site.idle(site.now + minute_s);
    }
    const auto said = site.said();
    EXPECT_EQ(std::ranges::count(said, "1:onset news2_raised"), 1);
    EXPECT_THAT(said, Not(Contains("1:ended news2_raised")));
}

TEST(SiteWatchScores, a_monitors_minute_counts_with_its_median) {
    Site site;
    site.associate(bedside_monitor, ada, 0);
    chart(site, {.pulse = ""});
    site.values(bedside_monitor, ada, "heart_rate", 112, 40);
    EXPECT_EQ(news2(site), 2);
}

TEST(SiteWatchScores, a_child_has_no_news2_and_its_date_of_birth_may_be_learnt_later) {
    Site site;
    chart(site, {.resp_rate = "25"}, ben);
    site.idle(4);
    ASSERT_NE(site.alarm(of_ben, "news2_raised"), nullptr) << "age not known: as of an adult";
    site.act(identity::PatientChanged{Site::patient(ben, "ICU 1", "2020-02-03")});
    EXPECT_EQ(site.alarm(of_ben, "news2_raised"), nullptr);
    EXPECT_EQ(site.watch.scores(ben)->current(table("news2"), Bed::time(4)).applicability,
              Applicability::too_young);
}

TEST(SiteWatchScores, who_leaves_leaves_no_alarm_behind) {
    Site site;
    chart(site, {.resp_rate = "25"});
    site.idle(4);
    ASSERT_NE(site.alarm(of_ada, "news2_raised"), nullptr);
    site.move(ada, "");
    EXPECT_EQ(site.alarm(of_ada, "news2_raised"), nullptr);
    site.idle(site.now + 2);
    EXPECT_EQ(site.watch.find(of_ada), nullptr);
    EXPECT_EQ(site.watch.scores(ada), nullptr);
}

TEST(SiteWatchScores, restarted_anywhere_they_go_on_as_if_nothing_had_been) {
    Site site;
    site.associate(bedside_monitor, ada, 0);
    std::vector<std::pair<std::size_t, std::string>> snapshots;
    for (int round = 0; round < 30; ++round) {
        if (round % 3 == 0)
            chart(site,
                  {.resp_rate = round % 2 == 0 ? "25" : "16",
                   .temperature = round % 4 == 0 ? "" : "38.4"},
                  round % 5 == 0 ? ben : ada);
        site.values(bedside_monitor, ada, "heart_rate", round % 4 == 0 ? 112 : 80,
                    site.now + 20 + 11 * (round % 7));
        if (round % 6 == 5) site.idle(site.now + 6 * minute_s);
        snapshots.emplace_back(site.log.size(), site.watch.snapshot());
    }
    for (const auto& [offset, bytes] : snapshots) {
        auto restored = SiteWatch::restore(the_tables(), bytes);
        ASSERT_TRUE(restored) << restored.error().message << " " << restored.error().place;
        EXPECT_EQ(restored->snapshot(), bytes);
        std::vector<AlarmEvent> again;
        for (auto next = offset + 1; next <= site.log.size(); ++next) {
            site.apply(*restored, next);
            for (auto& event : restored->take_events()) again.push_back(std::move(event));
        }
        ASSERT_TRUE(std::equal(again.rbegin(), again.rend(), site.events.rbegin())) << offset;
        EXPECT_EQ(restored->snapshot(), site.watch.snapshot());
    }
}

}  // namespace
}  // namespace vigil::monitor

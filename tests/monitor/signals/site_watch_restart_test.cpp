// Waveforms over a restart: the same log comes to the same, and a watch that is restored and has
// read the minute before goes on as the one that was never stopped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "monitor/signals/waves.hpp"

namespace vigil::monitor {
namespace {

// Four minutes in which much happens: a run, a pause with a pulse, asystole, fibrillation, leads
// off, a fast rhythm.
std::vector<Wave> a_bad_night() {
    constexpr double length_s = 240;
    auto beats = without(made::steady(length_s), 40, 44);
    for (int i = 0; i < 4; ++i) beats.push_back({.at_s = 40.4 + 0.4 * i, .ventricular = true});
    beats = without(std::move(beats), 70, 82);
    beats = without(std::move(beats), 180, 240);
    for (int i = 0; i < 150; ++i) beats.push_back({.at_s = 181 + 0.35 * i});
    std::ranges::sort(beats, {}, &made::Beat::at_s);
    auto waves = two_leads(beats, length_s);
    for (auto& wave : waves) {
        fibrillate(wave, 110, 130);
        fill(wave, 150, 160, 0.2F);
    }
    waves.push_back(pleth(without(made::steady(length_s), 76, 82), length_s));
    return waves;
}

// What the detectors tell by the last seconds. Counts of a minute, and what a beat in the midst of
// fibrillation is taken for, may differ by what was learnt before the minute.
bool is_urgent(std::string_view key) {
    constexpr std::array urgent{"asystole",
                                "ventricular_fibrillation",
                                "sustained_ventricular_tachycardia",
                                "extreme_tachycardia",
                                "extreme_bradycardia",
                                "ecg_leads_off",
                                "ecg_noise"};
    return std::ranges::find(urgent, key) != urgent.end();
}

std::vector<std::string> words(const std::vector<AlarmEvent>& events) {
    std::vector<std::string> out;
    for (const auto& event : events) {
        const auto* row = the_tables().conditions.find(event.condition.condition);
        if (row == nullptr || !is_urgent(row->key)) continue;
        out.push_back(
            std::to_string(
                std::chrono::floor<std::chrono::seconds>(event.time - Bed::start()).count()) +
            " " + std::string(to_string(event.type)) + " " + row->key);
    }
    return out;
}

void restart_and_compare(const Site& site, std::size_t offset, const std::string& bytes) {
    auto restored = SiteWatch::restore(the_tables(), bytes);
    ASSERT_TRUE(restored) << restored.error().message << " " << restored.error().place;
    EXPECT_TRUE(restored->snapshot() == bytes);
    for (auto next = restored->warm_up_from()->offset; next <= offset; ++next)
        restored->warm_up(site.entry(next));
    EXPECT_TRUE(restored->take_events().empty());
    EXPECT_TRUE(restored->snapshot() == bytes) << "what was told stands as it stood: " << offset;
    std::vector<AlarmEvent> again;
    for (auto next = offset + 1; next <= site.log.size(); ++next) {
        restored->apply(site.entry(next));
        for (auto& event : restored->take_events()) again.push_back(std::move(event));
    }
    const std::vector<AlarmEvent> live(
        std::ranges::find_if(site.events,
                             [&](const auto& event) { return event.id.cause.offset > offset; }),
        site.events.end());
    EXPECT_EQ(words(again), words(live)) << "from " << offset;
}

TEST(SiteWatchRestart, a_replay_comes_to_the_same) {
    Site site;
    play(site, a_bad_night(), 0, 240);
    EXPECT_GT(site.events.size(), 20U);
    SiteWatch again(the_tables());
    std::vector<AlarmEvent> events;
    for (std::size_t next = 1; next <= site.log.size(); ++next) {
        again.apply(site.entry(next));
        for (auto& event : again.take_events()) events.push_back(std::move(event));
    }
    EXPECT_TRUE(events == site.events);
    EXPECT_TRUE(again.snapshot() == site.watch.snapshot());
}

TEST(SiteWatchRestart, from_a_snapshot_and_the_minute_before_it_goes_on_as_if_nothing_had_been) {
    Site site;
    const auto waves = a_bad_night();
    std::vector<std::pair<std::size_t, std::string>> snapshots;
    for (std::int64_t second = 0; second < 240; ++second) {
        play_second(site, bedside_monitor, ada, waves, second);
        if (second % 17 == 3 && second > 20)
            snapshots.emplace_back(site.log.size(), site.watch.snapshot());
    }
    for (const auto& [offset, bytes] : snapshots) restart_and_compare(site, offset, bytes);
}

TEST(SiteWatchRestart, without_that_minute_what_stood_stands_until_the_detectors_know) {
    Site site;
    const auto waves = two_leads(made::steady(120, 0.33), 120);
    play(site, waves, 0, 60);
    ASSERT_NE(site.alarm(of_ada, "extreme_tachycardia"), nullptr);
    site.said();
    site.watch = *SiteWatch::restore(the_tables(), site.watch.snapshot());
    play(site, waves, 60, 120);
    EXPECT_THAT(site.said(), testing::Each(testing::HasSubstr("told")))
        << "no end, and no second onset";
    EXPECT_TRUE(site.alarm(of_ada, "extreme_tachycardia")->present);
}

TEST(SiteWatchRestart, a_damaged_snapshot_of_signals_is_refused) {
    Site site;
    play(site, a_bad_night(), 0, 80);
    const auto bytes = site.watch.snapshot();
    for (std::size_t cut = 0; cut < bytes.size(); cut += 13)
        EXPECT_FALSE(SiteWatch::restore(the_tables(), std::string_view(bytes).substr(0, cut)));
}

}  // namespace
}  // namespace vigil::monitor

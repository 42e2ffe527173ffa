// A past span of an ECG: what the watch would have read, with the detectors warmed up before it.
#include "monitor/signals/rhythm_strip.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "monitor/signals/waves.hpp"

namespace vigil::monitor {
namespace {

using testing::Contains;
using testing::Each;
using testing::Field;
using testing::IsEmpty;
using testing::Not;

std::vector<PastReading> blocks_of(const std::vector<Wave>& waves, double length_s,
                                   double block_s = 1) {
    std::vector<PastReading> all;
    for (double at = 0; at < length_s; at += block_s)
        for (const auto& wave : waves)
            all.push_back({bedside_monitor,
                           block_of(wave, static_cast<std::size_t>(std::lround(at * wave.hz)),
                                    static_cast<std::size_t>(std::lround(block_s * wave.hz)),
                                    Bed::start() + Nanoseconds(std::llround(at * 1e9)))});
    return all;
}

RhythmStrip strip_of(const std::vector<PastReading>& blocks, std::int64_t from_s,
                     std::int64_t to_s) {
    StripQuestion question{.ecg = bedside_monitor, .span = {Bed::time(from_s), Bed::time(to_s)}};
    question.limits = the_tables().limits.defaults(AgeClass::adult);
    const auto read = question.read();
    std::size_t at = 0;
    return read_strip(the_tables(), question, [&]() -> std::optional<PastReading> {
        while (at < blocks.size() && blocks[at].filed.filed_time < read.from) ++at;
        if (at == blocks.size() || blocks[at].filed.filed_time >= read.to) return std::nullopt;
        return blocks[at++];
    });
}

double seconds_in(Timestamp time) {
    return std::chrono::duration<double>(time - Bed::start()).count();
}

TEST(RhythmStrip, a_sinus_rhythm_has_every_beat_of_the_span_and_none_beside_it) {
    const auto beats = made::steady(60);
    const auto strip = strip_of(blocks_of(two_leads(beats, 60), 60), 20, 40);
    std::vector<double> wanted;
    for (const auto& beat : beats)
        if (beat.at_s >= 20 && beat.at_s < 40) wanted.push_back(beat.at_s);
    ASSERT_EQ(strip.beats.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i)
        EXPECT_NEAR(seconds_in(strip.beats[i].at), wanted[i], 0.05);
    EXPECT_THAT(strip.beats, Each(Field(&EcgBeat::beat_class, ecg::BeatClass::normal)));
    ASSERT_EQ(strip.leads.size(), 2U);
    EXPECT_EQ(strip.leads[0].metric, the_catalogue().find("ecg_ii")->id);
    EXPECT_EQ(strip.read_from, Bed::start()) << "there is nothing before";
    EXPECT_NEAR(static_cast<double>(strip.heart_rate.size()), 20, 1);
    for (const auto& rate : strip.heart_rate) EXPECT_NEAR(rate.per_minute, 75, 2);
    EXPECT_THAT(strip.rhythms, IsEmpty());
}

TEST(RhythmStrip, a_rhythm_stands_from_where_it_began_to_where_it_ended) {
    const auto blocks = blocks_of(two_leads(without(made::steady(90), 30, 44), 90), 90);
    const auto strip = strip_of(blocks, 20, 60);
    ASSERT_FALSE(strip.rhythms.empty());
    EXPECT_EQ(strip.rhythms[0].rhythm, rhythm::Condition::asystole);
    EXPECT_NEAR(seconds_in(strip.rhythms[0].from), 29.7, 0.6);
    ASSERT_TRUE(strip.rhythms[0].to);
    EXPECT_NEAR(seconds_in(*strip.rhythms[0].to), 44, 1.5);
    EXPECT_THAT(strip_of(blocks, 70, 80).rhythms, IsEmpty()) << "it was over before";
    const auto within = strip_of(blocks, 32, 40);
    ASSERT_FALSE(within.rhythms.empty());
    EXPECT_NEAR(seconds_in(within.rhythms[0].from), 29.7, 0.6) << "it began before the span";
    EXPECT_THAT(within.beats, IsEmpty());
}

TEST(RhythmStrip, what_is_there_when_the_signal_ends_has_no_end) {
    auto waves = two_leads(made::steady(60), 60);
    for (auto& wave : waves) fibrillate(wave, 30, 60);
    const auto strip = strip_of(blocks_of(waves, 60), 20, 60);
    ASSERT_FALSE(strip.rhythms.empty());
    EXPECT_EQ(strip.rhythms[0].rhythm, rhythm::Condition::ventricular_fibrillation);
    EXPECT_FALSE(strip.rhythms[0].to);
}

TEST(RhythmStrip, it_says_what_the_watch_said_of_the_same_signal) {
    const auto waves = two_leads(without(made::steady(60), 30, 44), 60);
    Site site;
    play(site, waves, 0, 60);
    const auto live = site.watch.signals(of_ada)->ecgs().at(0);
    const auto strip = strip_of(blocks_of(waves, 60), 0, 60);
    ASSERT_GE(strip.beats.size(), live.beats.size());
    const auto last = std::span(strip.beats).last(live.beats.size());
    for (std::size_t i = 0; i < last.size(); ++i) {
        EXPECT_EQ(last[i].at, live.beats[i].at);
        EXPECT_EQ(last[i].beat_class, live.beats[i].beat_class);
    }
}

TEST(RhythmStrip, a_pulse_that_goes_on_speaks_against_asystole_as_it_does_live) {
    const auto steady = made::steady(90);
    auto waves = two_leads(without(steady, 30, 44), 90);
    waves.push_back(pleth(steady, 90));
    EXPECT_THAT(strip_of(blocks_of(waves, 90), 20, 60).rhythms,
                Not(Contains(Field(&RhythmSpan::rhythm, rhythm::Condition::asystole))));
}

TEST(RhythmStrip, blocks_are_as_long_as_a_device_makes_them_and_may_have_come_late) {
    const auto waves = two_leads(made::steady(60), 60);
    const auto usual = strip_of(blocks_of(waves, 60), 20, 40);
    auto late = blocks_of(waves, 60, 10);
    for (auto& each : late) each.filed.reading.status |= status::late;
    for (const auto& blocks : {blocks_of(waves, 60, 0.2), late}) {
        const auto strip = strip_of(blocks, 20, 40);
        ASSERT_EQ(strip.beats.size(), usual.beats.size());
        for (std::size_t i = 0; i < usual.beats.size(); ++i)
            EXPECT_NEAR(seconds_in(strip.beats[i].at), seconds_in(usual.beats[i].at), 0.02);
    }
}

TEST(RhythmStrip, without_an_ecg_there_is_nothing) {
    const auto strip = strip_of({}, 0, 60);
    EXPECT_FALSE(strip.read_from);
    EXPECT_THAT(strip.beats, IsEmpty());
    EXPECT_THAT(strip.heart_rate, IsEmpty());
    const auto pulse_alone = strip_of(blocks_of({pleth(made::steady(30), 30)}, 30), 0, 30);
    EXPECT_FALSE(pulse_alone.read_from);
    EXPECT_THAT(pulse_alone.beats, IsEmpty());
}

}  // namespace
}  // namespace vigil::monitor

#include "signal/rhythm/rhythm_watch.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "signal/ecg/made_ecg.hpp"

namespace vigil::rhythm {
namespace {

constexpr double hz = 250;

struct Watched {
    std::vector<ecg::Beat> beats;
    std::vector<RhythmEvent> events;
    std::vector<Condition> told() const {
        std::vector<Condition> list;
        for (const auto& event : events)
            if (event.begins && !event.suppressed) list.push_back(event.condition);
        return list;
    }
};

Watched watch(const std::vector<float>& first, const std::vector<float>& second = {},
              std::size_t piece = 1'000'000) {
    auto watch = RhythmWatch::make(hz, second.empty() ? 1 : 2);
    Watched result;
    for (std::size_t at = 0; at < first.size(); at += piece) {
        const auto cut = [&](const std::vector<float>& lead) {
            return std::span(lead).subspan(
                std::min(at, lead.size()),
                std::min(piece, lead.size() - std::min(at, lead.size())));
        };
        watch->feed(cut(first), cut(second), result.beats, result.events);
    }
    watch->finish(result.beats, result.events);
    return result;
}

std::vector<made::Beat> standstill() {
    auto beats = made::steady(60);
    std::erase_if(beats, [](const made::Beat& beat) { return beat.at_s > 30 && beat.at_s < 38; });
    return beats;
}

TEST(RhythmWatch, of_a_sinus_rhythm_tells_of_beats_alone) {
    const auto found = watch(made::ecg(made::steady(60), hz, 60));
    EXPECT_NEAR(static_cast<double>(found.beats.size()), 73, 1);
    EXPECT_TRUE(found.told().empty());
}

TEST(RhythmWatch, tells_of_asystole_four_seconds_after_the_last_beat) {
    const auto found = watch(made::ecg(standstill(), hz, 60));
    ASSERT_EQ(found.told(), (std::vector{Condition::pause, Condition::asystole}));
    const auto asystole = std::ranges::find_if(found.events, [](const RhythmEvent& event) {
        return event.condition == Condition::asystole;
    });
    EXPECT_NEAR(asystole->at_s, 29.7, 0.5);
    EXPECT_NEAR(asystole->known_s - asystole->at_s, 4, 0.21);
}

TEST(RhythmWatch, never_tells_of_asystole_where_the_leads_are_off) {
    auto samples = made::ecg(standstill(), hz, 60);
    for (std::size_t i = 30 * 250; i < 38 * 250; ++i)
        samples[i] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_TRUE(watch(samples).told().empty());
    EXPECT_TRUE(watch(samples, samples).told().empty());
}

TEST(RhythmWatch, tells_of_tachycardia_with_its_onset) {
    auto beats = made::steady(40);
    std::erase_if(beats, [](const made::Beat& beat) { return beat.at_s > 30 && beat.at_s < 36; });
    for (int i = 0; i < 12; ++i) beats.push_back({.at_s = 30.3 + 0.4 * i, .ventricular = true});
    const auto found = watch(made::ecg(beats, hz, 40));
    const auto event = std::ranges::find_if(found.events, [](const RhythmEvent& each) {
        return each.condition == Condition::ventricular_tachycardia;
    });
    ASSERT_NE(event, found.events.end());
    EXPECT_NEAR(event->at_s, 30.3, 0.9);
    EXPECT_LT(event->known_s, 33.5);
}

TEST(RhythmWatch, tells_the_same_however_the_samples_are_cut) {
    auto first = made::ecg(standstill(), hz, 60), second = made::ecg(standstill(), hz, 60, 1);
    const auto whole = watch(first, second);
    for (const std::size_t piece : {1U, 37U, 50U, 250U, 1111U}) {
        const auto cut = watch(first, second, piece);
        EXPECT_EQ(cut.events, whole.events) << piece;
        EXPECT_EQ(cut.beats.size(), whole.beats.size()) << piece;
    }
}

TEST(RhythmWatch, refuses_what_cannot_be_read) {
    EXPECT_FALSE(RhythmWatch::make(50, 1));
    EXPECT_FALSE(RhythmWatch::make(250, 3));
    EXPECT_FALSE(RhythmWatch::make(std::numeric_limits<double>::quiet_NaN(), 1));
}

}  // namespace
}  // namespace vigil::rhythm

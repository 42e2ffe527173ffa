#include "signal/ecg/beat_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "signal/ecg/made_ecg.hpp"

namespace vigil::ecg {
namespace {

constexpr float none = std::numeric_limits<float>::quiet_NaN();

std::vector<Beat> read(std::span<const float> first, std::span<const float> second, double hz,
                       std::size_t block = 100) {
    auto reader = BeatReader::make(hz, second.empty() ? 1 : 2);
    std::vector<Beat> beats;
    for (std::size_t i = 0; i < first.size(); i += block) {
        const auto count = std::min(block, first.size() - i);
        reader->feed(first.subspan(i, count), second.empty() ? second : second.subspan(i, count),
                     beats);
    }
    reader->finish(beats);
    return beats;
}

// Those that are there are found where they are, and nothing else.
void expect_beats(std::span<const Beat> found, std::span<const made::Beat> made, double hz,
                  double tolerance_s) {
    ASSERT_EQ(found.size(), made.size()) << hz << " Hz";
    for (std::size_t i = 0; i < made.size(); ++i)
        EXPECT_NEAR(seconds(found[i], hz), made[i].at_s, tolerance_s) << hz << " Hz, beat " << i;
}

TEST(BeatReader, finds_every_beat_where_it_is_at_every_rate) {
    const auto made = made::steady(40);
    for (const double hz : {125.0, 128.0, 200.0, 250.0, 300.0, 360.0, 500.0, 1000.0})
        expect_beats(read(made::ecg(made, hz, 40), {}, hz), made, hz, 0.004);
}

TEST(BeatReader, gain_offset_and_polarity_of_the_lead_do_not_matter) {
    const auto made = made::steady(40);
    const auto plain = made::ecg(made, 250, 40);
    for (const float gain : {0.25F, -1.0F, 8.0F})
        for (const float offset : {0.0F, -7.0F, 300.0F}) {
            auto samples = plain;
            for (auto& sample : samples) sample = gain * sample + offset;
            expect_beats(read(samples, {}, 250), made, 250, 0.006);
        }
}

TEST(BeatReader, blocks_of_any_size_give_the_same_beats) {
    const auto made = made::steady(30);
    const auto first = made::ecg(made, 360, 30), second = made::ecg(made, 360, 30, 1);
    const auto whole = read(first, second, 360, first.size());
    ASSERT_EQ(whole.size(), made.size());
    for (const std::size_t block : {1U, 7U, 90U}) {
        const auto cut = read(first, second, 360, block);
        ASSERT_EQ(cut.size(), whole.size());
        for (std::size_t i = 0; i < cut.size(); ++i) {
            EXPECT_EQ(cut[i].sample, whole[i].sample);
            EXPECT_EQ(cut[i].fraction, whole[i].fraction);
            EXPECT_EQ(cut[i].beat_class, whole[i].beat_class);
        }
    }
}

TEST(BeatReader, says_so_within_300_ms_of_the_r_wave) {
    const auto made = made::steady(40);
    for (const double hz : {125.0, 250.0, 500.0}) {
        const auto samples = made::ecg(made, hz, 40);
        auto reader = BeatReader::make(hz, 1);
        std::vector<Beat> beats;
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const auto known = beats.size();
            reader->feed({&samples[i], 1}, beats);
            const double now = static_cast<double>(i) / hz;
            if (now < 3.5) continue;  // it was learning
            for (auto k = known; k < beats.size(); ++k) {
                EXPECT_LE(now - seconds(beats[k], hz), 0.300) << hz;
            }
        }
        EXPECT_GT(beats.size(), 40U);
    }
}

TEST(BeatReader, a_gap_hides_its_beats_and_makes_none) {
    const auto made = made::steady(60);
    auto samples = made::ecg(made, 250, 60);
    for (std::size_t i = 20 * 250; i < 30 * 250; ++i) samples[i] = none;
    for (std::size_t i = 30 * 250; i < samples.size(); ++i) samples[i] += 3;  // put on anew
    std::vector<made::Beat> there;
    for (const auto& beat : made)
        if (beat.at_s < 19.9 || beat.at_s > 30.1) there.push_back(beat);
    expect_beats(read(samples, {}, 250), there, 250, 0.006);
}

TEST(BeatReader, of_two_leads_either_may_come_off) {
    const auto made = made::steady(90);
    auto first = made::ecg(made, 250, 90), second = made::ecg(made, 250, 90, 1);
    for (std::size_t i = 20 * 250; i < 40 * 250; ++i) first[i] = none;
    for (std::size_t i = 50 * 250; i < 70 * 250; ++i) second[i] = none;
    expect_beats(read(first, second, 250), made, 250, 0.012);
}

TEST(BeatReader, noise_in_one_lead_does_not_hide_the_beats_of_the_other) {
    const auto made = made::steady(60);
    const auto first = made::ecg(made, 250, 60);
    auto second = made::ecg(made, 250, 60, 1);
    std::mt19937 random(3);
    std::normal_distribution<float> noise(0, 0.5F);
    for (auto& sample : second) sample += noise(random);
    const auto found = read(first, second, 250);
    EXPECT_NEAR(static_cast<double>(found.size()), static_cast<double>(made.size()), 1);
}

TEST(BeatReader, asystole_has_no_beats) {
    auto made = made::steady(30);
    auto samples = made::ecg(made, 250, 60);  // nothing after half a minute
    std::mt19937 random(5);
    std::normal_distribution<float> noise(0, 0.01F);
    for (auto& sample : samples) sample += noise(random);
    const auto found = read(samples, {}, 250);
    EXPECT_EQ(found.size(), made.size());
    const std::vector<float> flat(60 * 250, 1.5F), off(60 * 250, none);
    EXPECT_TRUE(read(flat, {}, 250).empty());
    EXPECT_TRUE(read(off, off, 250).empty());
}

TEST(BeatReader, wide_premature_beats_are_ventricular) {
    std::vector<made::Beat> made;
    std::size_t ventricular = 0;
    double at = 0.9;
    for (int i = 0; at < 179; ++i) {
        const bool is = i > 40 && i % 9 == 0;
        if (is) at -= 0.32;  // early, and a pause after it
        made.push_back({.at_s = at, .ventricular = is});
        at += is ? 1.12 : 0.8;
        if (is) ++ventricular;
    }
    const auto first = made::ecg(made, 250, 180), second = made::ecg(made, 250, 180, 1);
    const auto found = read(first, second, 250);
    ASSERT_EQ(found.size(), made.size());
    std::size_t right = 0, wrong = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i].beat_class != BeatClass::ventricular) continue;
        ++(made[i].ventricular ? right : wrong);
    }
    EXPECT_GE(right + 1, ventricular);
    EXPECT_EQ(wrong, 0U);
}

TEST(BeatReader, whatever_comes_beats_are_in_order_and_finite) {
    std::mt19937 random(7);
    std::uniform_int_distribution<int> kind(0, 9);
    std::vector<float> first(100'000), second(100'000);
    for (auto* lead : {&first, &second})
        for (auto& sample : *lead) {
            switch (kind(random)) {
                case 0:
                    sample = none;
                    break;
                case 1:
                    sample = std::numeric_limits<float>::infinity();
                    break;
                case 2:
                    sample = -std::numeric_limits<float>::max();
                    break;
                case 3:
                    sample = std::numeric_limits<float>::denorm_min();
                    break;
                default:
                    sample = static_cast<float>(kind(random)) * 2000 - 9000;
            }
        }
    std::int64_t last = -1;
    for (const auto& beat : read(first, second, 250, 333)) {
        EXPECT_GT(beat.sample, last);
        last = beat.sample;
        EXPECT_TRUE(std::isfinite(beat.fraction) && std::isfinite(beat.amplitude_mv) &&
                    std::isfinite(beat.qrs_ms));
        EXPECT_TRUE(beat.quality >= 0 && beat.quality <= 1);
    }
}

TEST(BeatReader, refuses_rates_and_leads_that_it_cannot_read) {
    for (const double hz : {0.0, -250.0, 50.0, 1e9, std::nan("")})
        EXPECT_FALSE(BeatReader::make(hz, 1)) << hz;
    EXPECT_FALSE(BeatReader::make(250, 0));
    EXPECT_FALSE(BeatReader::make(250, 3));
}

}  // namespace
}  // namespace vigil::ecg

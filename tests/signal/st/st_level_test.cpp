#include "signal/st/st_level.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <random>

#include "signal/recordings.hpp"

namespace vigil::st {
namespace {

// A lead whose ST segment stands at a level: a step that rises with the QRS complex and goes with
// T.
struct Heart {
    double hz = 250, rr_s = 0.8, st_mv = 0;
    std::function<double(double)> disturbance = [](double) { return 0.0; };
    ecg::BeatClass beat_class = ecg::BeatClass::normal;

    double mv(double at) const {
        const double t = std::fmod(at, rr_s) - 0.3;  // R at 0
        const auto bell = [t](double centre, double width, double height) {
            return height * std::exp(-0.5 * std::pow((t - centre) / width, 2));
        };
        const auto edge = [t](double centre, double width) {
            return 0.5 * (1 + std::tanh((t - centre) / width));
        };
        return bell(-0.16, 0.02, 0.1) + bell(0, 0.010, 1.2) + bell(-0.025, 0.008, -0.1) +
               bell(0.025, 0.008, -0.2) + bell(0.26, 0.035, 0.2) +
               st_mv * (edge(0.03, 0.008) - edge(0.24, 0.03)) + disturbance(at);
    }
    // The level found after so many seconds, and what was measured on the way.
    std::optional<double> found(std::vector<StBeat>* measured = nullptr, double for_s = 30) const {
        auto level = *StLevel::make(hz, 0.05);
        double next = 0.3;  // the coming beat
        for (std::int64_t i = 0; static_cast<double>(i) < for_s * hz; ++i) {
            const double at = static_cast<double>(i) / hz;
            level.add(static_cast<float>(mv(at)));
            if (at < next + 0.3) continue;  // as a detector: 300 ms late
            const auto beat =
                level.beat({.sample = std::llround(next * hz), .beat_class = beat_class});
            if (beat && measured != nullptr) measured->push_back(*beat);
            next += rr_s;
        }
        return level.level_mv(for_s);
    }
};

TEST(StLevel, of_elevation_depression_and_none) {
    for (const double hz : {125.0, 250.0, 360.0, 500.0, 1000.0})
        for (const double st_mv : {-0.3, -0.1, 0.0, 0.1, 0.2, 0.5}) {
            const auto found = Heart{.hz = hz, .st_mv = st_mv}.found();
            ASSERT_TRUE(found) << hz;
            EXPECT_NEAR(*found, st_mv, 0.025) << hz << " Hz";
        }
}

TEST(StLevel, is_measured_80_ms_after_the_j_point_and_60_in_a_fast_rhythm) {
    std::vector<StBeat> slow, fast;
    Heart{.st_mv = 0.1}.found(&slow);
    Heart{.rr_s = 0.45, .st_mv = 0.1}.found(&fast);
    ASSERT_FALSE(slow.empty());
    ASSERT_FALSE(fast.empty());
    EXPECT_EQ(slow.back().st_ms, 80);
    EXPECT_EQ(fast.back().st_ms, 60);
    EXPECT_NEAR(slow.back().j_ms, 50, 20);
}

TEST(StLevel, stands_still_while_the_baseline_wanders_and_mains_hum) {
    const auto disturbed = [](double at) {
        return 0.5 * std::sin(2 * std::numbers::pi * 0.25 * at) +
               0.05 * std::sin(2 * std::numbers::pi * 50 * at);
    };
    const auto found = Heart{.hz = 500, .st_mv = -0.15, .disturbance = disturbed}.found();
    ASSERT_TRUE(found);
    EXPECT_NEAR(*found, -0.15, 0.03);
}

TEST(StLevel, is_refused_of_a_signal_in_monitoring_band) {
    EXPECT_TRUE(StLevel::make(250, 0.05));
    EXPECT_TRUE(StLevel::make(250, 0));
    const auto refused = StLevel::make(250, 0.5);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Error::Kind::unsupported);
    EXPECT_FALSE(StLevel::make(250, std::numeric_limits<double>::quiet_NaN()));
    EXPECT_FALSE(StLevel::make(50, 0.05));
}

TEST(StLevel, is_of_normal_beats_alone_and_of_fresh_ones) {
    EXPECT_FALSE((Heart{.st_mv = 0.2, .beat_class = ecg::BeatClass::ventricular}.found()));
    EXPECT_FALSE((Heart{.st_mv = 0.2}.found(nullptr, 3))) << "fewer than five";
    auto level = *StLevel::make(250, 0.05);
    EXPECT_FALSE(level.beat({.sample = 100})) << "before any sample";
    EXPECT_FALSE(level.beat({.sample = -5}));
    for (int i = 0; i < 2000; ++i) level.add(std::numeric_limits<float>::quiet_NaN());
    for (int i = 500; i < 2000; i += 200)
        EXPECT_FALSE(level.beat({.sample = i, .beat_class = ecg::BeatClass::normal}));
    EXPECT_FALSE(level.level_mv(10));
}

// Without a reference for its levels: that they are there, steady, and of a size that hearts have.
TEST(StLevel, of_a_real_lead_is_steady) {
    const auto list = recordings::names("ecg/mitdb", ".atr");
    if (list.empty()) GTEST_SKIP() << "no recordings in " << recordings::folder;
    for (const std::string name : {"101", "112", "115", "122"}) {
        const auto record = recordings::annotated("ecg/mitdb", name);
        const auto signals = recordings::signals("ecg/mitdb", name);
        auto level = *StLevel::make(record.hz, 0.05);
        std::vector<double> levels;
        std::size_t next = 0, normal = 0;
        for (std::size_t i = 0; i < signals.samples[0].size(); ++i) {
            level.add(signals.samples[0][i]);
            if (next == record.beats.size() ||
                static_cast<double>(i) <
                    static_cast<double>(record.beats[next].sample) + 0.3 * record.hz)
                continue;
            normal += record.beats[next].beat_class == ecg::BeatClass::normal;
            if (const auto beat = level.beat(record.beats[next++]))
                levels.push_back(beat->level_mv);
        }
        std::ranges::sort(levels);
        const auto at = [&](double share) {
            return levels[static_cast<std::size_t>(share * static_cast<double>(levels.size() - 1))];
        };
        EXPECT_GT(static_cast<double>(levels.size()), 0.9 * static_cast<double>(normal)) << name;
        EXPECT_LT(std::abs(at(0.5)), 0.3) << name;
        EXPECT_LT(at(0.95) - at(0.05), 0.3) << name;
    }
}

}  // namespace
}  // namespace vigil::st

#include "signal/quality/lead_quality.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <random>

#include "signal/recordings.hpp"

namespace vigil::quality {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

// P, QRS and T as bells, 75/min.
double beat(double at) {
    const double t = std::fmod(at, 0.8);
    const auto bell = [t](double centre, double width, double height) {
        return height * std::exp(-0.5 * std::pow((t - centre) / width, 2));
    };
    return bell(0.1, 0.02, 0.12) + bell(0.25, 0.011, 1.1) + bell(0.28, 0.011, -0.2) +
           bell(0.52, 0.05, 0.25);
}

LeadIndices indices(const std::function<double(double)>& mv, double hz = 250, double for_s = 15) {
    LeadQuality quality(hz);
    for (std::int64_t i = 0; static_cast<double>(i) < for_s * hz; ++i)
        quality.add(static_cast<float>(mv(static_cast<double>(i) / hz)));
    return quality.indices();
}

struct Noise {
    std::mt19937 random{3};
    std::normal_distribution<double> normal{0, 1};
    double operator()() { return normal(random); }
};

TEST(LeadQuality, of_a_clean_lead_is_good_at_any_rate_of_samples) {
    for (const double hz : {125.0, 250.0, 360.0, 500.0, 1000.0}) {
        Noise noise;
        const auto found = indices([&](double at) { return beat(at) + 0.01 * noise(); }, hz);
        EXPECT_EQ(grade(found), Grade::good) << hz << " kurtosis " << found.kurtosis << " QRS "
                                             << found.qrs_power << " baseline " << found.baseline;
        EXPECT_GT(found.kurtosis, 5);
        EXPECT_GT(found.skewness, 1);
        EXPECT_EQ(found.seconds, 10);
    }
}

TEST(LeadQuality, indices_are_what_their_definitions_say) {
    Noise noise;
    const auto white = indices([&](double) { return 0.1 * noise(); }, 250, 60);
    EXPECT_NEAR(white.kurtosis, 3, 0.5);
    EXPECT_NEAR(white.skewness, 0, 0.2);
    EXPECT_NEAR(white.qrs_power, 10.0 / 35, 0.08) << "the share of 5 to 15 in 5 to 40 Hz";
    const auto sine = [](double hz) {
        return indices([hz](double at) { return std::sin(2 * std::numbers::pi * hz * at); });
    };
    EXPECT_GT(sine(10).qrs_power, 0.8);
    EXPECT_LT(sine(30).qrs_power, 0.15);
    EXPECT_LT(sine(0.2).baseline, 0.05);
    EXPECT_GT(sine(10).baseline, 0.98);
    EXPECT_NEAR(sine(10).kurtosis, 1.5, 0.1);
    EXPECT_NEAR(sine(10).peak_to_peak_mv, 2, 0.1);
}

TEST(LeadQuality, with_wander_or_muscle_counts_beats_only) {
    Noise noise;
    EXPECT_EQ(grade(indices([](double at) { return beat(at) + 0.8 * std::sin(2 * at); })),
              Grade::rate_only);
    EXPECT_EQ(grade(indices([&](double at) { return beat(at) + 0.3 * noise(); })),
              Grade::rate_only);
    EXPECT_EQ(grade(indices([&](double at) { return beat(at) + 1.5 * noise(); })), Grade::unusable);
}

TEST(LeadQuality, hard_faults_are_unusable) {
    EXPECT_EQ(grade(indices([](double at) { return std::fmod(at, 3) > 2 ? nan : beat(at); })),
              Grade::unusable)
        << "lead off a third of the time";
    EXPECT_EQ(grade(indices([](double) { return nan; })), Grade::unusable);
    EXPECT_EQ(grade(indices([](double at) { return at < 8 ? beat(at) : 0.0; })), Grade::unusable)
        << "flat";
    EXPECT_EQ(grade(indices([](double at) { return std::clamp(4 * beat(at), -0.2, 0.4); })),
              Grade::unusable)
        << "beyond the scale";
    EXPECT_EQ(grade(indices([](double at) { return beat(at) + 3 * std::floor(at / 2); })),
              Grade::unusable)
        << "steps";
    EXPECT_EQ(grade({}), Grade::unusable) << "nothing seen";
}

// What a heart does must never be taken for noise.
TEST(LeadQuality, fibrillation_and_asystole_are_signals) {
    const auto waves = indices([](double at) {
        return 0.4 * std::sin(2 * std::numbers::pi * 4.2 * at) +
               0.2 * std::sin(2 * std::numbers::pi * 6.1 * at + 1);
    });
    EXPECT_NE(grade(waves), Grade::unusable);
    Noise noise;
    const auto standstill =
        indices([&](double at) { return 0.02 * std::sin(at) + 0.004 * noise(); });
    EXPECT_NE(grade(standstill), Grade::unusable);
    const auto tachycardia =
        indices([](double at) { return 1.2 * std::pow(std::sin(std::numbers::pi * 2.5 * at), 4); });
    EXPECT_NE(grade(tachycardia), Grade::unusable);
}

TEST(LeadQuality, holds_against_anything) {
    std::mt19937 random(2);
    std::uniform_real_distribution<float> exponent(-30, 30);
    LeadQuality quality(250);
    for (int i = 0; i < 100'000; ++i)
        quality.add(std::pow(10.0F, exponent(random)) * (i % 3 == 0 ? -1.0F : 1.0F));
    const auto found = quality.indices();
    for (const double value : {found.kurtosis, found.skewness, found.qrs_power, found.baseline,
                               found.noise_mv, found.missing, found.clipped})
        EXPECT_TRUE(std::isfinite(value));
}

TEST(LeadQuality, of_real_leads_is_mostly_good_and_worse_with_noise_added) {
    const auto list = recordings::names("ecg/mitdb", ".atr");
    if (list.empty()) GTEST_SKIP() << "no recordings in " << recordings::folder;
    const auto graded = [](const std::vector<float>& samples, double hz) {
        LeadQuality quality(hz);
        std::array<double, 3> share{};
        double count = 0;
        for (std::size_t i = 0; i < samples.size(); ++i) {
            quality.add(samples[i]);
            if ((i + 1) % static_cast<std::size_t>(10 * hz) != 0) continue;
            ++share[static_cast<std::size_t>(grade(quality.indices()))];
            ++count;
        }
        for (auto& each : share) each /= count;
        return share;
    };
    std::array<double, 3> sum{};
    for (const auto& name : list) {
        const auto signals = recordings::signals("ecg/mitdb", name);
        const auto share = graded(signals.samples[0], signals.hz);
        for (std::size_t i = 0; i < 3; ++i) sum[i] += share[i] / static_cast<double>(list.size());
    }
    for (std::size_t i = 0; i < 3; ++i)
        RecordProperty("MITDB lead 1, grade " + std::to_string(i), fmt::format("{:.3f}", sum[i]));
    EXPECT_GT(sum[0], 0.7);
    EXPECT_LT(sum[2], 0.01);
    for (const std::string name : {"118e24", "118e12"}) {
        std::istringstream text(recordings::gunzip(
            recordings::folder / "ecg/noise-stress-excerpts" / (name + ".csv.gz")));
        std::vector<float> samples;
        for (float value = 0; text >> value;) samples.push_back(value);
        const auto share = graded(samples, 360);
        RecordProperty(name + " good", fmt::format("{:.3f}", share[0]));
        EXPECT_LT(share[0], 0.5) << name << ": electrode motion";
        EXPECT_LT(share[2], 0.2) << name << ": its beats can be counted";
    }
}

}  // namespace
}  // namespace vigil::quality

#include "signal/respiration/ecg_respiration.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace vigil::respiration {
namespace {

// A heart whose complexes, baseline and rate breathe, each at its own rate if wanted.
struct Breathing {
    double amplitude_per_min = 15, frequency_per_min = 15, baseline_per_min = 15;
    double depth = 0.1;
    double hz = 250;

    static double wave(double per_min, double at) {
        return std::sin(2 * std::numbers::pi * per_min / 60 * at);
    }
    DerivedRate found(double for_s = 60, double lost_from_s = 1e9,
                      ecg::BeatClass beat_class = ecg::BeatClass::normal) const {
        std::vector<double> beats;
        for (double at = 0.5; at < for_s;)
            beats.push_back(at), at += 0.75 + 0.4 * depth * wave(frequency_per_min, at);
        EcgRespiration respiration(hz);
        std::size_t next = 0, drawn = 0;
        for (std::int64_t i = 0; static_cast<double>(i) < for_s * hz; ++i) {
            const double at = static_cast<double>(i) / hz;
            while (drawn + 1 < beats.size() && beats[drawn] < at - 0.3) ++drawn;
            double mv = depth * wave(baseline_per_min, at);
            for (std::size_t k = drawn; k < std::min(drawn + 3, beats.size()); ++k)
                mv += (1 + depth * wave(amplitude_per_min, at)) *
                      std::exp(-0.5 * std::pow((at - beats[k]) / 0.012, 2));
            respiration.add(static_cast<float>(mv));
            if (next < beats.size() && at > beats[next] + 0.3) {
                if (beats[next] < lost_from_s)
                    respiration.beat(
                        {.sample = std::llround(beats[next] * hz), .beat_class = beat_class});
                ++next;
            }
        }
        return respiration.rate(for_s);
    }
};

TEST(EcgRespiration, is_found_by_amplitude_rate_and_baseline) {
    for (const double per_min : {7.0, 12.0, 18.0, 25.0, 33.0}) {
        const auto found = Breathing{per_min, per_min, per_min}.found();
        ASSERT_TRUE(found.fused) << per_min;
        EXPECT_NEAR(*found.fused, per_min, 1) << per_min;
        EXPECT_NEAR(found.amplitude.value_or(0), per_min, 1.5) << per_min;
        EXPECT_NEAR(found.frequency.value_or(0), per_min, 1.5) << per_min;
        EXPECT_NEAR(found.baseline.value_or(0), per_min, 1.5) << per_min;
    }
}

TEST(EcgRespiration, is_not_given_where_the_three_disagree) {
    const auto found = Breathing{15, 15, 22}.found();
    EXPECT_TRUE(found.amplitude);
    EXPECT_TRUE(found.baseline);
    EXPECT_FALSE(found.fused);
}

TEST(EcgRespiration, is_not_given_of_beats_that_are_few_or_not_normal) {
    EXPECT_FALSE(Breathing{}.found(20).fused) << "less than a window";
    EXPECT_FALSE(Breathing{}.found(60, 40).fused) << "beats lost for the last twenty seconds";
    EXPECT_FALSE(Breathing{}.found(60, 1e9, ecg::BeatClass::ventricular).fused);
    EcgRespiration respiration(250);
    EXPECT_FALSE(respiration.rate(100).fused);
    respiration.beat({.sample = 50});
    respiration.beat({.sample = 5000});
    EXPECT_FALSE(respiration.rate(std::numeric_limits<double>::quiet_NaN()).fused);
}

TEST(EcgRespiration, of_a_metronome_without_breath_is_none) {
    const auto found = Breathing{.depth = 0}.found();
    EXPECT_FALSE(found.fused);
}

}  // namespace
}  // namespace vigil::respiration

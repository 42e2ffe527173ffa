#include "signal/pacing/pace_pulses.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "signal/recordings.hpp"

namespace vigil::pacing {
namespace {

// Wide paced complexes 75/min, each 20 ms after a pulse, if it captures.
double heart(double at) {
    const double t = std::fmod(at, 0.8) - 0.2;
    return 1.2 * std::exp(-0.5 * std::pow((t - 0.07) / 0.03, 2)) -
           0.3 * std::exp(-0.5 * std::pow((t - 0.35) / 0.06, 2));
}

TEST(PacePulses, are_found_and_taken_out) {
    for (const double hz : {250.0, 500.0, 1000.0, 2000.0}) {
        PacePulses filter(hz);
        int pulses = 0;
        double worst = 0;
        const auto rr = std::llround(0.8 * hz), first = std::llround(0.2 * hz);
        for (std::int64_t i = 0; i < std::llround(40 * hz); ++i) {
            const double at = static_cast<double>(i) / hz;
            const bool pulse = i % rr == first;
            const auto out = filter.add(static_cast<float>(heart(at) + (pulse ? 3 : 0)));
            if (out.pulse) {
                ++pulses;
                EXPECT_EQ(*out.pulse % rr, first) << hz;
            }
            if (i < 2 * filter.delay()) continue;
            const double wanted = heart(static_cast<double>(i - filter.delay()) / hz);
            worst = std::max(worst, std::abs(static_cast<double>(out.value_mv) - wanted));
        }
        EXPECT_EQ(pulses, 50) << hz;
        EXPECT_LT(worst, 0.1) << hz << " Hz: what is left of 3 mV";
    }
}

TEST(PacePulses, down_pulses_are_pulses_and_steps_and_gaps_are_not) {
    PacePulses filter(500);
    int pulses = 0;
    for (int i = 0; i < 1000; ++i) {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const float value = i == 200 ? -4.0F : i >= 600 && i < 620 ? nan : i >= 400 ? 2.0F : 0.0F;
        const auto out = filter.add(value);
        if (out.pulse) {
            ++pulses;
            EXPECT_EQ(*out.pulse, 200);
        }
        if (i == 610 + filter.delay()) EXPECT_TRUE(std::isnan(out.value_mv));
        if (i == 200 + filter.delay()) EXPECT_NEAR(out.value_mv, 0, 1e-6);
    }
    EXPECT_EQ(pulses, 1);
}

// 22 patients without a pacemaker: none of their 51,000 complexes is taken for a pulse.
TEST(PacePulses, are_not_found_in_hearts_without_a_pacemaker) {
    const auto list = recordings::names("ecg/mitdb", ".atr");
    if (list.empty()) GTEST_SKIP() << "no recordings in " << recordings::folder;
    int pulses = 0;
    for (const auto& name : list) {
        const auto signals = recordings::signals("ecg/mitdb", name);
        PacePulses filter(signals.hz);
        for (const float value : signals.samples[0]) pulses += filter.add(value).pulse ? 1 : 0;
    }
    EXPECT_LE(pulses, 5);
}

}  // namespace
}  // namespace vigil::pacing

#include "signal/rhythm/variability_spectrum.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <vector>

namespace vigil::rhythm {
namespace {

using enum ecg::BeatClass;

// Five minutes of intervals that follow a function of time, in milliseconds.
std::vector<RrInterval> tachogram(const std::function<double(double)>& rr_ms,
                                  double length_s = 300) {
    std::vector<RrInterval> list;
    for (double at = 0; at < length_s;) {
        const double rr = rr_ms(at) / 1000;
        at += rr;
        list.push_back(
            {.end_s = at, .length_s = rr, .from = normal, .to = normal, .follows = true});
    }
    return list;
}

double tone(double hz, double ms, double at) {
    return ms * std::sin(2 * std::numbers::pi * hz * at);
}

TEST(VariabilitySpectrum, finds_the_power_of_a_tone_in_its_band) {
    struct Case {
        double hz;
        double VariabilitySpectrum::* band;
    };
    for (const auto& [hz, band] :
         {Case{0.02, &VariabilitySpectrum::vlf_ms2}, Case{0.10, &VariabilitySpectrum::lf_ms2},
          Case{0.25, &VariabilitySpectrum::hf_ms2}}) {
        const auto found =
            variability_spectrum(tachogram([&](double at) { return 850 + tone(hz, 30, at); }));
        ASSERT_TRUE(found);
        const double sum = found->vlf_ms2 + found->lf_ms2 + found->hf_ms2;
        EXPECT_NEAR((*found).*band, 30.0 * 30 / 2, 30) << hz << " Hz: half the square of its size";
        EXPECT_GT((*found).*band / sum, 0.95) << hz << " Hz";
    }
}

TEST(VariabilitySpectrum, weighs_two_tones_against_each_other) {
    const auto found = variability_spectrum(
        tachogram([](double at) { return 900 + tone(0.09, 40, at) + tone(0.28, 20, at); }));
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->lf_hf, 4, 0.5);
    EXPECT_NEAR(found->lf_nu, 80, 3);
    EXPECT_NEAR(found->lf_nu + found->hf_nu, 100, 1e-9);
}

TEST(VariabilitySpectrum, a_slow_drift_stays_out_of_the_bands_above_it) {
    const auto found = variability_spectrum(
        tachogram([](double at) { return 800 + at + tone(0.25, 10, at) + tone(0.006, 60, at); }));
    ASSERT_TRUE(found);
    EXPECT_LT(found->lf_ms2, 5);
    EXPECT_NEAR(found->hf_ms2, 50, 5);
}

TEST(VariabilitySpectrum, beats_left_out_invent_no_power) {
    auto list = tachogram([](double at) { return 850 + tone(0.10, 30, at); });
    for (std::size_t i = 20; i + 1 < list.size(); i += 25) {
        list[i].to = list[i + 1].from = ventricular;
        list[i].length_s -= 0.3;
        list[i].end_s -= 0.3;
        list[i + 1].length_s += 0.3;
    }
    const auto found = variability_spectrum(list);
    ASSERT_TRUE(found);
    EXPECT_LT(found->share, 0.95);
    EXPECT_NEAR(found->lf_ms2, 450, 45);
    EXPECT_LT(found->hf_ms2, 25);
}

TEST(VariabilitySpectrum, is_refused_of_other_lengths_of_too_little_and_of_a_metronome) {
    const auto steady = [](double at) { return 850 + tone(0.1, 30, at); };
    EXPECT_FALSE(variability_spectrum({}));
    EXPECT_FALSE(variability_spectrum(tachogram(steady, 200)));
    EXPECT_FALSE(variability_spectrum(tachogram(steady, 400)));
    auto list = tachogram(steady);
    for (std::size_t i = 0; i < list.size(); i += 4) list[i].to = supraventricular;
    EXPECT_FALSE(variability_spectrum(list));
    EXPECT_FALSE(variability_spectrum(tachogram([](double) { return 1000; })));
    list = tachogram(steady);
    list.back().end_s = std::numeric_limits<double>::quiet_NaN();
    EXPECT_FALSE(variability_spectrum(list));
}

}  // namespace
}  // namespace vigil::rhythm

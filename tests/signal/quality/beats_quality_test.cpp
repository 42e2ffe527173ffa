#include "signal/quality/beats_quality.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace vigil::quality {
namespace {

std::vector<ecg::Beat> beats(std::initializer_list<std::int64_t> samples) {
    std::vector<ecg::Beat> list;
    for (const auto sample : samples) list.push_back({.sample = sample});
    return list;
}

TEST(DetectorsAgree, is_the_share_of_beats_that_both_found) {
    const auto one = beats({100, 300, 500, 700}), other = beats({110, 310, 600, 700, 900});
    // 100, 300 and 700 both; 500, 600 and 900 one alone.
    EXPECT_DOUBLE_EQ(*detectors_agree(one, other, 250, 0, 10), 0.5);
    EXPECT_DOUBLE_EQ(*detectors_agree(one, one, 250, 0, 10), 1);
    EXPECT_DOUBLE_EQ(*detectors_agree(one, {}, 250, 0, 10), 0);
    EXPECT_FALSE(detectors_agree({}, {}, 250, 0, 10));
    EXPECT_DOUBLE_EQ(*detectors_agree(one, other, 250, 0, 1.3), 1) << "of the span alone";
}

// Ten seconds at 250 Hz with a complex at each of these samples.
std::vector<float> lead(const std::vector<ecg::Beat>& at, double noise_mv) {
    std::mt19937 random(1);
    std::normal_distribution<double> noise(0, noise_mv);
    std::vector<float> mv(2500);
    for (std::size_t i = 0; i < mv.size(); ++i) {
        double value = noise(random);
        for (const auto& beat : at) {
            const double t = (static_cast<double>(i) - static_cast<double>(beat.sample)) / 250;
            value += std::exp(-0.5 * std::pow(t / 0.012, 2)) +
                     0.25 * std::exp(-0.5 * std::pow((t - 0.27) / 0.05, 2));
        }
        mv[i] = static_cast<float>(value);
    }
    return mv;
}

TEST(BeatsPlausible, are_even_alike_and_of_a_heart_s_rate) {
    std::vector<ecg::Beat> even;
    for (int i = 0; i < 12; ++i) even.push_back({.sample = 150 + i * 200});
    const auto found = beats_plausible(lead(even, 0.02), 0, 250, even);
    EXPECT_TRUE(found.all());
    EXPECT_GT(found.likeness, 0.95);
    EXPECT_LT(beats_plausible(lead({}, 0.3), 0, 250, even).likeness, 0.5) << "beats found in noise";
    auto gap = even;
    gap.erase(gap.begin() + 4, gap.begin() + 8);
    EXPECT_FALSE(beats_plausible(lead(gap, 0.02), 0, 250, gap).gaps);
    auto extra = even;
    extra.insert(extra.begin() + 5, {.sample = 150 + 4 * 200 + 60});
    EXPECT_FALSE(beats_plausible(lead(even, 0.02), 0, 250, extra).even);
    EXPECT_FALSE(beats_plausible({}, 0, 250, even).all());
    EXPECT_FALSE(beats_plausible(lead(even, 0.02), 0, 250, {}).all());
    const std::vector<float> missing(2500, std::numeric_limits<float>::quiet_NaN());
    EXPECT_EQ(beats_plausible(missing, 0, 250, even).likeness, 0);
}

TEST(Grade, of_a_good_lead_needs_beats_that_are_to_be_believed) {
    const LeadIndices clean{.seconds = 10,
                            .kurtosis = 12,
                            .qrs_power = 0.7,
                            .baseline = 0.97,
                            .noise_mv = 0.01,
                            .peak_to_peak_mv = 1.2};
    ASSERT_EQ(grade(clean), Grade::good);
    const BeatsPlausible plausible{.rate = true, .gaps = true, .even = true, .likeness = 0.9};
    EXPECT_EQ(grade(clean, plausible, std::nullopt), Grade::good);
    EXPECT_EQ(grade(clean, plausible, 0.95), Grade::good);
    EXPECT_EQ(grade(clean, plausible, 0.85), Grade::rate_only) << "a second detector disagrees";
    auto uneven = plausible;
    uneven.even = false;
    EXPECT_EQ(grade(clean, uneven, 1), Grade::rate_only) << "and not unusable: it may be ectopy";
    EXPECT_EQ(grade({}, plausible, 1), Grade::unusable);
}

}  // namespace
}  // namespace vigil::quality

#include "signal/rhythm/rr_entropy.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <vector>

namespace vigil::rhythm {
namespace {

// The definition, without anything running.
double by_definition(const std::vector<double>& rr_s, std::size_t window) {
    std::vector<int> symbols, words;
    for (const double rr : rr_s) symbols.push_back(std::min(63, static_cast<int>(60 / rr / 5)));
    for (std::size_t i = 2; i < symbols.size(); ++i)
        words.push_back((symbols[i - 2] * 64 + symbols[i - 1]) * 64 + symbols[i]);
    std::map<int, int> counts;
    const std::size_t from = words.size() > window ? words.size() - window : 0;
    for (std::size_t i = from; i < words.size(); ++i) ++counts[words[i]];
    double entropy = 0;
    for (const auto& [word, count] : counts) {
        const double share = static_cast<double>(count) / static_cast<double>(window);
        entropy -= share * std::log2(share);
    }
    const auto size = static_cast<double>(window);
    return static_cast<double>(counts.size()) / size * entropy / std::log2(size);
}

TEST(SymbolicEntropy, is_at_every_interval_what_its_definition_says) {
    std::mt19937 random(3);
    std::normal_distribution<double> irregular(0.7, 0.15);
    for (const std::size_t window : {5U, 63U, 127U}) {
        SymbolicEntropy entropy(window);
        std::vector<double> rr;
        for (int i = 0; i < 400; ++i) {
            rr.push_back(i < 200 ? std::max(0.25, irregular(random)) : 0.8 + 0.01 * (i % 3));
            entropy.add(rr.back());
            ASSERT_NEAR(entropy.value(), by_definition(rr, window), 1e-9) << window << ", " << i;
        }
    }
}

TEST(SymbolicEntropy, is_0_of_a_metronome_and_1_of_words_that_all_differ) {
    SymbolicEntropy entropy(63);
    for (int i = 0; i < 100; ++i) entropy.add(0.8);
    EXPECT_NEAR(entropy.value(), 0, 1e-6);
    int rate = 40;
    for (int i = 0; i < 100; ++i) entropy.add(60.0 / (rate = 40 + (rate * 7 + i * i) % 250));
    EXPECT_GT(entropy.value(), 0.95);
    entropy.clear();
    EXPECT_EQ(entropy.value(), 0);
    for (const double odd : {0.0, -1.0, 1e-300, std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::infinity()})
        entropy.add(odd);
    EXPECT_TRUE(std::isfinite(entropy.value()));
}

TEST(CoefficientOfSampleEntropy, counts_matches_of_one_and_of_two) {
    // Templates 0.80 0.81 1.00 0.80: three match among themselves; of what follows them
    // (0.81, 1.00, 0.80 and 0.99), only 1.00 and 0.99 do.
    const std::vector<double> rr{0.80, 0.81, 1.00, 0.80, 0.99};
    const double mean = (0.80 + 0.81 + 1.00 + 0.80 + 0.99) / 5;
    EXPECT_NEAR(coefficient_of_sample_entropy(rr),
                -std::log(1.5 / 3.5) + std::log(0.06) - std::log(mean), 1e-9);
}

}  // namespace
}  // namespace vigil::rhythm

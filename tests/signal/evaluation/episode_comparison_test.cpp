#include "signal/evaluation/episode_comparison.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace vigil::rhythm {
namespace {

constexpr EpisodeRules hour{.from_s = 0, .to_s = 3600};

TEST(EpisodeComparison, an_episode_is_found_where_any_of_it_is) {
    const std::vector<Episode> reference{{100, 200}, {500, 600}};
    const std::vector<Episode> test{{150, 250}, {1000, 1100}, {2000, 2100}};
    const auto found = compare_episodes(reference, test, {}, hour);
    EXPECT_DOUBLE_EQ(*found.episode_sensitivity(), 50);
    EXPECT_NEAR(*found.episode_positive_predictivity(), 100.0 / 3, 1e-9);
    EXPECT_DOUBLE_EQ(*found.duration_sensitivity(), 25);
    EXPECT_NEAR(*found.duration_positive_predictivity(), 100 * 50 / 300.0, 1e-9);
    EXPECT_NEAR(*found.duration_specificity(), 100 * (3400 - 250) / 3400.0, 1e-9);
}

TEST(EpisodeComparison, what_is_left_out_counts_for_nobody) {
    const std::vector<Episode> test{{100, 200}, {500, 560}}, flutter{{90, 210}, {550, 700}};
    const auto found = compare_episodes({}, test, flutter, hour);
    EXPECT_FALSE(found.episode_sensitivity());
    EXPECT_EQ(found.test_count, 1U) << "the first lies in flutter";
    EXPECT_DOUBLE_EQ(found.test_s, 50);
    EXPECT_DOUBLE_EQ(found.other_s, 3600 - 270);
}

TEST(EpisodeComparison, only_the_part_that_is_scored_counts) {
    const std::vector<Episode> reference{{100, 400}, {420, 430}}, test{{0, 350}};
    const auto found =
        compare_episodes(reference, test, {}, {.from_s = 300, .to_s = 3600, .reference_s_min = 30});
    EXPECT_EQ(found.reference_count, 1U) << "ten seconds are not asked for";
    EXPECT_DOUBLE_EQ(found.reference_s, 110);
    EXPECT_DOUBLE_EQ(found.test_s, 50);
    auto sum = found;
    sum += found;
    EXPECT_EQ(sum.found_count, 2U);
    EXPECT_DOUBLE_EQ(*sum.duration_positive_predictivity(), 100);
}

}  // namespace
}  // namespace vigil::rhythm

#include "signal/evaluation/beat_comparison.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "signal/evaluation/beat_accuracy.hpp"

namespace vigil::ecg {
namespace {

using enum BeatClass;

constexpr ComparisonSettings rules{.sample_hz = 360, .begin = 108'000, .end = 650'000};

Reference reference(std::vector<ReferenceBeat> beats) {
    return {.beats = std::move(beats), .fibrillation = {}};
}
std::vector<Beat> found(std::initializer_list<std::pair<std::int64_t, BeatClass>> beats) {
    std::vector<Beat> list;
    for (const auto& [sample, beat_class] : beats)
        list.push_back({.sample = sample, .beat_class = beat_class});
    return list;
}
std::uint64_t extras(const Comparison& comparison) {
    return comparison.qrs_positive_predictivity().whole - comparison.pairs();
}

TEST(BeatComparison, a_pair_is_no_further_apart_than_150_ms) {
    const auto ref = reference({{120'000, normal}, {130'000, normal}});
    const auto at = compare_beats(ref, found({{120'054, normal}, {129'946, normal}}), {}, rules);
    EXPECT_EQ(at.pairs(), 2U);
    const auto over = compare_beats(ref, found({{120'055, normal}, {129'945, normal}}), {}, rules);
    EXPECT_EQ(over.pairs(), 0U);
    EXPECT_EQ(extras(over), 2U);
    EXPECT_EQ(over.cells[0][Comparison::missed], 2U);
}

TEST(BeatComparison, of_two_tests_near_a_beat_the_closer_is_its_pair) {
    const auto ref = reference({{120'000, ventricular}, {121'000, normal}});
    const auto result = compare_beats(
        ref, found({{119'960, normal}, {120'010, ventricular}, {121'000, normal}}), {}, rules);
    EXPECT_EQ(result.of(2, ventricular), 1U);
    EXPECT_EQ(result.of(Comparison::extra, normal), 1U);
}

TEST(BeatComparison, a_pair_stays_if_the_rival_is_better_off_with_its_own_next) {
    // The second test is closer to the first beat than the first test is, but closer still to the
    // second beat.
    const auto ref = reference({{120'000, normal}, {120'040, normal}});
    const auto result =
        compare_beats(ref, found({{119'960, normal}, {120'030, normal}}), {}, rules);
    EXPECT_EQ(result.pairs(), 2U);
}

TEST(BeatComparison, the_first_five_minutes_are_not_scored) {
    const auto ref = reference({{50'000, normal}, {108'000, normal}, {120'000, normal}});
    // Just before 5:00 a test may belong to the first beat; one alone just after it may not count.
    const auto before = compare_beats(
        ref, found({{40'000, normal}, {107'990, normal}, {120'000, normal}}), {}, rules);
    EXPECT_EQ(before.pairs(), 2U);
    EXPECT_EQ(extras(before), 0U);
    const auto lone = compare_beats(reference({{107'999, normal}, {120'000, normal}}),
                                    found({{108'010, normal}, {120'000, normal}}), {}, rules);
    EXPECT_EQ(lone.pairs(), 1U);
    EXPECT_EQ(extras(lone), 0U);
}

TEST(BeatComparison, in_ventricular_fibrillation_nothing_counts) {
    auto ref = reference({{120'000, normal}, {125'000, normal}, {140'000, normal}});
    ref.fibrillation = {{.begin = 124'000, .end = 139'000}};
    const auto result = compare_beats(
        ref, found({{120'000, normal}, {126'000, normal}, {130'000, normal}, {140'000, normal}}),
        {}, rules);
    EXPECT_EQ(result.reference_beats(), 2U);
    EXPECT_EQ(result.pairs(), 2U);
    EXPECT_EQ(extras(result), 0U);
}

TEST(BeatComparison, what_is_missed_in_a_shutdown_is_missed_and_told_apart) {
    const auto ref = reference({{120'000, ventricular}, {130'000, normal}});
    const std::vector<SampleSpan> shutdown{{.begin = 119'000, .end = 122'599}};
    const auto result = compare_beats(ref, found({{130'000, normal}}), shutdown, rules);
    EXPECT_EQ(result.cells[2][Comparison::shut_down], 1U);
    EXPECT_DOUBLE_EQ(*result.qrs_sensitivity().percent(), 50);
    EXPECT_DOUBLE_EQ(result.shutdown_s, 10);
}

TEST(BeatComparison, fusion_and_unclassifiable_beats_called_v_are_free) {
    Comparison all;
    const auto put = [&](std::size_t row, BeatClass test, std::uint64_t count) {
        all.cells[row][static_cast<std::size_t>(test)] = count;
    };
    put(0, normal, 1000);
    put(0, ventricular, 3);
    put(0, supraventricular, 4);
    put(1, supraventricular, 50);
    put(1, ventricular, 2);
    put(2, ventricular, 90);
    put(2, normal, 6);
    put(2, supraventricular, 1);
    put(3, ventricular, 20);
    put(3, supraventricular, 5);
    put(4, ventricular, 7);
    put(4, supraventricular, 8);
    put(Comparison::extra, ventricular, 5);
    put(Comparison::extra, supraventricular, 9);
    all.cells[2][Comparison::missed] = 3;
    const auto veb = ventricular_statistics(all);
    EXPECT_EQ(veb.sensitivity.part, 90U);
    EXPECT_EQ(veb.sensitivity.whole, 100U);
    EXPECT_EQ(veb.positive_predictivity.whole, 90U + 3 + 2 + 5);
    const auto sveb = supraventricular_statistics(all);
    EXPECT_EQ(sveb.sensitivity.whole, 52U);
    EXPECT_EQ(sveb.positive_predictivity.whole, 50U + 4 + 1 + 5 + 9) << "only Q called S is free";
}

TEST(BeatComparison, says_how_far_off_the_places_are) {
    const auto ref = reference({{120'000, normal}, {130'000, normal}});
    auto tests = found({{120'003, normal}, {130'006, normal}});
    const auto result = compare_beats(ref, tests, {}, rules);
    EXPECT_NEAR(*result.error_mean_s(), 4.5 / 360, 1e-9);
    EXPECT_NEAR(*result.error_deviation_s(), std::sqrt(4.5) / 360, 1e-9);
}

TEST(BeatAccuracy, gross_is_of_all_beats_and_average_of_the_records) {
    BeatAccuracy many{.record = "a", .standard = {}, .tight = {}}, few = many;
    many.standard.cells[0][0] = 900;
    many.standard.cells[0][Comparison::missed] = 100;
    few.standard.cells[0][0] = 10;
    const std::vector records{many, few};
    const auto qrs = static_cast<std::size_t>(Measure::qrs_sensitivity);
    const auto veb = static_cast<std::size_t>(Measure::veb_sensitivity);
    EXPECT_NEAR(*percentages_of(gross(records))[qrs], 100.0 * 910 / 1010, 1e-9);
    EXPECT_NEAR(*average(records)[qrs], 95, 1e-9);
    EXPECT_FALSE(average(records)[veb]) << "no record has any";
}

TEST(ReferenceBeats, the_two_tables_differ_in_escape_beats) {
    const auto all = [](ClassTable table) {
        std::string letters;
        for (std::uint8_t code = 0; code < 50; ++code)
            if (const auto beat_class = class_of(code, table))
                (letters += wfdb::symbol(code)) += letter(*beat_class);
        return letters;
    };
    EXPECT_EQ(all(ClassTable::papers), "NNLNRNaSVVFFJSASSSEVjN/QQQBN?QeNnSfQrV");
    EXPECT_EQ(all(ClassTable::bxb), "NNLNRNaSVVFFJSASSSEVjS/QQQBN?QeSnSfQrV");
}

TEST(ReferenceBeats, fibrillation_lasts_from_bracket_to_bracket) {
    const std::vector<wfdb::Annotation> annotations{
        {.sample = 10, .code = 1},  {.sample = 20, .code = 32}, {.sample = 25, .code = 31},
        {.sample = 30, .code = 33}, {.sample = 40, .code = 5},  {.sample = 50, .code = 32},
        {.sample = 60, .code = 31}};
    const auto ref = reference_of(annotations, ClassTable::papers);
    EXPECT_EQ(ref.beats.size(), 2U) << "flutter waves are no beats";
    ASSERT_EQ(ref.fibrillation.size(), 2U);
    EXPECT_EQ(ref.fibrillation[0].begin, 20);
    EXPECT_EQ(ref.fibrillation[0].end, 30);
    EXPECT_EQ(ref.fibrillation[1].end, 60) << "it lasts until the record ends";
}

}  // namespace
}  // namespace vigil::ecg

#include "signal/evaluation/reference_rhythms.hpp"

#include <gtest/gtest.h>

#include <string>

namespace vigil::rhythm {
namespace {

constexpr double hz = 100;

wfdb::Annotation rhythm(double at_s, std::string name) {
    return {.sample = static_cast<std::int64_t>(at_s * hz),
            .code = wfdb::code::rhythm_change,
            .text = std::move(name)};
}
wfdb::Annotation mark(double at_s, std::uint8_t code) {
    return {.sample = static_cast<std::int64_t>(at_s * hz), .code = code};
}
constexpr std::uint8_t n = wfdb::code::normal, v = wfdb::code::premature_ventricular;
constexpr std::uint8_t fibrillation_begins = 32, fibrillation_ends = 33;

TEST(ReferenceRhythms, hold_until_the_next_one) {
    const std::vector<wfdb::Annotation> list{
        rhythm(0, "(N"),      rhythm(10, std::string("(AFIB\0", 6)),
        rhythm(50, "(AFL"),   rhythm(60, "(AFIB"),
        rhythm(70, "(AFIBX"), rhythm(80, "(NOISE")};
    const auto found = rhythms_of(list, hz, 100);
    EXPECT_TRUE(found.has_rhythms);
    EXPECT_FALSE(found.has_beats);
    ASSERT_EQ(found.atrial_fibrillation.size(), 2U);
    EXPECT_DOUBLE_EQ(found.atrial_fibrillation[0].from_s, 10);
    EXPECT_DOUBLE_EQ(found.atrial_fibrillation[0].to_s, 50);
    EXPECT_DOUBLE_EQ(found.atrial_fibrillation[1].to_s, 70);
    ASSERT_EQ(found.atrial_flutter.size(), 1U);
    ASSERT_EQ(found.noise.size(), 1U);
    EXPECT_DOUBLE_EQ(found.noise[0].to_s, 100) << "the last until the recording ends";
}

TEST(ReferenceRhythms, fibrillation_is_what_its_brackets_and_its_rhythms_say_together) {
    const auto found = rhythms_of(
        std::vector{mark(10, fibrillation_begins), rhythm(11, "(VFL"), mark(30, fibrillation_ends),
                    rhythm(31, "(N"), rhythm(50, "(VF"), rhythm(55, "(N")},
        hz, 100);
    ASSERT_EQ(found.ventricular_fibrillation.size(), 2U);
    EXPECT_DOUBLE_EQ(found.ventricular_fibrillation[0].span.from_s, 10);
    EXPECT_DOUBLE_EQ(found.ventricular_fibrillation[0].span.to_s, 31);
    EXPECT_DOUBLE_EQ(found.ventricular_fibrillation[1].span.from_s, 50);
}

TEST(ReferenceRhythms, tachycardia_is_asked_for_from_five_ventricular_beats_above_100_on) {
    std::vector<wfdb::Annotation> list{rhythm(0, "(N")};
    const auto run = [&](double from_s, int beats, double rr_s) {
        for (int i = 0; i < beats; ++i) list.push_back(mark(from_s + i * rr_s, v));
        list.push_back(mark(from_s + beats * rr_s, n));
    };
    run(10, 5, 0.5);  // called nothing, but it is
    list.push_back(rhythm(19.9, "(VT"));
    run(20, 3, 0.4);  // a short run
    list.push_back(rhythm(22, "(N"));
    run(30, 8, 0.7);  // 86/min
    const auto found = rhythms_of(list, hz, 60).ventricular_tachycardia;
    ASSERT_EQ(found.size(), 2U);
    EXPECT_TRUE(found[0].wanted);
    EXPECT_DOUBLE_EQ(found[0].span.from_s, 10);
    EXPECT_DOUBLE_EQ(found[0].span.to_s, 12);
    EXPECT_FALSE(found[1].wanted) << "three beats";
}

TEST(ReferenceRhythms, tachycardia_without_annotated_beats_is_asked_for_by_its_length) {
    const auto found = rhythms_of(
        std::vector{rhythm(10, "(VT"), rhythm(12, "(N"), rhythm(20, "(VT"), rhythm(23, "(N")}, hz,
        60);
    ASSERT_EQ(found.ventricular_tachycardia.size(), 2U);
    EXPECT_FALSE(found.ventricular_tachycardia[0].wanted);
    EXPECT_TRUE(found.ventricular_tachycardia[1].wanted) << "longer than 2.4 s";
    EXPECT_TRUE(found.asystole.empty()) << "no beats annotated is not no beats";
}

TEST(ReferenceRhythms, asystole_is_named_or_four_seconds_between_beats) {
    const std::vector<wfdb::Annotation> list{mark(1, n),
                                             mark(5.5, n),
                                             mark(9, n),
                                             rhythm(12, "(ASYS"),
                                             rhythm(20, "(N"),
                                             mark(20, n),
                                             mark(21, fibrillation_begins),
                                             mark(29, fibrillation_ends),
                                             mark(30, n)};
    const auto found = rhythms_of(list, hz, 60).asystole;
    ASSERT_EQ(found.size(), 2U);
    EXPECT_DOUBLE_EQ(found[0].span.from_s, 1);
    EXPECT_DOUBLE_EQ(found[0].span.to_s, 5.5);
    EXPECT_DOUBLE_EQ(found[1].span.from_s, 9) << "with the gap round what is named";
    EXPECT_DOUBLE_EQ(found[1].span.to_s, 20);
}

TEST(ReferenceRhythms, of_nothing_are_none) {
    const auto found = rhythms_of({}, hz, 60);
    EXPECT_FALSE(found.has_rhythms || found.has_beats);
    EXPECT_TRUE(found.asystole.empty() && found.ventricular_tachycardia.empty());
}

}  // namespace
}  // namespace vigil::rhythm

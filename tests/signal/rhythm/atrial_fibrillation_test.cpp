#include "signal/rhythm/atrial_fibrillation.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>
#include <random>

#include "signal/evaluation/episode_comparison.hpp"
#include "signal/recordings.hpp"

namespace vigil::rhythm {
namespace {

using enum ecg::BeatClass;

std::vector<Episode> episodes(const std::vector<RhythmEvent>& events) {
    std::vector<Episode> list;
    for (const auto& event : events) {
        if (event.begins)
            list.push_back({event.at_s, event.at_s});
        else
            list.back().to_s = event.at_s;
    }
    return list;
}

// Feeds beats whose distance in seconds and class are a function of the time.
struct Rhythms {
    AtrialFibrillation detector;
    RrSeries series{1000};
    std::vector<RhythmEvent> events;
    double at = 0;
    std::mt19937 random{7};

    void play(
        double for_s, const std::function<double(int)>& rr_s,
        const std::function<ecg::BeatClass(int)>& beat_class = [](int) { return normal; }) {
        const double until = at + for_s;
        for (int i = 0; at < until; ++i) {
            at += rr_s(i);
            if (const auto rr =
                    series.add({.sample = std::llround(at * 1000), .beat_class = beat_class(i)}))
                detector.add(*rr, events);
        }
    }
    void sinus(double for_s) {
        play(for_s, [this](int i) {
            return 0.85 + 0.05 * std::sin(0.25 * 2 * std::numbers::pi * at) +
                   0.01 * ((i * 7) % 5 - 2);
        });
    }
    void fibrillation(double for_s) {
        std::uniform_real_distribution<double> rr(0.4, 1.0);
        play(for_s, [&](int) { return rr(random); });
    }
    std::vector<Episode> found() {
        detector.finish(events);
        return episodes(events);
    }
};

TEST(AtrialFibrillation, begins_and_ends_when_it_did) {
    Rhythms rhythms;
    rhythms.sinus(300);
    rhythms.fibrillation(300);
    ASSERT_EQ(rhythms.events.size(), 1U);
    EXPECT_NEAR(rhythms.events[0].at_s, 300, 15);
    EXPECT_LE(rhythms.events[0].known_s, 375) << "told within 75 s of its onset";
    EXPECT_TRUE(rhythms.detector.present());
    rhythms.sinus(300);
    EXPECT_FALSE(rhythms.detector.present());
    const auto found = rhythms.found();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NEAR(found[0].to_s, 600, 15);
    EXPECT_NEAR(*rhythms.detector.burden(), 1.0 / 3, 0.04);
}

TEST(AtrialFibrillation, of_less_than_half_a_minute_is_not_told_of) {
    Rhythms rhythms;
    rhythms.sinus(200);
    rhythms.fibrillation(12);
    rhythms.sinus(200);
    EXPECT_THAT(rhythms.found(), testing::IsEmpty());
}

TEST(AtrialFibrillation, is_not_what_sinus_arrhythmia_bigeminy_or_ectopic_beats_do) {
    Rhythms breathing;
    breathing.play(
        600, [&](int) { return 0.9 + 0.18 * std::sin(0.2 * 2 * std::numbers::pi * breathing.at); });
    EXPECT_THAT(breathing.found(), testing::IsEmpty()) << "sinus arrhythmia";

    Rhythms unclassified;
    unclassified.play(600, [](int i) { return i % 2 == 0 ? 0.55 : 1.05; });
    EXPECT_THAT(unclassified.found(), testing::IsEmpty()) << "bigeminy that no one classified";

    Rhythms classified;
    classified.play(
        600, [](int i) { return (i % 2 == 0 ? 0.5 : 1.0) + 0.03 * ((i * 13) % 7); },
        [](int i) { return i % 2 == 0 ? ventricular : normal; });
    EXPECT_THAT(classified.found(), testing::IsEmpty());
    EXPECT_FALSE(classified.detector.burden()) << "nothing between normal beats to decide by";

    Rhythms ectopic;
    ectopic.play(
        600, [](int i) { return i % 6 == 4   ? 0.45 + 0.02 * (i % 5)
                                : i % 6 == 5 ? 1.2
                                             : 0.85; },
        [](int i) { return i % 6 == 4 ? ventricular : normal; });
    EXPECT_THAT(ectopic.found(), testing::IsEmpty());
}

TEST(AtrialFibrillation, is_found_where_a_classifier_takes_its_early_beats_for_supraventricular) {
    Rhythms rhythms;
    std::uniform_real_distribution<double> rr(0.4, 1.0);
    double last = 0;
    rhythms.play(
        300, [&](int) { return last = rr(rhythms.random); },
        [&](int) { return last < 0.62 ? supraventricular : normal; });
    EXPECT_THAT(rhythms.found(), testing::SizeIs(1));
}

TEST(AtrialFibrillation, ends_where_the_signal_does) {
    Rhythms rhythms;
    rhythms.fibrillation(300);
    const double lost = rhythms.at;
    rhythms.series.gap();
    rhythms.at += 600;
    rhythms.sinus(300);
    const auto found = rhythms.found();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_LE(found[0].to_s, lost + 0.001);
    EXPECT_GT(found[0].to_s, lost - 20);
}

// --- Real recordings
// ------------------------------------------------------------------------------

struct PerBeat {
    std::uint64_t tp = 0, fn = 0, fp = 0, tn = 0;
    std::optional<double> se() const { return share(tp, tp + fn); }
    std::optional<double> sp() const { return share(tn, tn + fp); }
    static std::optional<double> share(std::uint64_t part, std::uint64_t whole) {
        if (whole == 0) return std::nullopt;
        return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    }
};

std::vector<Episode> reference(const recordings::Annotated& record, std::string_view rhythm) {
    std::vector<Episode> list;
    for (const auto& span : record.of(rhythm)) list.push_back({span.from_s, span.to_s});
    return list;
}

std::vector<Episode> detect(const recordings::Annotated& record) {
    AtrialFibrillation detector;
    RrSeries series(record.hz);
    std::vector<RhythmEvent> events;
    for (const auto& beat : record.beats)
        if (const auto rr = series.add(beat)) detector.add(*rr, events);
    detector.finish(events);
    return episodes(events);
}

void count_beats(const recordings::Annotated& record, const std::vector<Episode>& found,
                 PerBeat& beats) {
    const auto in = [](const std::vector<Episode>& list, double at) {
        return std::ranges::any_of(
            list, [at](const Episode& e) { return e.from_s <= at && at < e.to_s; });
    };
    const auto wanted = reference(record, "(AFIB"), flutter = reference(record, "(AFL");
    for (const auto& beat : record.beats) {
        const double at = seconds(beat, record.hz);
        if (in(flutter, at)) continue;
        const bool is = in(wanted, at), said = in(found, at);
        ++(is ? (said ? beats.tp : beats.fn) : (said ? beats.fp : beats.tn));
    }
}

// Sums over the records of a set.
struct Sums {
    EpisodeComparison all, half_minute;
    PerBeat beats;
    void add(const recordings::Annotated& record, double reference_s_min = 30) {
        const auto found = detect(record);
        const auto wanted = reference(record, "(AFIB"), flutter = reference(record, "(AFL");
        EpisodeRules rules{.from_s = 0, .to_s = record.end_s()};
        all += compare_episodes(wanted, found, flutter, rules);
        rules.reference_s_min = reference_s_min;
        half_minute += compare_episodes(wanted, found, flutter, rules);
        count_beats(record, found, beats);
    }
    // What --gtest_brief=0 shows of a set of records.
    void record(const std::string& of) const {
        const auto put = [&](const char* what, std::optional<double> percent) {
            if (percent) testing::Test::RecordProperty(of + what, fmt::format("{:.2f}", *percent));
        };
        put(" episodes Se", all.episode_sensitivity());
        put(" episodes of 30 s Se", half_minute.episode_sensitivity());
        put(" episodes +P", all.episode_positive_predictivity());
        put(" duration Se", all.duration_sensitivity());
        put(" duration +P", all.duration_positive_predictivity());
        put(" duration Sp", all.duration_specificity());
        put(" beats Se", beats.se());
        put(" beats Sp", beats.sp());
    }
};

TEST(AtrialFibrillation, of_the_fibrillation_database_is_found_without_tuning_to_a_record) {
    const auto list = recordings::names("ecg/afdb-rhythm", ".beats.txt.gz");
    if (list.empty()) GTEST_SKIP() << "no recordings in " << recordings::folder;
    Sums result;
    for (const auto& name : list) result.add(recordings::atrial_fibrillation_record(name));
    result.record("AFDB");
    EXPECT_GE(result.half_minute.episode_sensitivity(), 96);
    EXPECT_GE(result.all.episode_positive_predictivity(), 80) << "premature beats are left out";
    EXPECT_GE(result.all.duration_sensitivity(), 97.5);
    EXPECT_GE(result.all.duration_specificity(), 97.5);
    EXPECT_GE(result.beats.se(), 96);
    EXPECT_GE(result.beats.sp(), 97);
}

TEST(AtrialFibrillation, of_the_arrhythmia_database_is_two_records_and_hardly_more) {
    const auto list = recordings::names("ecg/mitdb", ".atr");
    if (list.empty()) GTEST_SKIP() << "no recordings in " << recordings::folder;
    Sums result;
    for (const auto& name : list) result.add(recordings::annotated("ecg/mitdb", name));
    result.record("MITDB");
    EXPECT_GE(result.all.duration_sensitivity(), 96);
    EXPECT_GE(result.all.duration_specificity(), 99);
    EXPECT_EQ(result.all.test_count, result.all.true_count) << "only in 201 and 203";
}

TEST(AtrialFibrillation, of_healthy_days_and_of_a_holter_without_is_rare) {
    const auto list = recordings::names("ecg/nsrdb-beats", ".atr");
    if (list.empty()) GTEST_SKIP() << "no recordings in " << recordings::folder;
    Sums result;
    for (const auto& name : list) result.add(recordings::annotated("ecg/nsrdb-beats", name));
    result.record("NSRDB");
    EXPECT_GE(result.all.duration_specificity(), 99.8);
    Sums holter;
    holter.add(recordings::annotated("ecg/sddb-annotations", "34"));
    EXPECT_EQ(holter.all.test_count, 0U);
}

}  // namespace
}  // namespace vigil::rhythm

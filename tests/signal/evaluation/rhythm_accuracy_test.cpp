#include "signal/evaluation/rhythm_accuracy.hpp"

#include <gtest/gtest.h>

#include "signal/evaluation/alarm_record.hpp"

namespace vigil::rhythm {
namespace {

constexpr EpisodeRules scored{.from_s = 300, .to_s = 3900};  // an hour
constexpr std::size_t fibrillation = 0, tachycardia = 1, asystole = 2;

std::vector<RhythmEvent> told(Condition condition, std::initializer_list<Episode> spans,
                              double late_s, bool suppressed = false) {
    std::vector<RhythmEvent> events;
    for (const auto& span : spans) {
        events.push_back({condition, true, span.from_s, span.from_s + late_s, suppressed});
        events.push_back({condition, false, span.to_s, span.to_s, suppressed});
    }
    return events;
}

std::vector<ecg::Beat> beat_each_second() {
    std::vector<ecg::Beat> beats;
    for (int i = 0; i < 3900; ++i) beats.push_back({.sample = i, .beat_class = {}});
    return beats;
}

TEST(RhythmAccuracy, of_atrial_fibrillation_is_by_beats_by_time_and_by_episodes) {
    const ReferenceRhythms reference{
        .has_rhythms = true, .atrial_fibrillation = {{500, 700}, {1000, 1020}, {2000, 2100}}};
    const auto result = measure_rhythms(
        reference, beat_each_second(), 1,
        told(Condition::atrial_fibrillation, {{510, 690}, {3000, 3060}}, 40), scored);
    const auto& all = *result.atrial_fibrillation;
    EXPECT_EQ(all.episodes.reference_count, 2U) << "20 s are not asked for";
    EXPECT_EQ(all.episodes.found_count, 1U);
    EXPECT_EQ(all.episodes.test_count, 2U);
    EXPECT_EQ(all.episodes.true_count, 1U);
    EXPECT_EQ(all.true_positives, 180U);
    EXPECT_EQ(all.false_negatives, 20U + 20 + 100);
    EXPECT_EQ(all.false_positives, 60U);
    EXPECT_EQ(all.true_negatives, 3600U - 320 - 60);
    EXPECT_DOUBLE_EQ(*all.onset_error_s.mean(), 10);
    EXPECT_DOUBLE_EQ(*all.offset_error_s.mean(), -10);
    EXPECT_DOUBLE_EQ(*all.delay_s.most(), 50);
}

TEST(RhythmAccuracy, of_an_end_outside_of_what_is_scored_is_not_asked_for) {
    const ReferenceRhythms reference{.has_rhythms = true, .atrial_fibrillation = {{0, 3900}}};
    const auto result = measure_rhythms(
        reference, {}, 1, told(Condition::atrial_fibrillation, {{20, 3900}}, 40), scored);
    EXPECT_EQ(result.atrial_fibrillation->episodes.found_count, 1U);
    EXPECT_FALSE(result.atrial_fibrillation->onset_error_s.mean());
    EXPECT_FALSE(result.atrial_fibrillation->offset_error_s.mean());
}

TEST(RhythmAccuracy,
     of_episodes_told_of_as_one_has_the_onset_of_the_first_and_the_offset_of_the_last) {
    const ReferenceRhythms reference{.has_rhythms = true,
                                     .atrial_fibrillation = {{500, 600}, {610, 700}}};
    const auto result = measure_rhythms(
        reference, {}, 1, told(Condition::atrial_fibrillation, {{503, 704}}, 40), scored);
    EXPECT_EQ(result.atrial_fibrillation->onset_error_s.values, std::vector<double>{3});
    EXPECT_EQ(result.atrial_fibrillation->offset_error_s.values, std::vector<double>{4});
}

TEST(RhythmAccuracy, false_alarms_are_counted_an_hour) {
    ReferenceRhythms reference{.has_rhythms = true};
    reference.ventricular_fibrillation = {{.span = {400, 430}}, {.span = {800, 830}}};
    const auto result = measure_rhythms(
        reference, {}, 1,
        told(Condition::ventricular_fibrillation, {{100, 110}, {402, 431}, {900, 910}}, 6), scored);
    const auto& alarm = *result.alarms[fibrillation];
    EXPECT_EQ(alarm.reference_count, 2U);
    EXPECT_EQ(alarm.found_count, 1U);
    EXPECT_EQ(alarm.told_count, 2U) << "the first five minutes are not scored";
    EXPECT_DOUBLE_EQ(*alarm.false_per_hour(), 1);
    EXPECT_DOUBLE_EQ(*alarm.delay_s.mean(), 8);
}

TEST(RhythmAccuracy, what_is_hidden_by_another_condition_is_not_told) {
    const auto result =
        measure_rhythms({.has_rhythms = true}, {}, 1,
                        told(Condition::ventricular_tachycardia, {{500, 510}}, 1, true), scored);
    EXPECT_EQ(result.alarms[tachycardia]->told_count, 0U);
}

TEST(RhythmAccuracy, short_runs_noise_and_fibrillation_make_no_false_tachycardia) {
    ReferenceRhythms reference{.has_rhythms = true, .noise = {{1000, 1100}}};
    reference.ventricular_tachycardia = {{.span = {500, 501.5}, .wanted = false}};
    reference.ventricular_fibrillation = {{.span = {2000, 2100}}};
    const auto result =
        measure_rhythms(reference, {}, 1,
                        told(Condition::ventricular_tachycardia,
                             {{500, 502}, {1010, 1020}, {2010, 2020}, {3000, 3010}}, 1),
                        scored);
    const auto& alarm = *result.alarms[tachycardia];
    EXPECT_EQ(alarm.reference_count, 0U);
    EXPECT_EQ(alarm.told_count, 2U);
    EXPECT_EQ(alarm.true_count, 1U);
}

TEST(RhythmAccuracy, of_what_is_not_annotated_is_none) {
    const auto nothing = measure_rhythms({}, {}, 1, {}, scored);
    EXPECT_FALSE(nothing.atrial_fibrillation);
    for (const auto& alarm : nothing.alarms) EXPECT_FALSE(alarm);
    const auto beats = measure_rhythms({.has_beats = true}, {}, 1, {}, scored);
    EXPECT_FALSE(beats.alarms[tachycardia]);
    EXPECT_TRUE(beats.alarms[asystole]) << "a gap between beats shows it";
}

TEST(AlarmRecord, is_labelled_by_the_comments_of_its_header) {
    const auto label = alarm_label(std::vector<std::string>{"Asystole", "False alarm"});
    ASSERT_TRUE(label);
    EXPECT_EQ(label->condition, Condition::asystole);
    EXPECT_FALSE(label->is_true);
    EXPECT_EQ(
        alarm_label(std::vector<std::string>{" #Ventricular_Flutter_Fib", "True alarm"})->condition,
        Condition::ventricular_fibrillation);
    EXPECT_FALSE(alarm_label(std::vector<std::string>{"Asystole"}));
    EXPECT_FALSE(alarm_label(std::vector<std::string>{"True alarm", "male, 56"}));
}

std::vector<pleth::Pulse> pulses(double from_s, double to_s) {
    std::vector<pleth::Pulse> list;
    for (double at = from_s; at < to_s; at += 0.8)
        list.push_back({.foot_s = at - 0.1,
                        .peak_s = at,
                        .length_s = 0.8,
                        .foot = 0,
                        .amplitude = 1,
                        .quality = 1});
    return list;
}

TEST(AlarmRecord, is_judged_by_what_was_known_when_the_monitor_alarmed) {
    const auto verdict = [](std::initializer_list<Episode> spans, double late_s) {
        return judge_alarm(Condition::asystole, told(Condition::asystole, spans, late_s), {}, 250,
                           {});
    };
    EXPECT_TRUE(verdict({{293, 299}}, 4).told);
    EXPECT_TRUE(verdict({{293, 310}}, 4).told);
    EXPECT_FALSE(verdict({{298, 310}}, 4).told) << "known at 302 s";
    EXPECT_FALSE(verdict({{270, 285}}, 4).told) << "over more than 10 s before";
    EXPECT_FALSE(verdict({{293, 299}}, 4).contradicted) << "there is no pulse to go by";
    const auto going_on = pulses(200, 310);
    EXPECT_TRUE(judge_alarm(Condition::asystole, told(Condition::asystole, {{293, 299}}, 4), {},
                            250, going_on)
                    .contradicted);
    EXPECT_FALSE(judge_alarm(Condition::asystole, {}, {}, 250, going_on).contradicted)
        << "nothing was told";
}

}  // namespace
}  // namespace vigil::rhythm

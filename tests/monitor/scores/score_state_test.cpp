#include "monitor/scores/score_state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "monitor/scores/bedside.hpp"

namespace vigil::monitor {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ScoreState, a_set_that_a_nurse_charts_is_one_result) {
    Bedside bedside;
    EXPECT_TRUE(bedside.updates.empty()) << "nothing was measured, nothing is said";
    bedside.chart(usual, noon);
    const auto said = bedside.of("news2");
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(said[0].result.total(), 0);
    EXPECT_FALSE(said[0].band_rose);
    bedside.chart(usual, noon + minutes(1));
    EXPECT_EQ(bedside.of("news2").size(), 1U) << "the same again is no news";
    auto worse = usual;
    worse.pulse = "112";
    worse.respiration_rate = "26";
    bedside.chart(worse, noon + minutes(2));
    ASSERT_EQ(bedside.of("news2").size(), 2U);
    EXPECT_EQ(bedside.of("news2")[1].result.total(), 5);
    EXPECT_TRUE(bedside.of("news2")[1].band_rose);
    EXPECT_EQ(bedside.state.trend(index_of("news2"), noon + minutes(2), hours(4))->difference, 5);
}

TEST(ScoreState, inputs_that_become_too_old_make_the_score_incomplete_and_the_last_set_stays) {
    Bedside bedside;
    bedside.chart(usual, noon);
    bedside.tick(noon + minutes(5));
    EXPECT_EQ(bedside.of("news2").size(), 1U);
    EXPECT_EQ(bedside.state.next_deadline(), noon + minutes(5) + Nanoseconds(1));
    bedside.tick(noon + minutes(5) + Nanoseconds(1));
    ASSERT_EQ(bedside.of("news2").size(), 2U);
    const auto result = bedside.of("news2")[1].result;
    EXPECT_FALSE(result.complete());
    EXPECT_EQ(result.inputs[4].state, InputState::too_old);
    EXPECT_EQ(result.inputs[6].state, InputState::used);
    EXPECT_EQ(result.tally.least, 0);
    EXPECT_EQ(result.tally.most, 9) << "rate 3, saturation 3, pulse 3";
    EXPECT_EQ(bedside.state.last_complete(index_of("news2"))->time, noon);
}

TEST(ScoreState, a_set_that_is_charted_slowly_counts_at_the_time_of_its_last_value) {
    Bedside bedside;
    auto first = usual;
    first.temperature = "";
    first.consciousness = "";
    bedside.chart(first, noon);
    News2Set second;
    second.consciousness = "A";
    second.temperature = "38.4";
    bedside.chart(second, noon + minutes(12));
    const auto said = bedside.of("news2").back();
    EXPECT_EQ(said.result.occasion, Occasion::bedside_set);
    EXPECT_EQ(said.result.time, noon + minutes(12));
    EXPECT_EQ(said.result.total(), 1);
    // 16 minutes apart they are no set.
    Bedside other;
    other.chart(first, noon);
    other.chart(second, noon + minutes(16));
    EXPECT_FALSE(other.of("news2").back().result.complete());
}

TEST(ScoreState, a_monitor_that_goes_on_while_another_is_off_makes_no_set_each_second) {
    Bedside bedside;
    bedside.chart(usual, noon);
    const auto before = bedside.of("news2").size();
    for (int i = 0; i < 600; ++i) {
        const auto now = noon + minutes(1) + seconds(i);
        bedside.tick(now);
        bedside.take(monitor_device, {reading("heart_rate", std::to_string(70 + i % 10), now)},
                     now);
    }
    // The saturation and the rate became too old, one after the other.
    EXPECT_LT(bedside.of("news2").size() - before, 6U);
    EXPECT_EQ(bedside.of("news2").back().result.occasion, Occasion::continuous);
}

std::optional<std::int64_t> pulse_of(const Bedside& bedside, Timestamp now) {
    const auto result = bedside.state.current(index_of("news2"), now);
    return result.inputs[4].value;
}

TEST(ScoreState, a_monitor_counts_by_the_median_of_60_s_with_30_valid) {
    Bedside bedside;
    run(bedside, "heart_rate", std::vector<std::string>(29, "80"), noon);
    EXPECT_EQ(pulse_of(bedside, noon + seconds(29)), std::nullopt) << "29 of 30";
    run(bedside, "heart_rate", {"80"}, noon + seconds(29));
    EXPECT_EQ(pulse_of(bedside, noon + seconds(29)), 80);
    // Ten seconds of artefact change nothing; thirty-one of sixty do.
    run(bedside, "heart_rate", std::vector<std::string>(10, "180"), noon + seconds(30));
    EXPECT_EQ(pulse_of(bedside, noon + seconds(40)), 80);
    run(bedside, "heart_rate", std::vector<std::string>(21, "180"), noon + seconds(40));
    EXPECT_EQ(pulse_of(bedside, noon + seconds(61)), 180);
}

TEST(ScoreState, the_median_of_an_even_number_is_the_mean_of_the_middle_two) {
    Bedside bedside;
    std::vector<std::string> values(15, "80");
    values.insert(values.end(), 15, "81");
    run(bedside, "heart_rate", values, noon);
    EXPECT_EQ(pulse_of(bedside, noon + seconds(30)), 81) << "80.5, half away from zero";
    EXPECT_EQ(bedside.state.current(index_of("news2"), noon + seconds(30))
                  .inputs[4]
                  .measurement->readings,
              30);
}

TEST(ScoreState, what_is_flagged_is_not_counted_and_the_last_median_ages) {
    Bedside bedside;
    run(bedside, "heart_rate", std::vector<std::string>(60, "80"), noon);
    for (const auto flag :
         {status::invalid, status::questionable, status::test_data, status::demo_data,
          status::signal_poor, status::implausible, status::calibration_ongoing}) {
        Bedside flagged = bedside;
        run(flagged, "heart_rate", std::vector<std::string>(120, "190"), noon + seconds(60), flag);
        EXPECT_EQ(pulse_of(flagged, noon + seconds(180)), 80);
        EXPECT_EQ(pulse_of(flagged, noon + seconds(59) + minutes(5)), 80);
        EXPECT_EQ(pulse_of(flagged, noon + seconds(60) + minutes(5)), std::nullopt);
    }
    // Values that cannot be are not counted either, flagged or not.
    run(bedside, "heart_rate", std::vector<std::string>(120, "0"), noon + seconds(60));
    EXPECT_EQ(pulse_of(bedside, noon + seconds(180)), 80);
}

TEST(ScoreState, a_spot_check_counts_once_nothing_followed_it_for_3_s) {
    Bedside bedside;
    bedside.take(monitor_device, {reading("heart_rate", "95", noon)}, noon);
    EXPECT_EQ(pulse_of(bedside, noon), std::nullopt);
    EXPECT_EQ(bedside.state.next_deadline(), noon + seconds(3));
    bedside.tick(noon + seconds(3));
    EXPECT_EQ(pulse_of(bedside, noon + seconds(3)), 95);
    // A gateway that sends each 5 s: each value counts when the next is not there yet.
    Bedside slow;
    for (int i = 0; i < 12; ++i)
        slow.take(monitor_device,
                  {reading("heart_rate", i < 6 ? "80" : "90", noon + seconds(5 * i))},
                  noon + seconds(5 * i));
    slow.tick(noon + seconds(60));
    EXPECT_EQ(pulse_of(slow, noon + seconds(60)), 85);
}

TEST(ScoreState, two_oximeters_do_not_mix) {
    Bedside bedside;
    const auto spo2 = [&](Timestamp now) {
        return bedside.state.current(index_of("news2"), now).inputs[1].value;
    };
    for (int i = 0; i < 60; ++i) {
        const auto now = noon + seconds(i);
        bedside.take(monitor_device, {reading("spo2", "97", now)}, now);
        bedside.take(nurse, {reading("spo2", "88", now + milliseconds(400))},
                     now + milliseconds(400));
    }
    EXPECT_EQ(spo2(noon + seconds(60)), 97);
    // The first is taken off; a minute later the other counts.
    for (int i = 60; i < 200; ++i)
        bedside.take(nurse, {reading("spo2", "88", noon + seconds(i))}, noon + seconds(i));
    EXPECT_EQ(spo2(noon + seconds(200)), 88);
}

TEST(ScoreState, a_cuff_learns_its_interval) {
    Bedside bedside;
    const auto state_at = [&](Nanoseconds after) {
        return bedside.state.current(index_of("news2"), noon + after).inputs[3].state;
    };
    for (int i = 0; i < 4; ++i)
        bedside.take(monitor_device, {reading("nibp_sys", "120", noon + minutes(10 * i))},
                     noon + minutes(10 * i));
    EXPECT_EQ(state_at(minutes(30 + 20)), InputState::used);
    EXPECT_EQ(state_at(minutes(30 + 21)), InputState::too_old);
}

TEST(ScoreState, a_thermometer_that_fails_leaves_the_last_valid_temperature) {
    Bedside bedside;
    bedside.take(monitor_device, {reading("temp_tympanic", "38.2", noon)}, noon);
    for (int i = 1; i < 20; ++i)
        bedside.take(monitor_device,
                     {reading("temp_tympanic", "12", noon + seconds(i), status::invalid)},
                     noon + seconds(i));
    EXPECT_EQ(bedside.state.current(index_of("news2"), noon + minutes(1)).inputs[6].value, 382);
}

TEST(ScoreState, the_worst_laboratory_value_of_24_hours_counts_however_they_come_in) {
    Bedside bedside;
    const auto points = [&](Timestamp now) {
        const auto result = bedside.state.current(index_of("sirs"), now);
        return std::pair(result.inputs[4].value, result.tally.inputs[4].least);
    };
    bedside.take(nurse, {reading("wbc", "9.1", noon)}, noon);
    bedside.take(nurse, {reading("wbc", "13.4", noon - hours(6))}, noon + minutes(1));
    bedside.take(nurse, {reading("wbc", "8.0", noon + hours(2))}, noon + hours(2));
    EXPECT_EQ(points(noon + hours(3)),
              std::pair(std::optional<std::int64_t>(1340), std::uint8_t{1}));
    // The others are too old, but this one: 8.0.
    EXPECT_EQ(points(noon + hours(25)),
              std::pair(std::optional<std::int64_t>(800), std::uint8_t{0}));
}

TEST(ScoreState,
     a_correction_takes_the_place_of_what_was_wrong_and_supersedes_the_totals_that_counted_it) {
    Bedside bedside;
    auto wrong = usual;
    wrong.temperature = "35.0";  // 3 points
    bedside.chart(wrong, noon);
    EXPECT_EQ(bedside.of("news2").back().result.total(), 3);
    bedside.take(nurse, {reading("temp_body", "37.0", noon, status::manual | status::corrected)},
                 noon + minutes(2));
    const auto said = bedside.of("news2").back();
    EXPECT_TRUE(said.corrected);
    EXPECT_EQ(said.result.total(), 0);
    const auto points = bedside.state.points(index_of("news2"));
    ASSERT_EQ(points.size(), 2U);
    EXPECT_TRUE(points[0].superseded);
    EXPECT_FALSE(points[1].superseded);
    // Entered in error: it is gone.
    bedside.take(
        nurse,
        {reading("temp_body", "37.0", noon, status::manual | status::corrected | status::invalid)},
        noon + minutes(3));
    EXPECT_EQ(bedside.of("news2").back().result.inputs[6].state, InputState::missing);
    EXPECT_EQ(bedside.state.last_complete(index_of("news2")), std::nullopt);
}

TEST(ScoreState, the_scale_is_a_decision_that_recomputes_the_score) {
    Bedside bedside;
    auto set = usual;
    set.spo2 = "90";
    bedside.chart(set, noon);
    EXPECT_EQ(bedside.of("news2").back().result.total(), 3);
    auto patient = adult();
    patient.settings.push_back({"spo2_scale", "2", "Dr Okafor", noon + minutes(1)});
    bedside.state.set_patient(patient, noon + minutes(1));
    EXPECT_EQ(bedside.state.last_complete(index_of("news2"))->total(), 0);
    EXPECT_EQ(bedside.state.trend(index_of("news2"), noon + minutes(2), hours(1)), std::nullopt)
        << "totals of two scales are no trend";
}

TEST(ScoreState, an_incomplete_score_alerts_when_its_lower_bound_does_but_not_for_flapping) {
    Bedside bedside;
    auto set = News2Set{"26", "90", "oxygen", "", "", "", ""};  // at least 8
    bedside.chart(set, noon);
    ASSERT_EQ(bedside.of("news2").size(), 1U);
    EXPECT_TRUE(bedside.of("news2")[0].band_rose);
    EXPECT_FALSE(bedside.of("news2")[0].result.complete());
    bedside.tick(noon + minutes(6));  // the saturation and the rate are too old: at least 2
    EXPECT_FALSE(bedside.of("news2").back().band_rose);
    bedside.chart(set, noon + minutes(7));
    EXPECT_FALSE(bedside.of("news2").back().band_rose)
        << "it was high before, and was not complete since";
}

TEST(ScoreState, readings_of_one_time_in_any_order_lead_to_the_same_state) {
    std::vector<FiledReading> all{reading("resp_rate", "22", noon, status::manual),
                                  reading("spo2", "93", noon, status::manual),
                                  reading("oxygen_therapy", "air", noon, status::manual),
                                  reading("nibp_sys", "105", noon),
                                  reading("heart_rate", "92", noon, status::manual),
                                  reading("avpu", "V", noon, status::manual),
                                  reading("temp_body", "38.3", noon, status::manual),
                                  reading("gcs_total", "14", noon)};
    std::mt19937 random(3);
    std::string first;
    for (int i = 0; i < 50; ++i) {
        std::shuffle(all.begin(), all.end(), random);
        Bedside bedside;
        bedside.take(nurse, all, noon);
        const auto bytes = bedside.state.encode();
        if (first.empty()) first = bytes;
        EXPECT_EQ(bytes, first);
    }
}

TEST(ScoreState, readings_of_impossible_times_are_left_alone) {
    Bedside bedside;
    for (const auto time :
         {Timestamp::min(), Timestamp::max(), noon + hours(1), noon - hours(24 * 60)})
        bedside.take(monitor_device,
                     {reading("heart_rate", "80", time), reading("temp_body", "40", time),
                      reading("wbc", "20", time)},
                     noon);
    EXPECT_TRUE(bedside.updates.empty());
}

TEST(ScoreState, an_index_is_told_when_it_moved_by_5_hundredths_or_to_another_band) {
    Bedside bedside;
    const auto beat = [&](int rate, int second) {
        const auto now = noon + seconds(second);
        bedside.take(nurse,
                     {reading("heart_rate", std::to_string(rate), now, status::manual),
                      reading("nibp_sys", "100", now)},
                     now);
        return bedside.of("shock_index").size();
    };
    EXPECT_EQ(beat(60, 0), 1U);
    EXPECT_EQ(beat(64, 10), 1U);
    EXPECT_EQ(beat(65, 20), 2U);
    EXPECT_EQ(beat(61, 30), 2U);
    EXPECT_EQ(beat(70, 40), 3U);
    EXPECT_EQ(beat(71, 50), 4U) << "above what is usual";
    EXPECT_EQ(bedside.of("shock_index").back().result.total(), 71);
}

// A night on a ward: runs with gaps and artefacts, cuffs, charted sets, corrections, ticks.
struct Step {
    DeviceId device;
    std::vector<FiledReading> readings;
    Timestamp now;
};

std::vector<Step> night() {
    std::vector<Step> steps;
    std::mt19937 random(20260301);
    const auto pick = [&](int least, int most) {
        return std::uniform_int_distribution(least, most)(random);
    };
    for (int i = 0; i < 1500; ++i) {
        const auto now = noon + seconds(2 * i + pick(0, 1));
        const auto flags = pick(0, 19) == 0 ? status::signal_poor : 0U;
        std::vector<FiledReading> readings;
        if (pick(0, 9) != 0)
            readings.push_back(reading("heart_rate", std::to_string(pick(70, 130)), now, flags));
        if (i < 700) readings.push_back(reading("spo2", std::to_string(pick(88, 98)), now, flags));
        if (i % 5 == 0)
            readings.push_back(reading("resp_rate_impedance", std::to_string(pick(12, 30)), now));
        if (i % 150 == 0)
            readings.push_back(reading("nibp_sys", std::to_string(pick(85, 130)), now));
        if (i % 400 == 10) {
            readings.push_back(reading("avpu", pick(0, 1) == 0 ? "A" : "V", now, status::manual));
            readings.push_back(
                reading("temp_tympanic", "38." + std::to_string(pick(0, 9)), now, status::manual));
            readings.push_back(reading("oxygen_therapy", "oxygen", now, status::manual));
        }
        if (i % 300 == 20) readings.push_back(reading("wbc", std::to_string(pick(3, 20)), now));
        if (i % 500 == 499)
            readings.push_back(
                reading("avpu", "A", now - seconds(200), status::manual | status::corrected));
        steps.push_back({i % 7 == 0 ? nurse : monitor_device, std::move(readings), now});
    }
    return steps;
}

std::vector<ScoreUpdate> play(ScoreState& state, std::span<const Step> steps) {
    std::vector<ScoreUpdate> all;
    for (const auto& step : steps) {
        for (auto& update : state.advance(step.now)) all.push_back(std::move(update));
        for (auto& update : state.apply(step.device, step.readings, step.now))
            all.push_back(std::move(update));
    }
    return all;
}

TEST(ScoreState, a_restart_at_any_time_restores_it_exactly) {
    const auto steps = night();
    ScoreState whole(built_in());
    whole.set_patient(adult(), noon);
    std::vector<ScoreUpdate> before;
    std::vector<std::string> snapshots;
    for (const auto& step : steps) {
        snapshots.push_back(whole.encode());
        for (auto& update : play(whole, std::span(&step, 1))) before.push_back(std::move(update));
    }
    const auto last = whole.encode();
    EXPECT_GT(before.size(), 50U) << "a night has something to say";
    EXPECT_LT(last.size(), 32U << 10) << "bounded";
    for (std::size_t cut = 0; cut < steps.size(); cut += 61) {
        auto restored = ScoreState::decode(snapshots[cut], built_in());
        ASSERT_TRUE(restored) << restored.error().place;
        EXPECT_EQ(restored->encode(), snapshots[cut]);
        const auto after = play(*restored, std::span(steps).subspan(cut));
        EXPECT_EQ(restored->encode(), last) << cut;
        ASSERT_LE(after.size(), before.size());
        for (std::size_t i = 0; i < after.size(); ++i) {
            const auto& expected = before[before.size() - after.size() + i];
            EXPECT_EQ(after[i].result, expected.result);
            EXPECT_EQ(after[i].band_rose, expected.band_rose);
        }
    }
}

TEST(ScoreState, a_damaged_snapshot_is_an_error_and_one_of_other_scores_is_read_as_far_as_it_goes) {
    ScoreState state(built_in());
    state.set_patient(on_scale_2(), noon);
    const auto steps = night();
    play(state, std::span(steps).first(200));
    const auto bytes = state.encode();
    for (std::size_t cut = 0; cut < bytes.size(); cut += 7)
        EXPECT_FALSE(ScoreState::decode(bytes.substr(0, cut), built_in())) << cut;
    EXPECT_FALSE(ScoreState::decode(bytes + "x", built_in()));
    EXPECT_EQ(ScoreState::decode("\x01", built_in()).error().kind, Error::Kind::unsupported);
    // The site has added a chart since.
    ScoreSet more(catalogue());
    ASSERT_TRUE(
        more.add("score\tsite\t1\tsum\nname\tSite\ncitation\tSite\nterms\tSite\n"
                 "input\trate\tnumber\t/min\t1\nsource\trate\theart_rate\tlast\t15m\t1h\n"
                 "points\trate\t..99\t0\npoints\trate\t100..\t1\n"
                 "band\tlow\tlow\t0\nband\thigh\thigh\t1\n"));
    auto restored = ScoreState::decode(bytes, more);
    ASSERT_TRUE(restored);
    EXPECT_EQ(restored->patient(), on_scale_2());
    EXPECT_LE(restored->next_deadline(), noon) << "everything is looked at anew";
}

TEST(ScoreState, results_that_are_kept_are_bounded) {
    Bedside bedside;
    for (int i = 0; i < 400; ++i) {
        auto set = usual;
        set.pulse = i % 2 == 0 ? "95" : "115";
        bedside.chart(set, noon + minutes(i));
    }
    EXPECT_EQ(bedside.state.points(index_of("news2")).size(), ScoreState::points_max);
}

}  // namespace
}  // namespace vigil::monitor

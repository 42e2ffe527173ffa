// What happens to scores on a ward: probes that fail, several devices, values that are corrected,
// sets that are never whole, and nobody who comes to look.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "monitor/scores/bedside.hpp"

namespace vigil::monitor {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

using Values = std::vector<std::string>;

enum Input : std::size_t { rate, spo2, oxygen, systolic, pulse, consciousness, temperature };

InputResult news2(const Bedside& bedside, Input input, Timestamp now) {
    return bedside.state.current(index_of("news2"), now).inputs[input];
}

News2Set without(News2Set set, std::string News2Set::* what) {
    set.*what = "";
    return set;
}

// Time passes, as the server lets it.
void wait(Bedside& bedside, Timestamp until) {
    while (bedside.state.next_deadline() <= until) bedside.tick(bedside.state.next_deadline());
}

TEST(ScoreWard, what_a_nurse_charts_counts_beside_a_probe_with_a_poor_signal) {
    Bedside bedside;
    run(bedside, "spo2", Values(120, "97"), noon, status::signal_poor);
    bedside.take(nurse, {reading("spo2", "88", noon + seconds(120), status::manual)},
                 noon + seconds(120));
    run(bedside, "spo2", Values(60, "97"), noon + seconds(121), status::signal_poor);
    EXPECT_EQ(news2(bedside, spo2, noon + seconds(181)).value, 88);
    EXPECT_TRUE(news2(bedside, spo2, noon + seconds(181)).measurement->by_person);
    // A good signal goes on from there.
    run(bedside, "spo2", Values(60, "95"), noon + seconds(181));
    EXPECT_EQ(news2(bedside, spo2, noon + seconds(241)).value, 95);
}

TEST(ScoreWard, an_oximeter_with_no_valid_value_for_a_minute_gives_way_to_another) {
    Bedside bedside;
    for (int i = 0; i < 180; ++i) {
        const auto now = noon + seconds(i);
        bedside.take(monitor_device,
                     {reading("spo2", "97", now, i < 60 ? 0U : std::uint32_t{status::signal_poor})},
                     now);
        const auto other = now + milliseconds(400);
        bedside.take(nurse, {reading("spo2", "88", other)}, other);
    }
    EXPECT_EQ(news2(bedside, spo2, noon + seconds(180)).value, 88);
}

TEST(ScoreWard, in_a_set_the_rate_that_was_counted_comes_before_the_monitor_s) {
    Bedside bedside;
    run(bedside, "resp_rate_impedance", Values(60, "16"), noon - seconds(60));
    auto first = News2Set{};
    first.respiration_rate = "28";
    bedside.chart(first, noon + minutes(8));
    bedside.chart(without(usual, &News2Set::respiration_rate), noon + minutes(14));
    const auto said = bedside.of("news2").back().result;
    EXPECT_EQ(said.occasion, Occasion::bedside_set);
    EXPECT_EQ(said.total(), 3);
    // Also while the monitor goes on, and all is there.
    Bedside live;
    run(live, "resp_rate_impedance", Values(60, "16"), noon - seconds(60));
    auto set = usual;
    set.respiration_rate = "28";
    live.chart(set, noon);
    EXPECT_EQ(live.of("news2").back().result.occasion, Occasion::bedside_set);
    EXPECT_EQ(live.of("news2").back().result.total(), 3);
    EXPECT_TRUE(live.of("news2").back().band_rose);
}

TEST(ScoreWard, the_correction_of_what_was_never_counted_is_a_value) {
    Bedside typo;  // in degrees Fahrenheit
    typo.take(nurse, {reading("temp_body", "98.6", noon, status::manual)}, noon);
    EXPECT_EQ(news2(typo, temperature, noon).value, std::nullopt);
    EXPECT_EQ(news2(typo, temperature, noon).state, InputState::implausible)
        << "shown as what it is";
    typo.take(nurse, {reading("temp_body", "37.0", noon, status::manual | status::corrected)},
              noon + minutes(1));
    EXPECT_EQ(news2(typo, temperature, noon + minutes(1)).value, 370);
    Bedside preliminary;
    for (const auto* key : {"nibp_sys", "spo2"}) {
        preliminary.take(monitor_device, {reading(key, "91", noon, status::measurement_ongoing)},
                         noon);
        preliminary.take(monitor_device, {reading(key, "92", noon, status::corrected)},
                         noon + minutes(1));
    }
    preliminary.tick(noon + minutes(2));
    EXPECT_EQ(news2(preliminary, systolic, noon + minutes(2)).value, 92);
    EXPECT_EQ(news2(preliminary, spo2, noon + minutes(2)).value, 92);
}

TEST(ScoreWard, a_correction_supersedes_every_total_that_may_have_counted_the_value) {
    for (const auto* key :
         {"resp_rate", "spo2", "oxygen_therapy", "nibp_sys", "heart_rate", "avpu", "temp_body"}) {
        Bedside bedside;
        auto first = usual;
        first.temperature = "";
        bedside.chart(first, noon);
        News2Set second;
        second.temperature = "36.8";
        bedside.chart(second, noon + minutes(3));
        ASSERT_EQ(bedside.of("news2").back().result.total(), 0);
        const auto is_temperature = std::string_view(key) == "temp_body";
        const auto wrong_at = is_temperature ? noon + minutes(3) : noon;
        // It was 131, or 39.5 °C, or voice, or oxygen.
        const std::map<std::string_view, std::pair<const char*, int>> right{
            {"resp_rate", {"26", 3}},          {"spo2", {"90", 3}},
            {"oxygen_therapy", {"oxygen", 2}}, {"nibp_sys", {"85", 3}},
            {"heart_rate", {"131", 3}},        {"avpu", {"V", 3}},
            {"temp_body", {"39.5", 2}}};
        bedside.take(
            nurse,
            {reading(key, right.at(key).first, wrong_at, status::manual | status::corrected)},
            noon + minutes(10));
        const auto said = bedside.of("news2").back();
        EXPECT_TRUE(said.corrected) << key;
        EXPECT_EQ(said.result.total(), right.at(key).second) << key;
        EXPECT_EQ(said.result.time, noon + minutes(3)) << key << ": the set, taken again";
        const auto points = bedside.state.points(index_of("news2"));
        ASSERT_GE(points.size(), 2U) << key;
        EXPECT_TRUE(points.front().superseded) << key;
        EXPECT_FALSE(points.back().superseded) << key;
    }
}

TEST(ScoreWard, a_second_of_a_run_that_is_corrected_leaves_the_median_and_what_it_made) {
    Bedside bedside;
    bedside.chart(without(usual, &News2Set::pulse), noon);
    bedside.take(monitor_device, {reading("heart_rate", "135", noon)}, noon);
    bedside.tick(noon + seconds(3));
    ASSERT_EQ(bedside.of("news2").back().result.total(), 3);
    bedside.take(monitor_device, {reading("heart_rate", "85", noon, status::corrected)},
                 noon + minutes(4));
    EXPECT_EQ(bedside.of("news2").back().result.total(), 0);
    EXPECT_TRUE(bedside.state.points(index_of("news2")).front().superseded);
}

TEST(ScoreWard, a_band_that_fell_and_rose_again_alerts_though_no_set_was_ever_complete) {
    Bedside bedside;
    const auto well = without(usual, &News2Set::consciousness);
    auto ill = well;
    ill.respiration_rate = "26";
    ill.spo2 = "91";
    ill.oxygen = "oxygen";
    const auto chart = [&](const News2Set& set, Timestamp time) {
        wait(bedside, time);
        bedside.chart(set, time);
        return bedside.of("news2").back().band_rose;
    };
    EXPECT_TRUE(chart(ill, noon)) << "at least 8";
    EXPECT_FALSE(chart(well, noon + hours(1))) << "0 to 3";
    EXPECT_TRUE(chart(ill, noon + hours(6)));
}

TEST(ScoreWard, a_band_that_was_a_typing_error_alerts_when_it_is_true) {
    Bedside bedside;
    bedside.chart({"26", "79", "oxygen", "", "", "", ""}, noon);
    EXPECT_TRUE(bedside.of("news2").back().band_rose);
    bedside.take(nurse, {reading("spo2", "97", noon, status::manual | status::corrected)},
                 noon + minutes(1));
    EXPECT_FALSE(bedside.of("news2").back().band_rose);
    bedside.chart({"26", "90", "oxygen", "", "", "", ""}, noon + minutes(3));
    EXPECT_TRUE(bedside.of("news2").back().band_rose);
}

TEST(ScoreWard, it_alerts_again_when_the_time_of_the_band_passes_without_new_observations) {
    Bedside bedside;
    const auto overdue = [&](Timestamp until) {
        const auto from = bedside.of("news2").size();
        wait(bedside, until);
        const auto all = bedside.of("news2");
        std::vector<Timestamp> times;
        for (std::size_t i = from; i < all.size(); ++i)
            if (all[i].overdue) times.push_back(all[i].result.time);
        return times;
    };
    using testing::ElementsAre;
    bedside.chart({"26", "91", "oxygen", "122", "78", "", "36.8"}, noon);  // at least 8
    EXPECT_EQ(bedside.state.observations_due(index_of("news2")), noon + hours(1));
    EXPECT_THAT(overdue(noon + minutes(59)), ElementsAre());
    EXPECT_THAT(overdue(noon + minutes(150)), ElementsAre(noon + hours(1), noon + hours(2)));
    // Observed in time: silent, and by the band of what was found.
    bedside.chart(usual, noon + minutes(155));
    EXPECT_EQ(bedside.state.observations_due(index_of("news2")), noon + minutes(155) + hours(12));
    EXPECT_THAT(overdue(noon + hours(14)), ElementsAre());
    EXPECT_THAT(overdue(noon + hours(15)), ElementsAre(noon + minutes(155) + hours(12)));
    // No chart says when to look again for these.
    EXPECT_EQ(bedside.state.observations_due(index_of("mews")), std::nullopt);
}

TEST(ScoreWard, a_value_that_returns_the_same_after_it_was_too_old_is_told) {
    Bedside bedside;
    run(bedside, "heart_rate", Values(60, "80"), noon);
    wait(bedside, noon + minutes(10));
    ASSERT_EQ(bedside.of("news2").back().result.inputs[pulse].state, InputState::too_old);
    run(bedside, "heart_rate", Values(60, "80"), noon + minutes(10));
    EXPECT_EQ(bedside.of("news2").back().result.inputs[pulse].state, InputState::used);
    bedside.take(monitor_device, {reading("temp_tympanic", "37.0", noon + minutes(20))},
                 noon + minutes(20));
    wait(bedside, noon + hours(5));
    ASSERT_EQ(bedside.of("news2").back().result.inputs[temperature].state, InputState::too_old);
    bedside.take(monitor_device, {reading("temp_tympanic", "37.0", noon + hours(5))},
                 noon + hours(5));
    EXPECT_EQ(bedside.of("news2").back().result.inputs[temperature].state, InputState::used);
}

TEST(ScoreWard, a_short_burst_counts_once_nothing_followed_it) {
    const auto after = [](std::vector<Nanoseconds> times) {
        Bedside bedside;
        for (const auto time : times)
            bedside.take(monitor_device, {reading("heart_rate", "95", noon + time)}, noon + time);
        wait(bedside, noon + times.back() + seconds(3));
        return bedside.of("news2").empty() ? std::nullopt
                                           : bedside.of("news2").back().result.inputs[pulse].value;
    };
    EXPECT_EQ(after({seconds(0), seconds(1)}), 95);
    EXPECT_EQ(after({seconds(0), milliseconds(400)}), 95);
    std::vector<Nanoseconds> burst;
    for (int i = 0; i < 20; ++i) burst.emplace_back(seconds(i));
    EXPECT_EQ(after(burst), 95);
    // The spot monitor is taken to the next bed within the 3 s.
    Bedside bedside;
    bedside.take(monitor_device, {reading("heart_rate", "95", noon)}, noon);
    bedside.state.end_association(monitor_device);
    wait(bedside, noon + seconds(3));
    ASSERT_FALSE(bedside.of("news2").empty());
    EXPECT_EQ(bedside.of("news2").back().result.inputs[pulse].value, 95);
    // Of mostly artefact nothing is made.
    Bedside artefact;
    run(artefact, "heart_rate", Values(50, "95"), noon, status::signal_poor);
    run(artefact, "heart_rate", Values(10, "95"), noon + seconds(50));
    wait(artefact, noon + seconds(70));
    EXPECT_EQ(news2(artefact, pulse, noon + seconds(70)).value, std::nullopt);
}

TEST(ScoreWard, the_trend_ends_with_the_totals) {
    Bedside bedside;
    bedside.chart(usual, noon);
    auto worse = usual;
    worse.respiration_rate = "26";
    bedside.chart(worse, noon + hours(1));
    wait(bedside, noon + hours(2));
    const auto trend = bedside.state.trend(index_of("news2"), noon + hours(2), hours(4));
    ASSERT_TRUE(trend);
    EXPECT_EQ(trend->difference, 3);
    EXPECT_EQ(trend->since, noon);
    wait(bedside, noon + hours(13));
    EXPECT_EQ(bedside.state.trend(index_of("news2"), noon + hours(13), hours(4)), std::nullopt);
}

TEST(ScoreWard, the_worst_of_24_hours_stays_however_many_values_follow) {
    const auto white_cells = [](const Bedside& bedside, Timestamp now) {
        return bedside.state.current(index_of("sirs"), now).inputs[4].value;
    };
    for (const bool second : {false, true}) {
        Bedside bedside;
        for (int i = 0; i < 24; ++i) {
            const auto now = noon + hours(i);
            const auto value = i == 0             ? std::string("20.1")
                               : i == 1 && second ? std::string("15.2")
                                                  : "8." + std::to_string(i % 10);
            bedside.take(monitor_device, {reading("wbc", value, now)}, now);
        }
        const auto before = noon + minutes(23 * 60 + 30);
        EXPECT_EQ(white_cells(bedside, before), second ? 1520 : 2010);
        // The second worst, once the worst is a day old.
        EXPECT_EQ(white_cells(bedside, before + hours(1)) == 1520, second);
    }
    // Two devices at one time are two values.
    Bedside bedside;
    bedside.take(monitor_device, {reading("wbc", "22.0", noon)}, noon);
    bedside.take(nurse, {reading("wbc", "9.0", noon)}, noon);
    EXPECT_EQ(white_cells(bedside, noon), 2200);
}

TEST(ScoreWard, a_birth_date_that_is_entered_is_no_rise_of_the_band) {
    Bedside bedside{PatientFacts{}};
    bedside.take(
        nurse,
        {reading("heart_rate", "88", noon, status::manual), reading("nibp_sys", "110", noon)},
        noon);
    ASSERT_EQ(bedside.of("shock_index").back().result.total(), 80);
    bool rose = false;
    for (const auto& update : bedside.state.set_patient(born(2021, 2, 1), noon + seconds(5)))
        rose = rose || update.band_rose;
    EXPECT_FALSE(rose) << "usual for the age";
}

TEST(ScoreWard, consciousness_is_never_inferred_and_a_device_makes_no_set) {
    Bedside bedside;
    bedside.take(monitor_device, {reading("avpu", "A", noon, status::estimated)}, noon);
    EXPECT_EQ(news2(bedside, consciousness, noon).state, InputState::missing);
    bedside.take(monitor_device, {reading("avpu", "A", noon)}, noon);
    EXPECT_EQ(news2(bedside, consciousness, noon).state, InputState::used);
    EXPECT_FALSE(news2(bedside, consciousness, noon).measurement->by_person);
}

TEST(ScoreWard, a_level_that_worsens_is_told_though_its_points_stay) {
    Bedside bedside;
    auto set = usual;
    set.consciousness = "V";
    bedside.chart(set, noon);
    set.consciousness = "U";
    bedside.chart(set, noon + minutes(1));
    ASSERT_EQ(bedside.of("news2").size(), 2U);
    EXPECT_EQ(bedside.of("news2").back().result.inputs[consciousness].value, 4);
}

TEST(ScoreWard, nothing_that_is_sent_or_entered_makes_a_snapshot_that_is_refused) {
    auto patient = adult();
    for (int i = 0; i < 100; ++i)
        patient.settings.push_back(
            {"spo2_scale", i % 2 == 0 ? "1" : "2", std::string(400, 'x'), noon - hours(101 - i)});
    patient.settings.push_back({std::string(400, 'k'), "2", "Dr Okafor", noon});
    patient.settings.push_back({"spo2_scale", "2", "Dr Okafor", Timestamp::min()});
    Bedside bedside(patient);
    run(bedside, "heart_rate", Values(15, "200.240000000000001"), noon);
    run(bedside, "heart_rate", Values(15, "200.240000000000002"), noon + seconds(15));
    run(bedside, "resp_rate", Values(60, "20.0000000000000001"), noon);
    bedside.chart(without(usual, &News2Set::pulse), noon + seconds(60));
    EXPECT_EQ(bedside.of("news2").back().result.settings[0].value, 1)
        << "the newest decision holds";
    const auto bytes = bedside.state.encode();
    const auto again = ScoreState::decode(bytes, built_in());
    ASSERT_TRUE(again) << again.error().place;
    EXPECT_EQ(again->encode(), bytes);
}

TEST(ScoreWard, of_a_chart_that_was_edited_a_snapshot_has_nothing_and_of_the_others_all) {
    const std::string chart =
        "score\tsite\t1\tsum\nname\tSite\ncitation\tSite\nterms\tSite\n"
        "input\trate\tnumber\t/min\t1\nsource\trate\tnibp_sys\tlast\t15m\t1h\n"
        "points\trate\t..99\t1\npoints\trate\t100..\t0\n"
        "band\tlow\tlow\t0\nband\thigh\thigh\t1\n";
    const auto text = std::string(chart).replace(chart.find("/min"), 4, "mm[Hg]");
    ScoreSet before(catalogue());
    ASSERT_TRUE(before.add(text));
    const auto site = before.tables().size() - 1;
    ScoreState state(before);
    state.set_patient(adult(), noon);
    const std::vector sent{reading("nibp_sys", "85", noon), reading("gcs_total", "15", noon),
                           reading("resp_rate", "16", noon, status::manual)};
    state.apply(nurse, sent, noon);
    ASSERT_TRUE(state.last_complete(site));
    // 85 has no points any more.
    auto edited = std::string(text).replace(text.find("..99"), 4, "..79");
    edited.replace(edited.find("100.."), 5, "80..");
    ScoreSet after(catalogue());
    ASSERT_TRUE(after.add(edited));
    const auto restored = ScoreState::decode(state.encode(), after);
    ASSERT_TRUE(restored) << restored.error().place;
    EXPECT_FALSE(restored->last_complete(site));
    EXPECT_TRUE(restored->last_complete(index_of("qsofa")));
}

}  // namespace
}  // namespace vigil::monitor

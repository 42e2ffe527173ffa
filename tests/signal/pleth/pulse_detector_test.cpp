#include "signal/pleth/pulse_detector.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "signal/pleth/pulse_evidence.hpp"
#include "signal/pleth/pulse_rate.hpp"
#include "signal/recordings.hpp"

namespace vigil::pleth {
namespace {

// A finger pulse in two waves, the second after the notch (Tang et al., Sci. Rep. 10:21693, 2020).
double finger(double since_s, double rr_s) {
    const double phase = std::fmod(since_s, rr_s) / rr_s;
    const auto bell = [phase](double centre, double width, double height) {
        return height * std::exp(-0.5 * std::pow((phase - centre) / width, 2));
    };
    return bell(0.22, 0.09, 1) + bell(0.5, 0.12, 0.45);
}

std::vector<Pulse> pulses(double for_s, double hz, const std::function<double(double)>& value) {
    PulseDetector detector(hz);
    std::vector<Pulse> found;
    for (std::int64_t i = 0; static_cast<double>(i) < for_s * hz; ++i)
        detector.add(static_cast<float>(value(static_cast<double>(i) / hz)), found);
    return found;
}

TEST(PulseDetector, finds_every_pulse_once_at_any_rate) {
    for (const double hz : {60.0, 100.0, 125.0, 250.0, 500.0})
        for (const double per_min : {35.0, 60.0, 100.0, 150.0, 200.0}) {
            const double rr = 60 / per_min;
            const auto found = pulses(60, hz, [&](double at) { return 2 + finger(at, rr); });
            ASSERT_GT(found.size(), 20U) << hz << " Hz, " << per_min << "/min";
            for (std::size_t i = 5; i < found.size(); ++i) {
                ASSERT_NEAR(found[i].peak_s - found[i - 1].peak_s, rr, 0.03 * rr + 1.1 / hz)
                    << hz << " Hz, " << per_min << "/min";
                ASSERT_GT(found[i].quality, 0.9);
            }
        }
}

TEST(PulseDetector, tells_height_foot_and_perfusion) {
    const auto found = pulses(30, 125, [](double at) { return 50 + 1.5 * finger(at, 0.8); });
    ASSERT_GT(found.size(), 30U);
    EXPECT_NEAR(found[20].amplitude, 1.5, 0.2);
    EXPECT_NEAR(found[20].foot, 50, 0.2);
    EXPECT_NEAR(perfusion_index_percent(found[20]), 100 * 1.5 / 50.75, 0.5);
    EXPECT_EQ(perfusion_index_percent({}), 0) << "of a signal without its constant part";
}

TEST(PulseDetector, finds_no_good_pulse_in_noise_and_none_in_a_flat_line) {
    EXPECT_THAT(pulses(60, 125, [](double) { return 1.0; }), testing::IsEmpty());
    std::mt19937 random(2);
    std::normal_distribution<double> noise(0, 1);
    const auto found = pulses(120, 125, [&](double) { return noise(random); });
    double quality = 0;
    for (const auto& pulse : found) quality += static_cast<double>(pulse.quality);
    EXPECT_LT(quality / static_cast<double>(found.size()), 0.6);
}

TEST(PulseDetector, starts_anew_after_a_gap_and_holds_against_anything) {
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    const auto found = pulses(60, 125, [&](double at) {
        return at > 20 && at < 22 ? nan : at > 40 && at < 40.1 ? 1e12 : 2 + finger(at, 0.8);
    });
    for (const auto& pulse : found) {
        EXPECT_FALSE(pulse.peak_s < 22 && pulse.peak_s + pulse.length_s > 20.01) << pulse.peak_s;
        EXPECT_LT(pulse.length_s, 1);
    }
    EXPECT_GT(found.size(), 55U);
    std::mt19937 random(2);
    std::uniform_real_distribution<float> exponent(-30, 30);
    PulseDetector detector(125);
    std::vector<Pulse> out;
    for (int i = 0; i < 100'000; ++i)
        detector.add(std::pow(10.0F, exponent(random)) * (i % 2 == 0 ? 1.0F : -1.0F), out);
    for (const auto& pulse : out) ASSERT_TRUE(pulse.quality >= 0 && pulse.quality <= 1);
}

TEST(PulseEvidence, of_an_even_pulse_contradicts_asystole_and_a_faster_tachycardia) {
    const auto even = pulses(60, 125, [](double at) { return 2 + finger(at, 0.8); });
    const auto evidence = pulse_evidence(even, 30, 34);
    EXPECT_TRUE(evidence.regular);
    EXPECT_NEAR(evidence.rate_per_min, 75, 2);
    EXPECT_TRUE(contradicts_asystole(evidence));
    EXPECT_TRUE(contradicts_tachycardia(evidence, 190));
    EXPECT_FALSE(contradicts_tachycardia(evidence, 80)) << "a pulse of the same rate is with it";
    EXPECT_FALSE(contradicts_tachycardia(evidence, 150)) << "every other beat has a pulse";
}

TEST(PulseEvidence, is_none_where_the_pulse_stops_is_uneven_or_bad) {
    const auto stops =
        pulses(60, 125, [](double at) { return at < 31 ? 2 + finger(at, 0.8) : 2.0; });
    EXPECT_FALSE(contradicts_asystole(pulse_evidence(stops, 30, 34)));
    EXPECT_FALSE(contradicts_asystole(pulse_evidence(stops, 40, 44)));
    const auto even = pulses(60, 125, [](double at) { return 2 + finger(at, 0.8); });
    auto uneven = even;
    uneven[40].length_s *= 1.5;
    EXPECT_FALSE(pulse_evidence(uneven, uneven[38].peak_s, uneven[44].peak_s).regular);
    auto bad = even;
    for (auto& pulse : bad) pulse.quality = 0.5;
    EXPECT_FALSE(pulse_evidence(bad, 30, 34).regular);
    EXPECT_FALSE(pulse_evidence({}, 30, 34).regular);
    EXPECT_FALSE(pulse_evidence(even, 1000, 1004).regular);
}

TEST(ConductedShare, is_below_one_of_a_patient_with_pulse_deficit) {
    std::vector<ecg::Beat> beats;
    std::vector<Pulse> found;
    for (int i = 0; i < 60; ++i) {
        beats.push_back({.sample = i * 200});
        if (i % 3 != 0) found.push_back({.peak_s = i * 0.8 + 0.3});
    }
    EXPECT_NEAR(*conducted_share(beats, 250, found, 0, 1000), 2.0 / 3, 1e-9);
    EXPECT_FALSE(conducted_share(beats, 250, found, 900, 1000));
}

// --- Real recordings
// ------------------------------------------------------------------------------

std::vector<std::vector<double>> columns(const std::string& text, char between) {
    std::vector<std::vector<double>> list;
    std::istringstream lines(text);
    std::string line;
    while (std::getline(lines, line)) {
        std::istringstream fields(line);
        std::string field;
        for (std::size_t i = 0; std::getline(fields, field, between); ++i) {
            if (list.size() <= i) list.emplace_back();
            char* end = nullptr;
            const double value = std::strtod(field.c_str(), &end);
            list[i].push_back(end == field.c_str() ? std::numeric_limits<double>::quiet_NaN()
                                                   : value);
        }
    }
    return list;
}

// The rate at each second against what the bedside monitor showed: it averages too, and
// differently.
TEST(PulseDetector, of_two_patients_in_intensive_care_counts_what_their_monitor_showed) {
    const auto folder = recordings::folder / "vitals/bidmc";
    for (const std::string name : {"01", "05"}) {
        const auto path = folder / ("bidmc_" + name + "_Signals.csv.gz");
        if (!std::filesystem::exists(path)) GTEST_SKIP() << "no recordings in " << folder;
        const auto signals = columns(recordings::gunzip(path), ',');
        const auto numerics =
            columns(recordings::file_text(folder / ("bidmc_" + name + "_Numerics.csv")), ',');
        PulseDetector detector(125);
        PulseRate rate;
        double error = 0, bias = 0;
        int seconds = 0;
        for (std::size_t i = 1; i < signals[2].size(); ++i) {
            std::vector<Pulse> found;
            detector.add(static_cast<float>(signals[2][i]), found);
            for (const auto& pulse : found) rate.add(pulse);
            const std::size_t second = i / 125;
            if (i % 125 != 0 || second < 15 || second >= numerics[2].size()) continue;
            const auto per_min = rate.per_min(static_cast<double>(second));
            if (!(numerics[2][second] > 0) || !per_min) continue;
            error += std::abs(*per_min - numerics[2][second]);
            bias += *per_min - numerics[2][second];
            ++seconds;
        }
        testing::Test::RecordProperty("BIDMC " + name + " pulse rate, mean absolute error",
                                      fmt::format("{:.2f}", error / seconds));
        testing::Test::RecordProperty("BIDMC " + name + " pulse rate, bias",
                                      fmt::format("{:.2f}", bias / seconds));
        EXPECT_GT(seconds, 400);
        EXPECT_LT(error / seconds, 1.5) << name;
    }
}

// 24 peaks from 0.63 to 24.06 s, counted by eye: 58.9/min.
TEST(PulseDetector, of_a_finger_at_home_counts_its_pulse) {
    const auto path = recordings::folder / "vitals/heartpy-ppg/data.csv";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "no recording at " << path;
    const auto values = columns(recordings::file_text(path), ',')[0];
    const auto found = pulses(static_cast<double>(values.size()) / 100, 100, [&](double at) {
        return values[std::min(values.size() - 1,
                               static_cast<std::size_t>(std::llround(at * 100)))];
    });
    ASSERT_GT(found.size(), 15U);
    const double rate =
        60 * static_cast<double>(found.size() - 1) / (found.back().peak_s - found.front().peak_s);
    EXPECT_NEAR(rate, 58.9, 0.5);
}

// An alarm of asystole at its 300th second that experts called false (PhysioNet/CinC Challenge
// 2015, record a103l): the pulse goes on.
TEST(PulseEvidence, finds_out_a_false_alarm_of_asystole) {
    const std::string of = "ecg/wfdb-samples";
    if (!std::filesystem::exists(recordings::folder / of / "a103l.hea"))
        GTEST_SKIP() << "no recordings in " << recordings::folder;
    const auto signals = recordings::signals(of, "a103l");
    ASSERT_EQ(signals.leads[2], "PLETH");
    const auto found = pulses(
        static_cast<double>(signals.samples[2].size()) / signals.hz, signals.hz, [&](double at) {
            return signals
                .samples[2][std::min(signals.samples[2].size() - 1,
                                     static_cast<std::size_t>(std::llround(at * signals.hz)))];
        });
    EXPECT_TRUE(contradicts_asystole(pulse_evidence(found, 294, 299)));
}

}  // namespace
}  // namespace vigil::pleth

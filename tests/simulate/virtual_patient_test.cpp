#include "simulate/virtual_patient.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "simulate/ward.hpp"

namespace vigil::simulate {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const Timestamp start = from_unix_ns(1'792'749'600'000'000'000);

const Catalogue& catalogue() {
    static const Catalogue rows;
    return rows;
}

struct Bed {
    explicit Bed(std::uint64_t seed = 1, MonitorSettings monitor = {})
        : patient(catalogue(), {}, monitor, seed, start) {}

    std::vector<Emission> after(Nanoseconds duration) {
        std::vector<Emission> out;
        patient.advance(duration, out);
        return out;
    }
    VirtualPatient patient;
};

// Every value of a numeric metric, in order; those without a value left out.
std::vector<double> values(const std::vector<Emission>& emissions, std::string_view key) {
    const auto id = catalogue().find(key)->id;
    std::vector<double> found;
    for (const auto& emission : emissions)
        for (const auto& reading : emission.readings)
            if (const auto* numeric = std::get_if<NumericValue>(&reading.value);
                numeric != nullptr && reading.metric == id &&
                numeric->special == SpecialValue::none)
                found.push_back(numeric->value.to_double());
    return found;
}

// The samples of a waveform put together, in its unit; missing ones as NaN.
std::vector<double> samples(const std::vector<Emission>& emissions, std::string_view key) {
    const auto id = catalogue().find(key)->id;
    std::vector<double> found;
    for (const auto& emission : emissions)
        for (const auto& reading : emission.readings)
            if (const auto* block = std::get_if<WaveformBlock>(&reading.value);
                block != nullptr && reading.metric == id)
                for (const auto sample : block->samples)
                    found.push_back(
                        sample == WaveformBlock::missing ? NAN : sample * block->scale.to_double());
    return found;
}

double mean(const std::vector<double>& values) {
    double sum = 0;
    for (const auto value : values) sum += value;
    return sum / static_cast<double>(values.size());
}

double deviation(const std::vector<double>& values) {
    const double centre = mean(values);
    double sum = 0;
    for (const auto value : values) sum += (value - centre) * (value - centre);
    return std::sqrt(sum / static_cast<double>(values.size()));
}

// Times in seconds of local maxima above `level` that are at least 250 ms apart.
std::vector<double> peaks(const std::vector<double>& wave, double hz, double level) {
    std::vector<double> times;
    for (std::size_t i = 1; i + 1 < wave.size(); ++i)
        if (wave[i] > level && wave[i] >= wave[i - 1] && wave[i] > wave[i + 1]) {
            const double t = static_cast<double>(i) / hz;
            if (times.empty() || t - times.back() > 0.25) times.push_back(t);
        }
    return times;
}

std::vector<double> intervals(const std::vector<double>& times) {
    std::vector<double> gaps;
    for (std::size_t i = 1; i < times.size(); ++i) gaps.push_back(times[i] - times[i - 1]);
    return gaps;
}

// Of the intervals between R peaks in lead II.
double rr_variation(const std::vector<Emission>& emissions) {
    const auto gaps = intervals(peaks(samples(emissions, "ecg_ii"), 250, 0.6));
    return deviation(gaps) / mean(gaps);
}

TEST(VirtualPatient, beats_at_the_rate_that_was_asked_for) {
    for (const double rate : {50.0, 72.0, 110.0}) {
        BodySettings body;
        body.baseline[Quantity::heart_rate] = rate;
        VirtualPatient patient(catalogue(), body, {}, 5, start);
        std::vector<Emission> out;
        patient.advance(minutes(4), out);
        EXPECT_NEAR(mean(values(out, "heart_rate")), rate, 2);
        const auto beats = peaks(samples(out, "ecg_ii"), 250, 0.6);
        EXPECT_NEAR(static_cast<double>(beats.size()) / 4, rate, 3) << "R peaks in the ECG itself";
    }
}

TEST(VirtualPatient, ordinary_numbers_are_a_resting_adults) {
    Bed bed(2, {.arterial_line = true, .capnography = true});
    const auto out = bed.after(minutes(5));
    EXPECT_NEAR(mean(values(out, "spo2")), 97.5, 1);
    EXPECT_NEAR(mean(values(out, "resp_rate")), 14, 1.5);
    EXPECT_NEAR(mean(values(out, "temp_core")), 36.8, 0.1);
    EXPECT_NEAR(mean(values(out, "etco2")), 38, 3);
    EXPECT_NEAR(mean(values(out, "abp_sys")), 122, 6);
    EXPECT_NEAR(mean(values(out, "abp_dia")), 74, 6);
    EXPECT_NEAR(mean(values(out, "nibp_sys")), 122, 10);
    for (const auto& emission : out)
        for (const auto& reading : emission.readings)
            if (const auto* numeric = std::get_if<NumericValue>(&reading.value)) {
                const auto& metric = catalogue().at(reading.metric);
                EXPECT_EQ(numeric->unit, metric.unit) << metric.key;
                if (numeric->special == SpecialValue::none && metric.plausible_min)
                    EXPECT_TRUE(*metric.plausible_min <= numeric->value &&
                                numeric->value <= *metric.plausible_max)
                        << metric.key << " " << to_string(numeric->value);
            }
}

TEST(VirtualPatient, waves_are_gapless_and_carry_their_times) {
    Bed bed(3, {.block = milliseconds(200)});
    const auto ecg = catalogue().find("ecg_ii")->id;
    auto expected = start;
    for (const auto& emission : bed.after(seconds(20)))
        for (const auto& reading : emission.readings)
            if (reading.metric == ecg) {
                const auto& block = std::get<WaveformBlock>(reading.value);
                EXPECT_EQ(reading.device_time, expected);
                EXPECT_EQ(block.samples.size(), 50U);
                expected += block.period * 50;
            }
    EXPECT_EQ(expected, start + seconds(20));
}

TEST(VirtualPatient, finger_pulse_follows_the_heart_after_the_transit_time) {
    Bed bed(4);
    const auto out = bed.after(minutes(1));
    const auto hearts = peaks(samples(out, "ecg_ii"), 250, 0.6);
    const auto fingers = peaks(samples(out, "pleth"), 125, 0.5);
    ASSERT_GT(hearts.size(), 50U);
    for (const auto pulse : fingers) {
        if (pulse < 2) continue;
        const auto beat = std::lower_bound(hearts.begin(), hearts.end(), pulse) - 1;
        EXPECT_GT(pulse - *beat, 0.2);
        EXPECT_LT(pulse - *beat, 0.6);
    }
}

TEST(VirtualPatient, breath_moves_the_heart_rate) {
    Bed bed(6);
    const auto out = bed.after(minutes(5));
    const auto variation = rr_variation(out);
    EXPECT_GT(variation, 0.015) << "a healthy heart is no metronome";
    EXPECT_LT(variation, 0.10);
    // Intervals in the inspired half of the breath against those in the expired.
    const auto chest = samples(out, "resp_wave");
    const auto beats = peaks(samples(out, "ecg_ii"), 250, 0.6);
    std::vector<double> full, empty;
    for (std::size_t i = 1; i < beats.size(); ++i) {
        const auto at = static_cast<std::size_t>((beats[i] + beats[i - 1]) / 2 * 25);
        (chest[at] > 0.6 ? full : empty).push_back(beats[i] - beats[i - 1]);
    }
    EXPECT_LT(mean(full), mean(empty) - 0.01) << "inspiration quickens";
}

// Power of the beat-to-beat intervals at a frequency: the tachogram taken four times a second.
double interval_power(const std::vector<double>& beats, double hz) {
    const auto gaps = intervals(beats);
    const double centre = mean(gaps);
    double re = 0;
    double im = 0;
    std::size_t at = 1;
    for (double t = beats.front(); t < beats.back(); t += 0.25) {
        while (beats[at] < t) ++at;
        const double angle = 2 * 3.14159265358979 * hz * t;
        re += (gaps[at - 1] - centre) * std::cos(angle);
        im += (gaps[at - 1] - centre) * std::sin(angle);
    }
    return re * re + im * im;
}

double band_power(const std::vector<double>& beats, double from_hz, double to_hz) {
    double sum = 0;
    int count = 0;
    for (double hz = from_hz; hz <= to_hz; hz += 0.001, ++count) sum += interval_power(beats, hz);
    return sum / count;
}

TEST(VirtualPatient, heart_rate_variability_has_its_two_bands) {
    Bed bed(22);
    const auto beats = peaks(samples(bed.after(minutes(10)), "ecg_ii"), 250, 0.6);
    const double between = band_power(beats, 0.14, 0.18);
    EXPECT_GT(band_power(beats, 0.08, 0.12), 3 * between) << "the Mayer wave near 0.1 Hz";
    EXPECT_GT(band_power(beats, 0.21, 0.26), 3 * between) << "the breath, 14 /min = 0.233 Hz";
    EXPECT_LT(band_power(beats, 0.32, 0.40), band_power(beats, 0.21, 0.26) / 3);
}

TEST(VirtualPatient, atrial_fibrillation_is_irregular_and_announced) {
    Bed bed(7);
    bed.after(minutes(1));
    bed.patient.play(*find_scenario("atrial_fibrillation"));
    bed.after(seconds(30));
    const auto out = bed.after(minutes(4));
    EXPECT_GT(rr_variation(out), 0.15);
    const auto gaps = intervals(peaks(samples(out, "ecg_ii"), 250, 0.6));
    double successive = 0;
    for (std::size_t i = 1; i < gaps.size(); ++i) successive += std::fabs(gaps[i] - gaps[i - 1]);
    EXPECT_GT(successive / static_cast<double>(gaps.size()) / mean(gaps), 0.15)
        << "beat to beat, not slowly";
    EXPECT_NEAR(mean(values(out, "heart_rate")), 114, 14);
}

TEST(VirtualPatient, asystole_is_flat_and_pulseless_and_ends) {
    Bed bed(8, {.arterial_line = true});
    bed.after(minutes(1));
    bed.patient.play(*find_scenario("asystole"));
    bed.after(seconds(5));
    const auto flat = bed.after(seconds(20));
    EXPECT_LT(deviation(samples(flat, "ecg_ii")), 0.06);
    EXPECT_TRUE(values(flat, "heart_rate").empty());
    EXPECT_TRUE(values(flat, "pulse_rate_spo2").empty());
    EXPECT_LT(values(flat, "abp_mean").back(), 15);
    EXPECT_EQ(bed.patient.rhythm(), Rhythm::asystole);
    bed.after(seconds(30));
    EXPECT_EQ(bed.patient.rhythm(), Rhythm::sinus);
    EXPECT_GT(mean(values(bed.after(seconds(20)), "heart_rate")), 60);
}

TEST(VirtualPatient, ventricular_tachycardia_is_fast_wide_and_drops_the_pressure) {
    Bed bed(9, {.arterial_line = true});
    const auto before = bed.after(minutes(1));
    bed.patient.play(*find_scenario("ventricular_tachycardia"));
    bed.after(seconds(15));
    const auto during = bed.after(seconds(20));
    EXPECT_GT(mean(values(during, "heart_rate")), 145);
    EXPECT_LT(mean(values(during, "abp_sys")), mean(values(before, "abp_sys")) - 25);
    const auto wide = [](const std::vector<double>& wave) {
        const double top = *std::max_element(wave.begin(), wave.end());
        return static_cast<double>(
                   std::count_if(wave.begin(), wave.end(), [&](double v) { return v > top / 2; })) /
               static_cast<double>(wave.size());
    };
    EXPECT_GT(wide(samples(during, "ecg_ii")), 3 * wide(samples(before, "ecg_ii")));
}

TEST(VirtualPatient, ventricular_fibrillation_has_no_pulse_and_no_beats_but_is_not_flat) {
    Bed bed(10);
    bed.after(minutes(1));
    bed.patient.play(*find_scenario("ventricular_fibrillation"));
    bed.after(seconds(20));
    const auto out = bed.after(seconds(30));
    EXPECT_GT(deviation(samples(out, "ecg_ii")), 0.15);
    EXPECT_TRUE(values(out, "heart_rate").empty());
    EXPECT_LT(deviation(samples(out, "pleth")), 0.03);
}

TEST(VirtualPatient, oxygen_falls_late_and_the_heart_answers) {
    Bed bed(11);
    const auto before = bed.after(minutes(2));
    bed.patient.play(*find_scenario("desaturation"));
    EXPECT_GT(mean(values(bed.after(seconds(15)), "spo2")), 96) << "the finger sees it later";
    bed.after(minutes(2));
    const auto during = bed.after(minutes(1));
    EXPECT_LT(mean(values(during, "spo2")), 87);
    EXPECT_GT(mean(values(during, "heart_rate")), mean(values(before, "heart_rate")) + 8);
    EXPECT_GT(mean(values(during, "resp_rate")), mean(values(before, "resp_rate")) + 3);
    bed.after(minutes(6));
    EXPECT_NEAR(mean(values(bed.after(minutes(1)), "spo2")), 97.5, 1);
}

TEST(VirtualPatient, deterioration_shows_in_every_vital_sign) {
    Bed bed(12, {.arterial_line = true});
    const auto before = bed.after(minutes(3));
    bed.patient.play(*find_scenario("deterioration"));
    bed.after(minutes(20));
    const auto ill = bed.after(minutes(3));
    const auto change = [&](std::string_view key) {
        return mean(values(ill, key)) - mean(values(before, key));
    };
    EXPECT_GT(change("heart_rate"), 20);
    EXPECT_GT(change("resp_rate"), 8);
    EXPECT_GT(change("temp_core"), 1);
    EXPECT_LT(change("spo2"), -5);
    EXPECT_LT(change("abp_sys"), -30);
}

TEST(VirtualPatient, what_is_not_attached_is_missing_and_never_a_number) {
    Bed bed(13);
    bed.after(minutes(1));
    bed.patient.play(*find_scenario("leads_off"));
    bed.patient.play(*find_scenario("sensor_off"));
    const auto off = bed.after(minutes(1));
    for (const auto* key : {"heart_rate", "resp_rate", "spo2", "pulse_rate_spo2"})
        EXPECT_TRUE(values(off, key).empty()) << key;
    for (const auto* key : {"ecg_ii", "pleth", "resp_wave"})
        for (const auto sample : samples(off, key)) EXPECT_TRUE(std::isnan(sample)) << key;
    bed.after(minutes(2));
    EXPECT_FALSE(values(bed.after(seconds(10)), "spo2").empty());
}

TEST(VirtualPatient, premature_beats_miss_at_the_finger) {
    Bed bed(14);
    bed.patient.play(*parse_scenarios("scenario s: x\n 0s ectopy +0.3\n")->begin());
    const auto out = bed.after(minutes(3));
    const auto beats = peaks(samples(out, "ecg_ii"), 250, 0.6).size();
    const auto pulses = peaks(samples(out, "pleth"), 125, 0.48).size();
    EXPECT_LT(pulses, beats * 9 / 10) << "a pulse deficit";
}

TEST(VirtualPatient, says_when_its_network_is_away_and_keeps_measuring) {
    Bed bed(15);
    bed.patient.play(*find_scenario("network_loss"));
    const auto away = bed.after(seconds(59));
    EXPECT_TRUE(std::none_of(away.begin(), away.end(), [](const auto& e) { return e.link_up; }));
    bed.after(seconds(2));
    const auto back = bed.after(seconds(5));
    EXPECT_TRUE(std::all_of(back.begin(), back.end(), [](const auto& e) { return e.link_up; }));
}

TEST(VirtualPatient, a_wrong_clock_shows_in_the_readings_only) {
    Bed wrong(16, {.clock_error = -minutes(7)});
    Bed right(16);
    const auto a = wrong.after(seconds(10));
    const auto b = right.after(seconds(10));
    ASSERT_EQ(a.size(), b.size());
    EXPECT_EQ(a[0].time, b[0].time);
    EXPECT_EQ(*a[0].readings[0].device_time, *b[0].readings[0].device_time - minutes(7));
}

TEST(VirtualPatient, same_seed_same_emissions_however_time_is_cut) {
    Bed whole(17);
    Bed cut(17);
    Bed other(18);
    for (auto* bed : {&whole, &cut, &other}) bed->patient.play(*find_scenario("bad_night"));
    const auto expected = whole.after(minutes(9));
    std::vector<Emission> pieces;
    for (int i = 0; i < 9 * 60 * 1000 / 150; ++i) cut.patient.advance(milliseconds(150), pieces);
    EXPECT_TRUE(pieces == expected);
    EXPECT_FALSE(other.after(minutes(9)) == expected);
}

TEST(Ward, is_the_same_for_the_same_seed_and_a_longer_one_begins_alike) {
    const auto small = ward(10, 42);
    const auto large = ward(400, 42);
    for (std::size_t i = 0; i < small.size(); ++i) {
        EXPECT_EQ(small[i].bed, large[i].bed);
        EXPECT_EQ(small[i].given_name, large[i].given_name);
        EXPECT_EQ(small[i].seed, large[i].seed);
    }
    EXPECT_NE(ward(10, 43)[0].seed, small[0].seed);
    EXPECT_EQ(small[0].bed, "A-01");
    std::map<std::string, int> beds;
    for (const auto& patient : large) {
        EXPECT_EQ(++beds[patient.bed], 1) << patient.bed;
        EXPECT_NE(find_scenario(patient.scenario), nullptr) << patient.scenario;
        EXPECT_GE(patient.age_years, 18);
    }
}

}  // namespace
}  // namespace vigil::simulate

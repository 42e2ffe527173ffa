// The detector against cardiologists, on a few recordings of the MIT-BIH Arrhythmia Database; all
// of them: `vigil evaluate ecg`.
#include "signal/recordings.hpp"

#include <gtest/gtest.h>

#include "signal/ecg/beat_reader.hpp"
#include "signal/evaluation/beat_accuracy.hpp"

namespace vigil::ecg {
namespace {

const std::string database = "ecg/mitdb";

Reference reference_for(const std::string& name) {
    const auto annotations = wfdb::decode_annotations(
        recordings::file_text(recordings::folder / database / (name + ".atr")));
    return reference_of(annotations->list, ClassTable::papers);
}

std::vector<Beat> read(const recordings::Signals& signals, std::size_t leads) {
    auto reader = BeatReader::make(signals.hz, leads);
    std::vector<Beat> beats;
    reader->feed(signals.samples[0],
                 leads > 1 ? std::span<const float>(signals.samples[1]) : std::span<const float>(),
                 beats);
    reader->finish(beats);
    return beats;
}

BeatAccuracy accuracy(const std::string& name, std::size_t leads) {
    const auto signals = recordings::signals(database, name);
    const ComparisonSettings settings{.sample_hz = signals.hz,
                                      .begin = static_cast<std::int64_t>(learning_s * signals.hz),
                                      .end = static_cast<std::int64_t>(signals.samples[0].size())};
    return measure_beats(name, reference_for(name), read(signals, leads), {}, settings);
}

class Recordings : public testing::Test {
protected:
    void SetUp() override {
        if (recordings::names(database, ".hea").empty())
            GTEST_SKIP() << "no recordings in " << recordings::folder / database;
    }
};

TEST_F(Recordings, sinus_rhythm_ectopy_and_noise_are_read_as_annotated) {
    std::vector<BeatAccuracy> records;
    for (const auto* name : {"108", "119", "203", "220"}) records.push_back(accuracy(name, 2));
    const auto all = percentages_of(gross(records));
    EXPECT_GT(*all[static_cast<std::size_t>(Measure::qrs_sensitivity)], 99.5);
    EXPECT_GT(*all[static_cast<std::size_t>(Measure::qrs_positive_predictivity)], 99.4);
    EXPECT_GT(*all[static_cast<std::size_t>(Measure::veb_sensitivity)], 85);
    EXPECT_GT(*all[static_cast<std::size_t>(Measure::veb_positive_predictivity)], 93);
    const auto ectopy = percentages_of(records[1]);
    EXPECT_GT(*ectopy[static_cast<std::size_t>(Measure::veb_sensitivity)], 99);
    EXPECT_LT(std::abs(*records[3].standard.error_mean_s()), 0.006);
    EXPECT_LT(*records[3].standard.error_deviation_s(), 0.004);
}

TEST_F(Recordings, one_lead_is_enough) {
    const auto all = percentages_of(accuracy("119", 1));
    EXPECT_GT(*all[static_cast<std::size_t>(Measure::qrs_sensitivity)], 99.8);
    EXPECT_GT(*all[static_cast<std::size_t>(Measure::qrs_positive_predictivity)], 99.8);
    EXPECT_GT(*all[static_cast<std::size_t>(Measure::veb_sensitivity)], 99);
}

// Linear interpolation: the signal at another rate.
std::vector<float> at_rate(const std::vector<float>& samples, double from_hz, double to_hz) {
    std::vector<float> made;
    for (double at = 0; at < static_cast<double>(samples.size() - 1); at += from_hz / to_hz) {
        const auto whole = static_cast<std::size_t>(at);
        const auto part = static_cast<float>(at - static_cast<double>(whole));
        made.push_back(samples[whole] + part * (samples[whole + 1] - samples[whole]));
    }
    return made;
}

TEST_F(Recordings, the_same_beats_at_every_rate) {
    const auto signals = recordings::signals(database, "119");
    const auto reference = reference_for("119");
    for (const double hz : {125.0, 250.0, 500.0, 1000.0}) {
        recordings::Signals other{.hz = hz, .leads = {}, .samples = {}};
        for (const auto& lead : signals.samples)
            other.samples.push_back(at_rate(lead, signals.hz, hz));
        auto beats = read(other, 2);
        for (auto& beat : beats) {
            beat.sample = std::llround(seconds(beat, hz) * signals.hz);
            beat.fraction = 0;
        }
        const auto result = compare_beats(
            reference, beats, {},
            {.sample_hz = signals.hz, .begin = 108'000, .end = 650'000, .window_s = 0.05});
        EXPECT_GT(*result.qrs_sensitivity().percent(), 99.8) << hz;
        EXPECT_GT(*result.qrs_positive_predictivity().percent(), 99.8) << hz;
        EXPECT_GT(*ventricular_statistics(result).sensitivity.percent(), 98) << hz;
    }
}

}  // namespace
}  // namespace vigil::ecg

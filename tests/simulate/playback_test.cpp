#include "simulate/playback.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

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

// Two seconds of lead II at 100 Hz, 200 steps a millivolt round 1024, and something unheard of.
wfdb::Record small_record() {
    wfdb::RecordedSignal ecg{
        .signal = {.file = "r.dat", .gain = 200, .baseline = 1024}, .hz = 100, .samples = {}};
    ecg.signal.description = "MLII";
    for (int i = 0; i < 200; ++i) ecg.samples.push_back(1024 + i);
    ecg.samples[7] = wfdb::missing;
    auto other = ecg;
    other.signal.description = "Mystery";
    return {.name = "r", .frame_hz = 100, .signals = {ecg, other}, .info = {}};
}

const WaveformBlock& block_of(const Emission& emission) {
    return std::get<WaveformBlock>(emission.readings.at(0).value);
}

TEST(Playback, plays_what_was_recorded_with_its_scale_and_starts_over) {
    Playback playback(catalogue(), small_record(), {}, start);
    EXPECT_THAT(playback.skipped(), testing::ElementsAre("Mystery"));
    std::vector<Emission> out;
    for (int i = 0; i < 10; ++i) playback.advance(milliseconds(300), out);
    ASSERT_EQ(out.size(), 3U);
    const auto& first = block_of(out[0]);
    EXPECT_EQ(out[0].readings[0].metric, catalogue().find("ecg_ii")->id);
    EXPECT_EQ(out[0].readings[0].device_time, start);
    EXPECT_EQ(out[0].time, start + seconds(1));
    EXPECT_EQ(first.period, milliseconds(10));
    EXPECT_TRUE(first.scale.same_as({5, -3})) << to_string(first.scale);
    ASSERT_EQ(first.samples.size(), 100U);
    EXPECT_EQ(first.samples[99], 99);
    EXPECT_EQ(first.samples[7], WaveformBlock::missing);
    EXPECT_EQ(block_of(out[1]).samples[0], 100);
    EXPECT_EQ(block_of(out[2]), first) << "from the start again";
}

TEST(Playback, of_a_real_arrhythmia_record_tells_its_rate_and_rhythms) {
    const auto folder = std::filesystem::path(VIGIL_SHARED_DIR) / "data/ecg/mitdb";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "real recordings are not at " << folder;
    const auto file = [&](std::string_view name) -> Result<std::string> {
        std::ifstream stream(folder / name, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(stream), {});
    };
    auto record = wfdb::decode_record("203", file);
    ASSERT_TRUE(record);
    auto annotations = wfdb::decode_annotations(file("203.atr").value());
    ASSERT_TRUE(annotations);
    Playback playback(catalogue(), std::move(*record), std::move(*annotations), start);
    EXPECT_EQ(static_cast<int>(playback.length_s()), 1805);
    std::vector<Emission> out;
    playback.advance(minutes(30), out);
    double rates = 0;
    int seconds_with_rate = 0;
    std::map<std::string, int> rhythms;
    for (const auto& emission : out)
        for (const auto& reading : emission.readings) {
            if (const auto* rate = std::get_if<NumericValue>(&reading.value)) {
                rates += rate->value.to_double();
                ++seconds_with_rate;
            }
            if (const auto* event = std::get_if<EventValue>(&reading.value)) ++rhythms[event->code];
        }
    EXPECT_GT(seconds_with_rate, 1750);
    EXPECT_NEAR(rates / seconds_with_rate, 2980 / 30.1, 8) << "2,980 beats in half an hour";
    EXPECT_GT(rhythms["atrial_fibrillation"], 10);
    EXPECT_GT(rhythms["ventricular_tachycardia"], 5);
}

}  // namespace
}  // namespace vigil::simulate

#include "codec/waveform/waveform_block.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/bytes.hpp"
#include "codec/golden.hpp"
#include "metric/unit.hpp"

namespace vigil::codec::waveform {
namespace {

const Catalogue catalogue;
const DecodeContext context{catalogue, from_unix_ns(1'772'366'400'000'000'000), 0, "monitor-1"};
constexpr std::array codings{SampleCoding::int16, SampleCoding::int32, SampleCoding::delta_varint,
                             SampleCoding::delta_packed};

Reading block(std::string_view key, std::vector<std::int32_t> samples, std::uint16_t channel = 0) {
    Reading reading;
    reading.metric = catalogue.find(key)->id;
    reading.channel = channel;
    reading.device_time = context.receive_time;
    reading.value = WaveformBlock{.period = std::chrono::milliseconds(4),
                                  .scale = {5, -3},
                                  .offset = {0, 0},
                                  .unit = catalogue.find(key)->unit,
                                  .samples = std::move(samples)};
    return reading;
}

std::string encoded(const std::vector<Reading>& readings,
                    std::optional<SampleCoding> coding = std::nullopt, std::uint64_t sequence = 1) {
    std::string out;
    encode(readings, catalogue, sequence, out, coding);
    return out;
}

const std::vector<std::int32_t>& samples_of(const DecodedMessage& message, std::size_t at) {
    return std::get<WaveformBlock>(message.readings.at(at).value).samples;
}

std::vector<std::int32_t> sine(std::size_t count) {
    std::vector<std::int32_t> out(count);
    for (std::size_t i = 0; i < count; ++i)
        out[i] =
            static_cast<std::int32_t>(std::lround(900 * std::sin(0.05 * static_cast<double>(i))));
    return out;
}

TEST(WaveformBlock, is_read_as_it_was_written_in_every_coding) {
    const std::vector<Reading> sent{block("ecg_ii", sine(1000)), block("pleth", sine(129), 3)};
    for (const auto coding : codings) {
        DecodedMessage message;
        ASSERT_TRUE(decode(encoded(sent, coding), context, message));
        EXPECT_TRUE(message.unread.empty());
        EXPECT_EQ(message.readings, sent) << static_cast<int>(coding);
    }
}

TEST(WaveformBlock, keeps_missing_samples_and_extremes) {
    constexpr auto missing = WaveformBlock::missing;
    std::mt19937 random(7);
    std::uniform_int_distribution<std::int32_t> any(INT32_MIN + 1, INT32_MAX);
    std::vector<std::int32_t> wild{INT32_MAX, INT32_MIN + 1, INT32_MAX, 0};
    for (int i = 0; i < 300; ++i) wild.push_back(any(random));
    auto holed = wild;
    holed[0] = holed[5] = holed[6] = holed.back() = missing;
    const std::vector<std::int32_t> small{missing, 32767, -32767, missing, 0};
    for (const auto& samples : {wild, holed, small})
        for (const auto coding : codings) {
            if (!can_hold(coding, samples)) continue;
            DecodedMessage message;
            ASSERT_TRUE(decode(encoded({block("ecg_ii", samples)}, coding), context, message));
            ASSERT_EQ(message.readings.size(), 1) << static_cast<int>(coding);
            EXPECT_EQ(samples_of(message, 0), samples) << static_cast<int>(coding);
        }
}

TEST(WaveformBlock, a_block_that_cannot_be_read_does_not_take_the_others_with_it) {
    auto wrong = block("ecg_ii", sine(20));
    std::get<WaveformBlock>(wrong.value).unit = *units::find("kg");
    DecodedMessage message;
    ASSERT_TRUE(decode(encoded({block("ecg_ii", sine(20)), wrong, block("pleth", sine(20))}),
                       context, message));
    EXPECT_EQ(message.readings.size(), 2);
    EXPECT_EQ(message.unread.size(), 1);
}

TEST(WaveformBlock, a_message_cut_anywhere_keeps_its_whole_blocks) {
    const std::vector<Reading> sent{block("ecg_ii", sine(200)), block("pleth", sine(50))};
    const auto whole = encoded(sent);
    const auto first_ends = encoded({sent[0]}).size();
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
        DecodedMessage message;
        const auto result = decode(whole.substr(0, cut), context, message);
        EXPECT_EQ(result.has_value(), cut >= first_ends) << cut;
        EXPECT_EQ(message.readings.size(), cut >= first_ends ? 1 : 0) << cut;
    }
}

TEST(WaveformBlock, takes_no_memory_for_samples_that_are_not_there) {
    std::string message(magic);
    ByteWriter bytes(message);
    bytes.varint(0);
    bytes.varint(1);
    bytes.sized("ecg_ii");
    bytes.varint(0);
    bytes.varint(0);
    bytes.little_endian(std::int64_t{1});
    bytes.varint(4'000'000);
    for (int i = 0; i < 2; ++i) {
        bytes.u8(0);
        bytes.signed_varint(1);
    }
    bytes.sized("mV");
    bytes.u8(3);
    bytes.varint(samples_max);
    bytes.sized(std::string(3, '\0'));
    DecodedMessage out;
    ASSERT_TRUE(decode(message, context, out));
    EXPECT_TRUE(out.readings.empty());
    EXPECT_EQ(out.unread.size(), 1);
}

TEST(WaveformBlock, a_resend_is_known_as_one) {
    DecodedMessage first;
    DecodedMessage second;
    ASSERT_TRUE(decode(encoded({block("ecg_ii", sine(20))}, std::nullopt, 7), context, first));
    ASSERT_TRUE(decode(encoded({block("ecg_ii", sine(20))}, std::nullopt, 7), context, second));
    EXPECT_TRUE(first.payload_identity);
    EXPECT_EQ(first.payload_identity, second.payload_identity);
    ASSERT_TRUE(decode(encoded({block("ecg_ii", sine(20))}, std::nullopt, 8), context, second));
    EXPECT_NE(first.payload_identity, second.payload_identity);
    ASSERT_TRUE(decode(encoded({block("ecg_ii", sine(20))}, std::nullopt, 0), context, second));
    EXPECT_FALSE(second.payload_identity);
}

// Written by another program than ours, from docs/reference/waveform-block.md.
TEST(WaveformBlock, golden_messages) {
    const std::filesystem::path folder = VIGIL_TESTS_DIR "/codec/waveform/golden";
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        if (file.path().extension() != ".vwb") continue;
        DecodedMessage message;
        const auto result = decode(golden::read_file(file.path()), context, message);
        auto golden = file.path();
        golden::expect_matches(golden += ".readings.txt",
                               golden::result_json(catalogue, result, message));
    }
}

}  // namespace
}  // namespace vigil::codec::waveform

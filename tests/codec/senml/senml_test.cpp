#include "codec/senml/senml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/binary_text.hpp"
#include "codec/golden.hpp"
#include "metric/unit.hpp"

namespace vigil::codec::senml {
namespace {

const Catalogue catalogue;
const DecodeContext context{catalogue, from_unix_ns(1'772'366'400'000'000'000), 0, "hub"};

DecodedMessage read(std::string_view payload) {
    JsonDocument json;
    DecodedMessage message;
    const auto result = decode(payload, context, json, message);
    EXPECT_TRUE(result) << result.error().message;
    return message;
}

DecodedMessage read_hex(std::string_view hex) {
    std::string bytes;
    EXPECT_TRUE(codec::read_hex(hex, bytes)) << hex;
    return read(bytes);
}

std::string shown(const DecodedMessage& message, std::size_t at) {
    if (at >= message.readings.size()) return "none";
    const auto& reading = message.readings[at];
    auto out = catalogue.at(reading.metric).key;
    if (reading.channel != 0) out += "/" + std::to_string(reading.channel);
    if (const auto* value = std::get_if<NumericValue>(&reading.value))
        out += " " + to_string(value->value) + " " + std::string(units::at(value->unit).ucum);
    if (const auto* event = std::get_if<EventValue>(&reading.value)) out += " " + event->code;
    return out;
}

TEST(Senml, resolves_base_fields) {
    const auto message = read(R"([
        {"bn": "urn:dev:mac:0024befffe804ff1:", "bt": 1.772366390e+09, "bu": "beat/min", "bv": 60},
        {"n": "heart_rate", "v": 12}, {"n": "temp_skin/2", "u": "Cel", "v": -25.9, "t": 5},
        {"n": "spo2", "u": "/", "v": 0.97, "bv": 0}])");
    EXPECT_EQ(shown(message, 0), "heart_rate 72 /min");
    EXPECT_EQ(shown(message, 1), "temp_skin/2 34.1 Cel");
    EXPECT_EQ(shown(message, 2), "spo2 0.97 1");
    EXPECT_EQ(message.readings[0].device_time, from_unix_ns(1'772'366'390'000'000'000));
    EXPECT_EQ(message.readings[1].device_time, from_unix_ns(1'772'366'395'000'000'000));
    EXPECT_TRUE(message.unread.empty());
    EXPECT_EQ(message.sub_device, "") << "the pack comes from whose topic it is";
}

TEST(Senml, small_times_are_relative_to_now_and_none_is_no_time) {
    const auto message =
        read(R"([{"n": "heart_rate", "v": 72, "t": -2.5}, {"n": "heart_rate", "v": 73}])");
    EXPECT_EQ(message.readings[0].device_time, from_unix_ns(1'772'366'397'500'000'000));
    EXPECT_EQ(message.readings[1].device_time, std::nullopt);
}

TEST(Senml, finds_metrics_by_key_refid_code_and_loinc) {
    const auto message = read(R"([{"n": "dev1/MDC_ECG_HEART_RATE", "v": 1},
        {"n": "dev1/mdc:147842", "v": 2}, {"n": "dev1/loinc:8867-4", "v": 3},
        {"n": "dev1/urn:oid:2.16.840.1.113883.6.1:8867-4", "v": 4}])");
    EXPECT_EQ(message.readings.size(), 4);
    for (std::size_t i = 0; i < message.readings.size(); ++i)
        EXPECT_EQ(shown(message, i), "heart_rate " + std::to_string(i + 1) + " /min");
}

TEST(Senml, reads_cbor_with_decimal_fractions_as_the_same) {
    // [{-2: "d:", -3: 1772366390}, {0: "heart_rate", 1: "beat/min", 2: 72},
    //  {0: "temp_skin", 1: "Cel", 2: 4([-2, 3410])}, {0: "temp_core", 1: "Cel", 2: 36.6 in 32
    //  bits}]
    const auto message = read_hex(
        "84"
        "a22162643a221a69a42ab6"
        "a3006a68656172745f726174650168626561742f6d696e021848"
        "a3006974656d705f736b696e016343656c02c48221190d52"
        "a3006974656d705f636f7265016343656c02fa42126666");
    EXPECT_EQ(shown(message, 0), "heart_rate 72 /min");
    EXPECT_EQ(shown(message, 1), "temp_skin 34.10 Cel");
    EXPECT_EQ(shown(message, 2), "temp_core 36.6 Cel");
    EXPECT_EQ(message.readings[0].device_time, from_unix_ns(1'772'366'518'000'000'000));
}

TEST(Senml, a_record_that_cannot_be_read_does_not_take_the_others_with_it) {
    const auto message = read(R"([{"n": "heart_rate", "v": 72}, {"n": "mood", "v": 1},
        {"n": "temp_skin", "v": 34}, {"n": "spo2", "v": 97, "x_": 1}, {"n": "spo2"},
        {"n": "spo2", "v": 97, "vb": true}, {"n": "-spo2", "v": 97}, {"n": "spo2", "v": "97"},
        {"n": "spo2", "s": 12}, 7, {"n": "other:spo2", "v": 97}, {"n": "spo2", "v": 97, "y": 1}])");
    EXPECT_EQ(message.readings.size(), 2);
    std::vector<std::string> places;
    for (const auto& line : message.unread) places.push_back(line.place);
    EXPECT_THAT(places,
                testing::ElementsAre("/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8", "/9", "/10"));
}

TEST(Senml, refuses_a_version_it_does_not_know) {
    const auto message = read(R"([{"n": "heart_rate", "v": 72}, {"bver": 11, "n": "spo2", "v": 9},
        {"n": "spo2", "v": 97}])");
    EXPECT_EQ(message.readings.size(), 1);
    EXPECT_EQ(message.unread.size(), 1);
}

TEST(Senml, keeps_the_whole_records_of_a_pack_cut_anywhere) {
    std::string bytes;
    ASSERT_TRUE(codec::read_hex("82a2006a68656172745f72617465021848a2006473706f32021861", bytes));
    JsonDocument json;
    DecodedMessage message;
    constexpr std::size_t first_record_ends = 17;
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        const auto result = decode(bytes.substr(0, cut), context, json, message);
        EXPECT_EQ(result.has_value(), cut >= first_record_ends) << cut;
        EXPECT_EQ(message.readings.size(), cut >= first_record_ends ? 1 : 0) << cut;
        EXPECT_EQ(message.unread.size(), cut >= first_record_ends ? 1 : 0) << cut;
    }
    ASSERT_TRUE(decode(bytes, context, json, message));
    EXPECT_EQ(message.readings.size(), 2);
}

TEST(Senml, golden_packs) {
    const std::filesystem::path folder = VIGIL_TESTS_DIR "/codec/senml/golden";
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        const auto extension = file.path().extension();
        if (extension != ".senml" && extension != ".senmlc") continue;
        JsonDocument json;
        DecodedMessage message;
        const auto result = decode(golden::read_file(file.path()), context, json, message);
        auto golden = file.path();
        golden::expect_matches(golden += ".readings.txt",
                               golden::result_json(catalogue, result, message));
    }
}

}  // namespace
}  // namespace vigil::codec::senml

#include "codec/telemetry/telemetry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/golden.hpp"
#include "metric/unit.hpp"

namespace vigil::codec::telemetry {
namespace {

const Catalogue catalogue;
const DecodeContext context{catalogue, from_unix_ns(1'767'225'600'000'000'000), 60};

DecodedMessage read(std::string_view payload) {
    auto message = decode(payload, context);
    EXPECT_TRUE(message) << message.error().message;
    return message ? *message : DecodedMessage();
}

const Reading* find(const DecodedMessage& message, std::string_view key) {
    for (const auto& reading : message.readings)
        if (reading.metric == catalogue.find(key)->id) return &reading;
    return nullptr;
}

std::string number(const DecodedMessage& message, std::string_view key) {
    const auto* reading = find(message, key);
    const auto* value = reading ? std::get_if<NumericValue>(&reading->value) : nullptr;
    return value ? to_string(value->value) + " " + std::string(units::at(value->unit).ucum) : "";
}

TEST(Telemetry, reads_a_flat_object) {
    const auto message = read(R"({"heart_rate": 72, "spo2": 97.0, "ts": 1767225600123})");
    ASSERT_EQ(message.readings.size(), 2);
    EXPECT_EQ(number(message, "heart_rate"), "72 /min");
    EXPECT_EQ(number(message, "spo2"), "97.0 %");
    EXPECT_EQ(message.readings[0].device_time, from_unix_ns(1'767'225'600'123'000'000));
    EXPECT_TRUE(message.unread.empty());
}

TEST(Telemetry, tells_the_unit_of_a_time_by_its_magnitude) {
    for (const auto* ts : {"1767225600", "1767225600.000", "1767225600000", "1767225600000000",
                           "1767225600000000000", R"("2026-01-01T00:00:00Z")",
                           R"("2026-01-01T01:00:00+01:00")", R"("2026-01-01T01:00:00")"}) {
        const auto message = read(std::string(R"({"heart_rate":72,"ts":)") + ts + "}");
        ASSERT_EQ(message.readings.size(), 1) << ts;
        EXPECT_EQ(message.readings[0].device_time, from_unix_ns(1'767'225'600'000'000'000)) << ts;
    }
}

TEST(Telemetry, never_guesses_the_unit_of_a_temperature_or_a_glucose) {
    const auto message = read(R"({"temp_body": 37.1, "glucose_blood": 5.4, "heart_rate": 72})");
    EXPECT_EQ(message.readings.size(), 1);
    ASSERT_EQ(message.unread.size(), 2);
    EXPECT_EQ(message.unread[0].place, "/temp_body");
    EXPECT_EQ(message.unread[1].place, "/glucose_blood");
    const auto declared = read(
        R"({"temp_body": {"value": 98.60, "unit": "[degF]"}, "glucose_blood": 5.4,
            "units": {"glucose_blood": "mmol/L"}})");
    EXPECT_EQ(number(declared, "temp_body"), "98.60 [degF]");
    EXPECT_EQ(number(declared, "glucose_blood"), "5.4 mmol/L");
}

TEST(Telemetry, keeps_what_it_cannot_read_apart_from_what_it_can) {
    const auto message = read(R"({"heart_rate": 72, "mood": "fine", "spo2": {"value": 97,
        "unit": "kg"}, "resp_rate": "twelve", "pleth": [1, 2]})");
    EXPECT_EQ(message.readings.size(), 1);
    std::vector<std::string> places;
    for (const auto& line : message.unread) places.push_back(line.place);
    EXPECT_THAT(places, testing::ElementsAre("/mood", "/spo2", "/resp_rate", "/pleth"));
}

TEST(Telemetry, a_sequence_number_makes_a_resend_known) {
    const auto identity = [](std::string_view payload) { return read(payload).payload_identity; };
    const auto first = identity(R"({"seq": 1, "ts": 1767225600123, "heart_rate": 72})");
    EXPECT_TRUE(first);
    EXPECT_EQ(first, identity(R"({"ts": 1767225600123, "heart_rate": 72.0, "seq": 1})"));
    EXPECT_NE(first, identity(R"({"seq": 2, "ts": 1767225600123, "heart_rate": 72})"));
    EXPECT_NE(first, identity(R"({"seq": 1, "ts": 1767225600124, "heart_rate": 72})"));
    EXPECT_NE(identity(R"({"seq": 1, "heart_rate": 72})"),
              identity(R"({"seq": 1, "heart_rate": 73})"))
        << "a device that starts again counts from 1 again";
    EXPECT_FALSE(identity(R"({"heart_rate": 72})"));
    EXPECT_FALSE(identity(R"([{"seq": 1, "heart_rate": 72}, {"heart_rate": 73}])"));
}

TEST(Telemetry, a_payload_cut_anywhere_yields_nothing) {
    const std::string whole = R"({"ts": 1767225600123, "values": {"spo2": {"value": 97}}})";
    for (std::size_t cut = 0; cut < whole.size(); ++cut)
        EXPECT_FALSE(decode(whole.substr(0, cut), context)) << cut;
}

TEST(Telemetry, golden_payloads) {
    const std::filesystem::path folder = VIGIL_TESTS_DIR "/codec/telemetry/golden";
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        if (file.path().extension() != ".json") continue;
        JsonDocument json;
        DecodedMessage message;
        const auto result = decode(golden::read_file(file.path()), context, json, message);
        auto golden = file.path();
        golden::expect_matches(golden.replace_extension(".readings.txt"),
                               golden::result_json(catalogue, result, message));
    }
}

}  // namespace
}  // namespace vigil::codec::telemetry

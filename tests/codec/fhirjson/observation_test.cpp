#include "codec/fhirjson/observation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/golden.hpp"
#include "metric/unit.hpp"

namespace vigil::codec::fhirjson {
namespace {

const Catalogue catalogue;
const DecodeContext context{catalogue, from_unix_ns(1'772'366'400'000'000'000), 60, "gateway-1"};

DecodedMessage read(std::string_view payload) {
    JsonDocument json;
    DecodedMessage message;
    const auto result = decode(payload, context, json, message);
    EXPECT_TRUE(result) << result.error().message;
    return message;
}

std::string written(const Reading& reading) {
    std::string text;
    JsonWriter json(text);
    write_observation(json, catalogue, reading,
                      {.id = {},
                       .identifier_system = "urn:x",
                       .identifier_value = "7",
                       .subject = "Patient/1",
                       .device = "Device/2",
                       .device_identifier_system = {},
                       .device_identifier_value = {},
                       .effective = context.receive_time});
    return text;
}

Reading reading_of(std::string_view key, decltype(Reading::value) value, std::uint32_t status = 0,
                   std::uint16_t channel = 0) {
    return {.metric = catalogue.find(key)->id,
            .channel = channel,
            .status = status,
            .device_time = context.receive_time,
            .value = std::move(value)};
}

NumericValue number(std::string_view text, std::string_view ucum) {
    return {*parse_decimal(text), *units::find(ucum), SpecialValue::none};
}

TEST(Observation, is_read_as_it_was_written) {
    constexpr std::uint32_t bits = status::questionable | status::calibration_ongoing |
                                   status::test_data | status::invalid | status::manual |
                                   status::measurement_ongoing | status::alarm_at_source;
    const WaveformBlock block{.period = Nanoseconds(7'812'500),
                              .scale = {5, -3},
                              .offset = {-15, -1},
                              .unit = *units::find("mV"),
                              .samples = {1, -2, WaveformBlock::missing, 4}};
    for (const auto& reading :
         {reading_of("heart_rate", number("72", "/min")),
          reading_of("spo2", number("97.00", "%"), bits, 3),
          reading_of("glucose_blood", number("5.40", "mmol/L"), status::corrected),
          reading_of("distance", number("1.2", "km")),
          reading_of("steps", number("900", "{steps}")),
          reading_of("spo2", NumericValue{{}, {}, SpecialValue::over_range}),
          reading_of("spo2", NumericValue{{}, {}, SpecialValue::not_at_this_resolution}),
          reading_of("spo2", NumericValue{{}, {}, SpecialValue::negative_infinity}),
          reading_of("vent_mode", CodedValue{"urn:x", "SIMV", "SIMV \"+\" PS"}),
          reading_of("vent_mode", TextValue{"as set"}),
          reading_of("fall_event", EventValue{"fall", "hard fall"}),
          reading_of("fall_event", EventValue{"fall", ""}), reading_of("ecg_ii", block)}) {
        const auto text = written(reading);
        const auto message = read(text);
        ASSERT_EQ(message.readings.size(), 1) << text;
        EXPECT_TRUE(message.readings[0] == reading) << text;
        EXPECT_TRUE(message.payload_identity);
    }
}

TEST(Observation, a_resend_is_known_and_an_amendment_is_not_one) {
    const auto reading = reading_of("heart_rate", number("72", "/min"));
    auto amended = reading;
    amended.status = status::corrected;
    EXPECT_EQ(read(written(reading)).payload_identity, read(written(reading)).payload_identity);
    EXPECT_NE(read(written(reading)).payload_identity, read(written(amended)).payload_identity);
}

TEST(Observation, what_is_no_observation_is_refused) {
    JsonDocument json;
    DecodedMessage message;
    for (const auto* payload :
         {"", "[]", "{}", R"({"resourceType": "Patient"})", R"({"resourceType": "Bundle"})"})
        EXPECT_FALSE(decode(payload, context, json, message)) << payload;
}

TEST(Observation, a_bundle_may_hold_the_device_that_its_observations_refer_to) {
    const auto message = read(R"({"resourceType": "Bundle", "entry": [
        {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Device", "id": "a",
            "identifier": [{"value": "00-1C-05-04"}]}},
        {"resource": {"resourceType": "Observation", "status": "final",
            "device": {"reference": "urn:uuid:1"}, "code": {"coding": [
                {"system": "http://loinc.org", "code": "8867-4"}]},
            "valueQuantity": {"value": 72, "code": "/min"}}}]})");
    EXPECT_EQ(message.sub_device, "00-1C-05-04");
    EXPECT_TRUE(message.unread.empty());
}

TEST(Observation, an_observation_cut_anywhere_yields_nothing) {
    const auto text = written(reading_of("heart_rate", number("72", "/min")));
    JsonDocument json;
    DecodedMessage message;
    for (std::size_t cut = 0; cut < text.size(); ++cut)
        EXPECT_FALSE(decode(text.substr(0, cut), context, json, message)) << cut;
}

TEST(Observation, golden_payloads) {
    const std::filesystem::path folder = VIGIL_TESTS_DIR "/codec/fhirjson/golden";
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

struct Example {
    std::string_view file, metric, shown;
};

// Examples of HL7's guides and of the German intensive care data set.
TEST(Observation, reads_the_examples_of_published_guides) {
    const std::filesystem::path folder = VIGIL_SHARED_DIR "/data/fhir";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there";
    for (const auto& [file, metric, shown] :
         {Example{"phd/compound-numeric-blood-pressure.json", "nibp_sys", ""},
          Example{"phd/glucose-observation.json", "", ""},
          Example{"phd/temperature-observation.json", "temp_body", ""},
          Example{"phd/numeric-spotnumeric.json", "", ""},
          Example{"phd/numeric-observation-not-a-number.json", "", ""},
          Example{"mii-icu/mii-exa-icu-muv-puls.json", "pulse_rate", "70 /min"},
          Example{"examples-r4/Observation-body-temperature.json", "temp_body", "36.5 Cel"},
          Example{"examples-r4/Observation-blood-pressure-dar.json", "nibp_sys", "107 mm[Hg]"}}) {
        const auto message = read(golden::read_file(folder / file));
        EXPECT_FALSE(message.readings.empty()) << file;
        for (const auto& line : message.unread)
            ADD_FAILURE() << file << " " << line.place << " " << line.message;
        if (metric.empty() || message.readings.empty()) continue;
        const auto& first = message.readings[0];
        EXPECT_EQ(catalogue.at(first.metric).key, metric) << file;
        if (shown.empty()) continue;
        const auto& value = std::get<NumericValue>(first.value);
        EXPECT_EQ(to_string(value.value) + " " + std::string(units::at(value.unit).ucum), shown);
    }
}

}  // namespace
}  // namespace vigil::codec::fhirjson

#include "codec/ble/characteristic.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "codec/binary_text.hpp"
#include "codec/golden.hpp"
#include "metric/unit.hpp"

namespace vigil::codec::ble {
namespace {

const Catalogue catalogue;
// 2026-03-01T12:00:00Z, and a device whose wall clock is one hour ahead of UTC.
const DecodeContext context{catalogue, from_unix_ns(1'772'366'400'000'000'000), 60, "gateway-1"};

struct Device {
    DeviceMemory memory;
    JsonDocument json;
    DecodedMessage message;

    Result<void> hear(std::uint16_t characteristic, std::string_view payload) {
        return decode(characteristic, payload, context, memory, json, message);
    }
    Result<void> hear_hex(std::uint16_t characteristic, std::string_view hex) {
        std::string bytes;
        EXPECT_TRUE(read_hex(hex, bytes)) << hex;
        return hear(characteristic, bytes);
    }
    const Reading* find(std::string_view key) const {
        for (const auto& reading : message.readings)
            if (catalogue.at(reading.metric).key == key) return &reading;
        return nullptr;
    }
    std::string shown(std::string_view key) const {
        const auto* reading = find(key);
        if (reading == nullptr) return "none";
        if (const auto* event = std::get_if<EventValue>(&reading->value)) return event->code;
        const auto& value = std::get<NumericValue>(reading->value);
        if (value.special != SpecialValue::none)
            return fmt::format("special {}", static_cast<int>(value.special));
        return to_string(value.value) + " " + std::string(units::at(value.unit).ucum);
    }
};

TEST(Ble, heart_rate_with_the_sensor_off_the_skin_is_no_asystole) {
    Device device;
    ASSERT_TRUE(device.hear_hex(0x2A37, "0400"));
    EXPECT_EQ(device.shown("heart_rate"), "special 7");
    EXPECT_NE(device.message.readings[0].status & status::signal_poor, 0U);
    ASSERT_TRUE(device.hear_hex(0x2A37, "0648"));
    EXPECT_EQ(device.shown("heart_rate"), "72 /min");
    EXPECT_EQ(device.message.readings[0].status, 0U);
}

TEST(Ble, rr_intervals_are_exact) {
    Device device;
    ASSERT_TRUE(device.hear_hex(0x2A37, "10480004ff03"));
    ASSERT_EQ(device.message.readings.size(), 3);
    EXPECT_EQ(to_string(std::get<NumericValue>(device.message.readings[1].value).value), "1000");
    EXPECT_EQ(to_string(std::get<NumericValue>(device.message.readings[2].value).value),
              "999.0234375");
}

TEST(Ble, a_gateways_frame_carries_the_time_it_was_heard) {
    Device device;
    for (const auto* payload : {R"({"ts": 1772366399500, "rssi": -60, "hex": "0648"})",
                                R"({"ts": "2026-03-01T11:59:59.5Z", "b64": "Bkg="})"}) {
        ASSERT_TRUE(device.hear(0x2A37, payload)) << payload;
        EXPECT_EQ(device.shown("heart_rate"), "72 /min");
        EXPECT_EQ(device.message.readings[0].device_time, from_unix_ns(1'772'366'399'500'000'000));
    }
    EXPECT_FALSE(device.hear(0x2A37, R"({"hex": "064"})"));
    EXPECT_FALSE(device.hear(0x2A37, R"({"ts": 1})"));
}

TEST(Ble, the_second_user_of_a_cuff_is_a_device_of_their_own) {
    Device device;
    ASSERT_TRUE(device.hear_hex(0x2A35, "08780050005a0001"));
    EXPECT_EQ(device.message.sub_device, "");
    ASSERT_TRUE(device.hear_hex(0x2A35, "08780050005a0002"));
    EXPECT_EQ(device.message.sub_device, "gateway-1:user-2");
    ASSERT_TRUE(device.hear_hex(0x2A35, "08780050005a00ff"));
    EXPECT_EQ(device.message.sub_device, "");
}

TEST(Ble, special_values_of_a_pressure_stay_what_they_are) {
    Device device;
    ASSERT_TRUE(device.hear_hex(0x2A35, "00ff070008fe07"));
    EXPECT_EQ(device.shown("nibp_sys"), "special 1");
    EXPECT_EQ(device.shown("nibp_dia"), "special 2");
    EXPECT_EQ(device.shown("nibp_mean"), "special 3");
    ASSERT_TRUE(device.hear_hex(0x2A35, "0078005000ff07"));
    EXPECT_EQ(device.find("nibp_mean"), nullptr) << "not measured, so not said";
}

TEST(Ble, glucose_is_shown_in_the_unit_people_read_and_joined_with_its_context) {
    Device device;
    // Sequence 5, 2026-03-01 12:00:00 on the meter's clock, offset +30 min, 105 mg/dL as kg/L.
    ASSERT_TRUE(device.hear_hex(0x2A18, "030500ea0703010c00001e0069b011"));
    EXPECT_EQ(device.shown("glucose_capillary"), "105 mg/dL");
    EXPECT_EQ(device.shown("glucose_sample_location"), "finger");
    const auto time = from_unix_ns(1'772'364'600'000'000'000);
    EXPECT_EQ(device.message.readings[0].device_time, time);
    EXPECT_TRUE(device.message.payload_identity);
    const auto measured = device.message.payload_identity;

    ASSERT_TRUE(device.hear_hex(0x2A34, "02050001"));
    EXPECT_EQ(device.shown("glucose_meal"), "before_meal");
    EXPECT_EQ(device.message.readings[0].device_time, time);
    EXPECT_NE(device.message.payload_identity, measured);
    ASSERT_TRUE(device.hear_hex(0x2A34, "02060001"));
    EXPECT_EQ(device.message.readings[0].device_time, std::nullopt);
}

TEST(Ble, glucose_in_mol_keeps_its_own_unit) {
    Device device;
    ASSERT_TRUE(device.hear_hex(0x2A18, "060100ea0703010c000036c011"));
    EXPECT_EQ(device.shown("glucose_capillary"), "5.4 mmol/L");
}

TEST(Ble, a_cgm_record_is_timed_from_the_session_start) {
    Device device;
    ASSERT_TRUE(device.hear_hex(0x2AAA, "ea0703010c00000400"));  // 12:00 at +01:00
    EXPECT_TRUE(device.message.readings.empty());
    ASSERT_TRUE(device.hear_hex(0x2AA7, "060078003c00"));
    EXPECT_EQ(device.shown("glucose_cgm"), "120 mg/dL");
    EXPECT_EQ(device.message.readings[0].device_time, context.receive_time);
    EXPECT_EQ(device.message.readings[0].status, 0U);
    ASSERT_TRUE(device.hear_hex(0x2AA7, "060078000500"));
    EXPECT_EQ(device.message.readings[0].status, status::stored_data);
}

TEST(Ble, a_cgm_record_that_cannot_be_read_does_not_take_the_others_with_it) {
    Device device;
    ASSERT_TRUE(device.hear_hex(0x2AA7, "0600780005000700790006000006007a000700"));
    EXPECT_EQ(device.message.readings.size(), 2);
    ASSERT_EQ(device.message.unread.size(), 1);
    EXPECT_EQ(device.message.unread[0].place, "byte 6");
}

TEST(Ble, a_pulse_oximeter_whose_clock_is_not_set_gives_no_time) {
    Device device;
    ASSERT_TRUE(device.hear_hex(0x2A5E, "1161004800ea0703010c0000"));
    EXPECT_EQ(device.message.readings[0].device_time, std::nullopt);
    EXPECT_EQ(device.message.readings[0].status, status::clock);
    ASSERT_TRUE(device.hear_hex(0x2A5E, "0161004800ea0703010c0000"));
    EXPECT_EQ(device.message.readings[0].device_time, from_unix_ns(1'772'362'800'000'000'000));
}

TEST(Ble, what_is_no_health_characteristic_is_refused) {
    Device device;
    EXPECT_EQ(device.hear_hex(0x2A00, "00").error().kind, Error::Kind::unsupported);
    EXPECT_FALSE(device.hear_hex(0x2A19, ""));
    EXPECT_TRUE(device.hear_hex(0x2A19, "64"));
}

// Each line of golden/<uuid>.frames is a value in hexadecimal; what stands behind # says what it
// is.
TEST(Ble, golden_frames) {
    const std::filesystem::path folder = VIGIL_TESTS_DIR "/codec/ble/golden";
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        if (file.path().extension() != ".frames") continue;
        Device device;
        std::istringstream lines(golden::read_file(file.path()));
        std::string understood;
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::string uuid;
            std::string hex;
            words >> uuid >> hex;
            const auto characteristic = static_cast<std::uint16_t>(std::stoul(uuid, nullptr, 16));
            const auto result = device.hear_hex(characteristic, hex);
            understood += "# " + line + "\n";
            understood += golden::result_json(catalogue, result, device.message);
            for (std::size_t cut = 0; cut < hex.size(); cut += 2) {
                Device again = device;
                (void)again.hear_hex(characteristic, hex.substr(0, cut));
                EXPECT_LE(again.message.readings.size(), device.message.readings.size() + 1);
            }
        }
        auto golden = file.path();
        golden::expect_matches(golden.replace_extension(".readings.txt"), understood);
    }
}

}  // namespace
}  // namespace vigil::codec::ble

#include "codec/payloads.hpp"

#include <gtest/gtest.h>

namespace vigil::codec {
namespace {

const Catalogue catalogue;
const DecodeContext context{catalogue, from_unix_ns(1'772'366'400'000'000'000), 0, {}};

TEST(Payloads, a_topic_tells_the_payload_and_whose_it_is) {
    struct Case {
        std::string_view suffix;
        PayloadKind kind;
        std::string_view sub_device;
        std::uint16_t characteristic;
    };
    for (const auto& [suffix, kind, sub_device, characteristic] :
         {Case{"telemetry", PayloadKind::telemetry, "", 0},
          Case{"senml", PayloadKind::senml, "", 0}, Case{"fhir", PayloadKind::fhir, "", 0},
          Case{"wave", PayloadKind::wave, "", 0}, Case{"ble/2A37", PayloadKind::ble, "", 0x2A37},
          Case{"ble/FEEDABEEDEAD/2a35", PayloadKind::ble, "FEEDABEEDEAD", 0x2A35},
          Case{"sub/cuff-1/telemetry", PayloadKind::telemetry, "cuff-1", 0},
          Case{"sub/cuff-1/ble/2A35", PayloadKind::ble, "cuff-1", 0x2A35}}) {
        const auto address = classify(suffix);
        ASSERT_TRUE(address) << suffix;
        EXPECT_EQ(address->kind, kind) << suffix;
        EXPECT_EQ(address->sub_device, sub_device) << suffix;
        EXPECT_EQ(address->characteristic, characteristic) << suffix;
    }
    for (const auto* suffix :
         {"", "mood", "telemetry/", "telemetry/x", "sub", "sub/", "sub//telemetry", "sub/a", "ble",
          "ble/", "ble/2A3", "ble/2A37/", "ble/xyz/2A3G", "ble//2A37", "sub/a/ble/b/2A37",
          "sub/a/sub/b/telemetry"})
        EXPECT_FALSE(classify(suffix)) << suffix;
}

TEST(Payloads, whom_the_topic_names_is_the_source) {
    PayloadDecoder decoder;
    ble::DeviceMemory memory;
    DecodedMessage message;
    const auto sub_device = [&](std::string_view suffix, std::string_view payload) {
        EXPECT_TRUE(
            decoder.decode(*classify(suffix), "gateway-1", payload, context, memory, message));
        return message.sub_device;
    };
    EXPECT_EQ(sub_device("telemetry", R"({"heart_rate": 72})"), "");
    EXPECT_EQ(sub_device("telemetry", R"({"device": "a", "heart_rate": 72})"), "a");
    EXPECT_EQ(sub_device("sub/a/telemetry", R"({"heart_rate": 72})"), "a");
    EXPECT_EQ(sub_device("sub/a/telemetry", R"({"device": "a", "heart_rate": 72})"), "a");
    EXPECT_EQ(sub_device("sub/a/telemetry", R"({"device": "b", "heart_rate": 72})"), "a:b");
    EXPECT_EQ(sub_device("sub/a/senml", R"([{"n": "heart_rate", "v": 72}])"), "a");
    const std::string second_user("\x08\x78\x00\x50\x00\x5a\x00\x02", 8);
    EXPECT_EQ(sub_device("ble/2A35", second_user), "gateway-1:user-2");
    EXPECT_EQ(sub_device("ble/a/2A35", second_user), "a:user-2");
}

}  // namespace
}  // namespace vigil::codec

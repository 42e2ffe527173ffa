// What every sample packet is on the wire, byte for byte, kept in golden/packets.tsv: encoder and
// decoder cannot go wrong together. UPDATE_GOLDEN=1 rewrites it; read the difference with care.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "codec/mqtt/samples.hpp"

namespace vigil::mqtt {
namespace {

const std::string path = VIGIL_TESTS_DIR "/codec/mqtt/golden/packets.tsv";

std::string hex(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return out;
}

TEST(MqttGolden, packets_are_on_the_wire_as_they_were) {
    std::string now;
    for (const auto& sample : samples())
        now += sample.name + '\t' + hex(encoded(sample.packet, sample.version)) + '\n';
    if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path) << now;
    std::stringstream kept;
    kept << std::ifstream(path).rdbuf();
    EXPECT_EQ(now, kept.str());
}

// Worked out by hand from the standards' figures.
TEST(MqttGolden, bytes_worked_out_by_hand) {
    // MQTT 5.0 figure 3-6 with an empty client identifier: clean start, keep alive 10, session
    // expiry 10.
    Connect connect;
    connect.keep_alive = 10;
    connect.properties.session_expiry_interval = 10;
    EXPECT_EQ(hex(encoded(connect, Version::v5)), "101200044d5154540502000a05110000000a0000");
    Publish publish;
    publish.topic = "a/b";
    publish.payload = "x";
    publish.qos = 1;
    publish.packet_identifier = 10;
    EXPECT_EQ(hex(encoded(publish, Version::v3_1_1)),
              "3208"
              "0003612f62"
              "000a"
              "78");
    EXPECT_EQ(hex(encoded(publish, Version::v5)),
              "3209"
              "0003612f62"
              "000a"
              "00"
              "78");
    EXPECT_EQ(hex(encoded(Disconnect{}, Version::v5)), "e000");
    EXPECT_EQ(hex(encoded(Connack{true, ReasonCode::success, {}}, Version::v3_1_1)), "20020100");
}

}  // namespace
}  // namespace vigil::mqtt

#include <gmock/gmock.h>

#include "codec/mqtt/samples.hpp"

namespace vigil::mqtt {
namespace {

TEST(MqttRoundTrip, every_packet_of_both_versions_survives) {
    for (const auto& sample : samples()) {
        const auto bytes = encoded(sample.packet, sample.version);
        const auto packet = decoded(bytes, sample.version);
        ASSERT_TRUE(packet) << sample.name << ": " << packet.error().message;
        EXPECT_EQ(*packet, sample.packet) << sample.name;
        EXPECT_EQ(encoded(*packet, sample.version), bytes) << sample.name;
    }
}

TEST(MqttRoundTrip, a_packet_cut_short_anywhere_is_never_taken_for_a_whole_one_of_its_length) {
    for (const auto& sample : samples()) {
        const auto bytes = encoded(sample.packet, sample.version);
        const auto frame = frame_of(bytes);
        for (std::size_t size = 0; size < frame.body.size(); ++size) {
            auto shorter = frame;
            shorter.body = frame.body.substr(0, size);
            const auto packet = decode(shorter, sample.version);
            // A cut can leave another valid packet, say a shorter payload: it must encode to it.
            if (packet) {
                const auto again = encoded(*packet, sample.version);
                EXPECT_EQ(decoded(again, sample.version).value(), *packet) << sample.name;
            }
        }
    }
}

TEST(MqttRoundTrip, success_takes_four_bytes) {
    std::string out;
    append_success(PacketType::puback, 0x1234, out);
    EXPECT_EQ(out, "\x40\x02\x12\x34");
    EXPECT_EQ(out, encoded(Puback{0x1234, ReasonCode::success, {}}, Version::v5));
    out.clear();
    append_success(PacketType::pubrel, 1, out);
    EXPECT_EQ(out, encoded(Pubrel{1, ReasonCode::success, {}}, Version::v3_1_1));
}

}  // namespace
}  // namespace vigil::mqtt

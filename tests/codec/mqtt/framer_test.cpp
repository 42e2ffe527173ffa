#include "codec/mqtt/framer.hpp"

#include <gmock/gmock.h>

#include "codec/mqtt/samples.hpp"

namespace vigil::mqtt {
namespace {

using testing::ElementsAre;

// Fed in pieces, each of which is gone before the next comes.
std::vector<std::string> bodies(const std::vector<std::string>& pieces) {
    PacketFramer framer(variable_byte_integer_max);
    std::vector<std::string> out;
    for (const auto& piece : pieces) {
        const std::string alive = piece;
        framer.feed(alive);
        for (;;) {
            const auto frame = framer.next();
            if (!frame) return {"violation"};
            if (!*frame) break;
            out.emplace_back((*frame)->body);
        }
        framer.keep_rest();
    }
    return out;
}

std::string framed(std::string_view body) {
    std::string out = "\x30";
    append_variable_byte_integer(static_cast<std::uint32_t>(body.size()), out);
    return out.append(body);
}

TEST(PacketFramer, yields_the_same_packets_however_the_network_cuts_them) {
    const std::string large(200, 'x');
    const auto stream = framed("one") + framed("") + framed(large) + framed("last");
    for (std::size_t cut = 0; cut <= stream.size(); ++cut)
        EXPECT_THAT(bodies({stream.substr(0, cut), stream.substr(cut)}),
                    ElementsAre("one", "", large, "last"));
    std::vector<std::string> single_bytes;
    for (const char c : stream) single_bytes.emplace_back(1, c);
    EXPECT_THAT(bodies(single_bytes), ElementsAre("one", "", large, "last"));
}

TEST(PacketFramer, keeps_whole_packets_that_were_not_asked_for) {
    PacketFramer framer(1000);
    {
        const auto bytes = framed("one") + framed("two") + framed("three").substr(0, 3);
        framer.feed(bytes);
        EXPECT_EQ((*framer.next())->body, "one");
        framer.keep_rest();
    }
    EXPECT_TRUE(framer.has_unread());
    const auto rest = framed("three").substr(3);
    framer.feed(rest);
    EXPECT_EQ((*framer.next())->body, "two");
    EXPECT_EQ((*framer.next())->body, "three");
    EXPECT_FALSE(framer.next()->has_value());
    EXPECT_FALSE(framer.has_unread());
}

TEST(PacketFramer, refuses_a_packet_over_the_bound_before_it_arrives) {
    PacketFramer framer(100);
    framer.feed(std::string_view("\x30\xFF\x7F", 3));
    const auto frame = framer.next();
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, ReasonCode::packet_too_large);
}

TEST(PacketFramer, refuses_a_remaining_length_of_five_bytes) {
    for (const std::size_t cut : {1, 3, 5}) {
        const std::string bytes = "\x30\xFF\xFF\xFF\xFF\x01";
        PacketFramer framer(variable_byte_integer_max);
        framer.feed(std::string_view(bytes).substr(0, cut));
        auto frame = framer.next();
        if (frame) {
            framer.keep_rest();
            framer.feed(std::string_view(bytes).substr(cut));
            frame = framer.next();
        }
        ASSERT_FALSE(frame);
        EXPECT_EQ(frame.error().code, ReasonCode::malformed_packet);
    }
}

TEST(PacketFramer, marks_a_remaining_length_that_is_longer_than_needed) {
    PacketFramer framer(100);
    framer.feed(std::string_view("\xC0\x80\x00", 3));
    const auto frame = framer.next();
    ASSERT_TRUE(frame && *frame);
    EXPECT_TRUE((*frame)->overlong_length);
    EXPECT_FALSE(decode(**frame, Version::v5));
    EXPECT_TRUE(decode(**frame, Version::v3_1_1));
}

}  // namespace
}  // namespace vigil::mqtt

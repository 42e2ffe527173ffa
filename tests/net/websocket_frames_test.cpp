#include "net/websocket_frames.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace vigil::net {
namespace {

using Kind = WebSocketReader::Kind;
using testing::ElementsAre;
using namespace std::string_literals;

constexpr MaskingKey key{0x37, 0xFA, 0x21, 0x3D};

// What a stream says, told in words: "text Hello", "ping x", "close 1000", "broken 1002".
std::vector<std::string> told(const std::vector<std::string_view>& parts,
                              WebSocketReader::Role role = WebSocketReader::Role::server) {
    std::vector<std::string> said;
    WebSocketReader reader(role);
    std::string data;
    for (auto bytes : parts) {
        for (;;) {
            const auto event = reader.next(bytes, data);
            if (event.kind == Kind::more) break;
            if (event.kind == Kind::data && event.message_complete)
                said.push_back((event.text ? "text " : "binary ") + std::exchange(data, {}));
            if (event.kind == Kind::ping) said.push_back("ping " + std::string(reader.control()));
            if (event.kind == Kind::pong) said.push_back("pong " + std::string(reader.control()));
            if (event.kind == Kind::close)
                said.push_back("close " + std::to_string(reader.peer_close_code().value_or(0)));
            if (event.kind == Kind::broken) {
                said.push_back("broken " + std::to_string(reader.broken_code()));
                return said;
            }
        }
    }
    return said;
}

std::string frame(WebSocketOpcode opcode, std::string_view payload) {
    std::string out;
    write_frame(out, opcode, payload, key);
    return out;
}

TEST(WebSocketFrames, writes_the_examples_of_rfc_6455_5_7) {
    std::string out;
    write_frame(out, WebSocketOpcode::text, "Hello");
    EXPECT_EQ(out, "\x81\x05Hello");
    EXPECT_EQ(frame(WebSocketOpcode::text, "Hello"),
              "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    out.clear();
    write_frame(out, WebSocketOpcode::binary, std::string(256, 'x'));
    EXPECT_EQ(out.substr(0, 4), "\x82\x7E\x01\x00"s);
    out.clear();
    write_frame(out, WebSocketOpcode::binary, std::string(65536, 'x'));
    EXPECT_EQ(out.substr(0, 10), "\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00"s);
}

TEST(WebSocketFrames, reads_the_same_however_the_network_cuts_the_stream) {
    const std::string first_part = "\x01\x83\x37\xfa\x21\x3d\x7f\x9f\x4d"s;  // "Hel", not final
    const std::string last_part = "\x80\x82\x37\xfa\x21\x3d\x5b\x95"s;       // "lo"
    const std::string stream = first_part + frame(WebSocketOpcode::ping, "p") + last_part +
                               frame(WebSocketOpcode::binary, std::string(300, 'b')) +
                               frame(WebSocketOpcode::text, "") +
                               frame(WebSocketOpcode::close,
                                     "\x03\xE8"
                                     "bye");
    for (std::size_t cut = 0; cut <= stream.size(); ++cut)
        ASSERT_THAT(
            told({std::string_view(stream).substr(0, cut), std::string_view(stream).substr(cut)}),
            ElementsAre("ping p", "text Hello", "binary " + std::string(300, 'b'), "text ",
                        "close 1000"))
            << "cut at " << cut;
}

TEST(WebSocketFrames, a_client_reads_unmasked_frames_only) {
    const auto client = WebSocketReader::Role::client;
    EXPECT_THAT(told({"\x81\x05Hello"}, client), ElementsAre("text Hello"));
    EXPECT_THAT(told({frame(WebSocketOpcode::text, "Hello")}, client), ElementsAre("broken 1002"));
}

TEST(WebSocketFrames, breaks_off_what_rfc_6455_forbids) {
    const auto mask = "\x00\x00\x00\x00"s;
    struct Case {
        const char* name;
        std::string stream;
        const char* code;
    };
    const Case cases[] = {
        {"unmasked", "\x81\x05Hello", "broken 1002"},
        {"reserved bit", "\xC1\x80"s + mask, "broken 1002"},
        {"unknown opcode 3", "\x83\x80"s + mask, "broken 1002"},
        {"unknown opcode 11", "\x8B\x80"s + mask, "broken 1002"},
        {"fragmented ping", "\x09\x80"s + mask, "broken 1002"},
        {"long ping", "\x89\xFE\x00\x7E"s + mask, "broken 1002"},
        {"continuation of nothing", "\x80\x80"s + mask, "broken 1002"},
        {"text inside a message", "\x01\x80"s + mask + "\x81\x80"s + mask, "broken 1002"},
        {"length longer than needed", "\x82\xFE\x00\x05"s + mask, "broken 1002"},
        {"64 bit length longer than needed", "\x82\xFF\x00\x00\x00\x00\x00\x00\xFF\xFF"s + mask,
         "broken 1002"},
        {"length above 2^63", "\x82\xFF\x80\x00\x00\x00\x00\x00\x00\x00"s + mask, "broken 1002"},
        {"close with one byte", "\x88\x81"s + mask + "x", "broken 1002"},
        {"close 1005", "\x88\x82"s + mask + "\x03\xED", "broken 1002"},
        {"close 999", "\x88\x82"s + mask + "\x03\xE7", "broken 1002"},
        {"close with a reason that is no UTF-8", "\x88\x83"s + mask + "\x03\xE8\xFF",
         "broken 1007"},
    };
    for (const auto& [name, stream, code] : cases) {
        const auto said = told({stream});
        ASSERT_FALSE(said.empty()) << name;
        EXPECT_EQ(said.back(), code) << name;
    }
}

TEST(WebSocketFrames, a_claimed_length_alone_takes_no_memory) {
    WebSocketReader reader(WebSocketReader::Role::server);
    std::string data;
    std::string_view bytes("\x82\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00\x00\x00\x00xyz", 17);
    EXPECT_EQ(reader.next(bytes, data).kind, Kind::data);
    EXPECT_EQ(data, "xyz");
    EXPECT_LT(data.capacity(), 100U);
}

}  // namespace
}  // namespace vigil::net

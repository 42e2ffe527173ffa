#include "net/websocket_session.hpp"

#include <gmock/gmock.h>

#include "net/http_server.hpp"
#include "net/raw_client.hpp"

namespace vigil::net {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

constexpr MaskingKey key{1, 2, 3, 4};

struct EchoMessages final : session::MessageSession {
    void on_open(Timestamp, session::Waker, session::MessageActions& out) override {
        out.send.push_back({.text = true, .payload = "welcome"});
    }
    void on_message(Timestamp, session::Frame message, session::MessageActions& out) override {
        if (message.payload == "quit") out.close = 4001;
        out.send.push_back(std::move(message));
    }
    void on_timer(Timestamp, session::MessageActions&) override {}
    void on_wake(Timestamp, session::MessageActions&) override {}
    void on_drained(Timestamp, session::MessageActions&) override {}
    void on_closed(Timestamp) override {}
};

struct EchoBytes final : session::ByteSession {
    void on_open(Timestamp, session::Waker, session::Actions&) override {}
    void on_bytes(Timestamp, std::string_view bytes, session::Actions& out) override {
        out.send += bytes;
    }
    void on_timer(Timestamp, session::Actions&) override {}
    void on_wake(Timestamp, session::Actions&) override {}
    void on_drained(Timestamp, session::Actions&) override {}
    void on_closed(Timestamp) override {}
};

struct Handler final : session::HttpHandler {
    void handle(session::HttpRequest, session::HttpRespond respond) override { respond({}); }
    session::Upgrade upgrade(const session::HttpRequest& request) override {
        session::Upgrade chosen;
        if (request.path == "/live") chosen.messages = std::make_unique<EchoMessages>();
        if (request.path == "/mqtt") {
            chosen.bytes = std::make_unique<EchoBytes>();
            chosen.subprotocol = "mqtt";
        }
        if (request.path == "/private") chosen.refusal = session::HttpResponse{.status = 401};
        return chosen;
    }
};

struct WebSocketTest : testing::Test {
    void SetUp() override {
        options.websocket.message_bytes_max = 1000;
        listener = std::move(
            *listen_http(loop, {.endpoint = *Endpoint::parse("127.0.0.1:0")}, options, handler));
    }
    static std::string upgrade(std::string_view path) {
        return "GET " + std::string(path) +
               " HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    }
    static std::string frame(WebSocketOpcode opcode, std::string_view payload) {
        std::string out;
        write_frame(out, opcode, payload, key);
        return out;
    }
    Loop loop;
    HttpOptions options;
    Handler handler;
    std::unique_ptr<Listener> listener;
};

TEST_F(WebSocketTest, upgrades_and_carries_messages) {
    RawClient client(loop, listener->endpoint());
    client.send(upgrade("/live"));
    EXPECT_TRUE(client.receives("\r\n\r\n\x81\x07welcome"));
    // RFC 6455 1.3's example
    EXPECT_THAT(client.received, HasSubstr("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    client.send(frame(WebSocketOpcode::text, "hé"));
    EXPECT_TRUE(client.receives("\x81\x03hé"));
    client.send(frame(WebSocketOpcode::ping, "?"));
    EXPECT_TRUE(client.receives("\x8A\x01?"));
    client.send(frame(WebSocketOpcode::text, "quit"));
    EXPECT_TRUE(client.receives("\x81\x04quit\x88\x02\x0F\xA1"));
    EXPECT_TRUE(client.is_closed());
}

TEST_F(WebSocketTest, a_first_message_may_come_with_the_upgrade) {
    RawClient client(loop, listener->endpoint());
    client.send(upgrade("/mqtt") + frame(WebSocketOpcode::binary, "CONNECT"));
    EXPECT_TRUE(
        client.receives("\x82\x07"
                        "CONNECT"));
    EXPECT_THAT(client.received, HasSubstr("sec-websocket-protocol: mqtt\r\n"));
}

TEST_F(WebSocketTest, a_byte_stream_takes_binary_frames_only) {
    RawClient client(loop, listener->endpoint());
    client.send(upgrade("/mqtt") + frame(WebSocketOpcode::text, "CONNECT"));
    EXPECT_TRUE(client.receives("\x88\x02\x03\xEB"));  // 1003
}

TEST_F(WebSocketTest, answers_bad_messages_with_their_close_code) {
    const std::pair<std::string, std::string> cases[] = {
        {frame(WebSocketOpcode::text, "\xFF\xFE"), "\x88\x02\x03\xEF"},                // 1007
        {frame(WebSocketOpcode::binary, std::string(1001, 'x')), "\x88\x02\x03\xF1"},  // 1009
        {"\x81\x05Hello", "\x88\x02\x03\xEA"},                                         // 1002
        {frame(WebSocketOpcode::close, "\x03\xE8"), "\x88\x02\x03\xE8"}};              // 1000
    for (const auto& [sent, answer] : cases) {
        RawClient client(loop, listener->endpoint());
        client.send(upgrade("/live") + sent);
        EXPECT_TRUE(client.receives(answer));
        EXPECT_TRUE(client.is_closed());
    }
}

TEST_F(WebSocketTest, refuses_what_is_no_handshake) {
    const auto without = [](std::string_view line) {
        auto text = upgrade("/live");
        const auto at = text.find(line);
        return text.erase(at, text.find("\r\n", at) + 2 - at);
    };
    const std::pair<std::string, std::string> cases[] = {
        {upgrade("/private"), "HTTP/1.1 401 "},
        {upgrade("/nothing"), "HTTP/1.1 404 "},
        {without("Sec-WebSocket-Key"), "HTTP/1.1 400 "},
        {without("Sec-WebSocket-Version"), "HTTP/1.1 426 "},
        {without("Connection"), "HTTP/1.1 200 "}};
    for (const auto& [request, answer] : cases) {
        RawClient client(loop, listener->endpoint());
        client.send(request);
        EXPECT_TRUE(client.receives(answer)) << request;
    }
}

TEST_F(WebSocketTest, says_going_away_when_the_server_stops) {
    RawClient client(loop, listener->endpoint());
    client.send(upgrade("/live"));
    EXPECT_TRUE(client.receives("welcome"));
    listener->stop();
    EXPECT_TRUE(client.receives("\x88\x02\x03\xE9"));  // 1001
    EXPECT_TRUE(client.is_closed());
}

// The session on its own: time is a value.
TEST(WebSocketSession, pings_a_silent_peer_and_gives_it_up_after_two) {
    const WebSocketLimits limits;
    const auto websocket =
        make_websocket_session({.messages = std::make_unique<EchoMessages>()}, limits);
    session::Actions out;
    Timestamp now = from_unix_ns(0);
    websocket->on_open(now, [] {}, out);
    ASSERT_EQ(out.wake_at, now + limits.ping_interval);

    now += limits.ping_interval;
    out.clear();
    websocket->on_timer(now, out);
    EXPECT_EQ(out.send, "\x89\x00"s);
    ASSERT_EQ(out.wake_at, now + limits.ping_interval);

    now += limits.ping_interval;
    out.clear();
    websocket->on_timer(now, out);
    EXPECT_EQ(out.send, "\x88\x02\x03\xE9");
    EXPECT_TRUE(out.close);
}

}  // namespace
}  // namespace vigil::net

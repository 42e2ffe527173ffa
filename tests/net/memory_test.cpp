// What a connection costs while nothing happens: the promise of docs/decisions/0004-net-driver.md.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/epoll.h>

#include <vector>

#include "net/certificates.hpp"
#include "net/listener.hpp"
#include "net/raw_client.hpp"

namespace vigil::net {
namespace {

struct Idle final : session::ByteSession {
    void on_open(Timestamp now, session::Waker wake, session::Actions& out) override {
        wake_ = std::move(wake);
        out.wake_at = now + std::chrono::minutes(1);
    }
    void on_bytes(Timestamp, std::string_view bytes, session::Actions& out) override {
        out.send = bytes;
    }
    void on_timer(Timestamp, session::Actions&) override {}
    void on_wake(Timestamp, session::Actions&) override {}
    void on_drained(Timestamp, session::Actions&) override {}
    void on_closed(Timestamp) override {}

private:
    session::Waker wake_;
};

std::size_t allocated() {
    return ::mallinfo2().uordblks;
}

constexpr std::size_t connections = 100;
const std::string message(5000, 'x');

TEST(ConnectionMemory, an_idle_plain_connection_is_small) {
    Loop loop;
    auto listener = *listen(loop, {.endpoint = *Endpoint::parse("127.0.0.1:0")},
                            [](const session::Peer&) { return std::make_unique<Idle>(); });
    std::vector<std::unique_ptr<RawClient>> clients;
    const auto open = [&](std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            clients.push_back(std::make_unique<RawClient>(loop, listener->endpoint()));
            clients.back()->send(message);
            ASSERT_TRUE(clients.back()->receives_bytes(message.size()));
            clients.back()->received.clear();
            clients.back()->received.shrink_to_fit();
        }
    };
    open(10);  // what the loop itself needs
    const auto before = allocated();
    open(connections);
    const auto own = sizeof(RawClient) + 16;
    const auto each = (allocated() - before) / connections - own;
    fmt::print("an idle plain connection: {} bytes with its session\n", each);
    EXPECT_LT(each, 1024U);
}

// A TLS client whose memory can be told apart: its stream is dropped, its socket stays open.
struct TlsRawClient {
    TlsRawClient(Loop& loop, const Endpoint& server, const TlsClient& tls)
        : socket(loop, server), stream(*tls.stream("localhost")) {
        std::string cipher, plain;
        (void)stream->start(cipher);
        bool sent = false;
        while (plain.size() < message.size()) {
            if (!cipher.empty()) socket.send(std::exchange(cipher, {}));
            if (stream->established() && !std::exchange(sent, true))
                (void)stream->send(message, cipher);
            else if (!socket.receives_bytes(1))
                return;
            (void)stream->receive(std::exchange(socket.received, {}), plain, cipher);
        }
        answered = true;
    }
    RawClient socket;
    std::unique_ptr<TlsStream> stream;
    bool answered = false;
};

TEST(ConnectionMemory, an_idle_tls_connection_with_a_client_certificate_is_bounded) {
    const auto authority = make_certificate("Test CA");
    const auto server = make_certificate("vigil", &authority, "DNS:localhost");
    const auto device = make_certificate("device-7", &authority);
    const auto client = *TlsClient::make({.ca_pem = authority.certificate_pem,
                                          .certificate_pem = device.certificate_pem,
                                          .key_pem = device.key_pem});
    Loop loop;
    auto listener = *listen(loop,
                            {.endpoint = *Endpoint::parse("127.0.0.1:0"),
                             .tls = *TlsServer::make({.certificate_pem = server.certificate_pem,
                                                      .key_pem = server.key_pem,
                                                      .client_ca_pem = authority.certificate_pem})},
                            [](const session::Peer&) { return std::make_unique<Idle>(); });
    std::vector<std::unique_ptr<TlsRawClient>> clients;
    const auto open = [&](std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            clients.push_back(std::make_unique<TlsRawClient>(loop, listener->endpoint(), *client));
            ASSERT_TRUE(clients.back()->answered);
        }
        for (auto& one : clients) one->stream.reset();
    };
    open(10);
    const auto before = allocated();
    open(connections);
    const auto own = sizeof(TlsRawClient) + 16;
    const auto each = (allocated() - before) / connections - own;
    fmt::print("an idle TLS connection: {} bytes with its session\n", each);
    EXPECT_LT(each, 32U * 1024);
}

}  // namespace
}  // namespace vigil::net

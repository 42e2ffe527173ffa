// What the network costs the server: CPU of the loop's thread for one read of 16 messages and the
// one write that acknowledges them, over 50 connections.
#include <benchmark/benchmark.h>
#include <pthread.h>
#include <sys/socket.h>

#include <ctime>
#include <thread>
#include <vector>

#include "../tests/net/certificates.hpp"
#include "net/listener.hpp"

namespace {

using namespace vigil;
using namespace vigil::net;

constexpr std::size_t connections = 50;
constexpr std::size_t messages_per_write = 16;
constexpr std::size_t message_bytes = 116;
constexpr std::size_t acknowledgement_bytes = 4;

struct Acknowledge final : session::ByteSession {
    void on_open(Timestamp, session::Waker, session::Actions&) override {}
    void on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) override {
        out.wake_at = now + std::chrono::minutes(1);
        for (pending += bytes.size(); pending >= message_bytes; pending -= message_bytes)
            out.send.append(acknowledgement_bytes, 'a');
    }
    void on_timer(Timestamp, session::Actions&) override {}
    void on_wake(Timestamp, session::Actions&) override {}
    void on_drained(Timestamp, session::Actions&) override {}
    void on_closed(Timestamp) override {}
    std::size_t pending = 0;
};

// A blocking client, over TLS if it has a stream.
struct BlockingClient {
    Descriptor socket;
    std::unique_ptr<TlsStream> tls;
    std::string plain, cipher;

    BlockingClient(const Endpoint& server, const TlsClient* client)
        : socket(::socket(server.family(), SOCK_STREAM, 0)) {
        ::connect(socket.get(), server.data(), server.size());
        if (client == nullptr) return;
        tls = std::move(*client->stream("localhost"));
        (void)tls->start(cipher);
        put();
        while (!tls->established()) take();
    }
    void put() {
        if (!cipher.empty()) (void)::send(socket.get(), cipher.data(), cipher.size(), 0);
        cipher.clear();
    }
    void take() {
        char bytes[16384];
        const auto count = ::recv(socket.get(), bytes, sizeof bytes, 0);
        if (count <= 0) std::abort();
        const std::string_view got(bytes, static_cast<std::size_t>(count));
        if (tls)
            (void)tls->receive(got, plain, cipher);
        else
            plain += got;
        put();
    }
    void send(std::string_view bytes) {
        if (tls)
            (void)tls->send(bytes, cipher);
        else
            cipher = bytes;
        put();
    }
    void expect(std::size_t count) {
        while (plain.size() < count) take();
        plain.clear();
    }
};

std::int64_t cpu_ns(clockid_t clock) {
    timespec t{};
    ::clock_gettime(clock, &t);
    return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

void turns(benchmark::State& state, const std::shared_ptr<TlsServer>& server,
           const TlsClient* client) {
    Loop loop;
    auto listener = *listen(loop, {.endpoint = *Endpoint::parse("127.0.0.1:0"), .tls = server},
                            [](const session::Peer&) { return std::make_unique<Acknowledge>(); });
    std::thread thread([&] { loop.run(); });
    clockid_t clock{};
    ::pthread_getcpuclockid(thread.native_handle(), &clock);
    {
        std::vector<BlockingClient> clients;
        for (std::size_t i = 0; i < connections; ++i)
            clients.emplace_back(listener->endpoint(), client);
        const std::string burst(messages_per_write * message_bytes, 'm');
        const auto began = cpu_ns(clock);
        for (auto _ : state) {
            for (auto& one : clients) one.send(burst);
            for (auto& one : clients) one.expect(messages_per_write * acknowledgement_bytes);
        }
        const auto turns = static_cast<double>(state.iterations()) * connections;
        const auto per_turn = static_cast<double>(cpu_ns(clock) - began) / turns;
        state.counters["server_ns_per_turn"] = per_turn;
        state.counters["server_ns_per_message"] = per_turn / messages_per_write;
    }
    loop.stop();
    thread.join();
}

void plain_turns(benchmark::State& state) {
    turns(state, nullptr, nullptr);
}
BENCHMARK(plain_turns)->UseRealTime();

void tls_turns(benchmark::State& state) {
    const auto authority = make_certificate("Bench CA");
    const auto own = make_certificate("vigil", &authority, "DNS:localhost");
    const auto client = *TlsClient::make({.ca_pem = authority.certificate_pem});
    turns(state, *TlsServer::make({.certificate_pem = own.certificate_pem, .key_pem = own.key_pem}),
          client.get());
}
BENCHMARK(tls_turns)->UseRealTime();

}  // namespace

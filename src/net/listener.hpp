#pragma once
// Accepts connections for one kind of conversation.

#include <memory>
#include <string>
#include <unordered_map>

#include "net/connection.hpp"
#include "net/endpoint.hpp"
#include "net/loop.hpp"
#include "net/tls.hpp"

namespace vigil::net {

struct ListenOptions {
    Endpoint endpoint;                    // port 0: a free one is chosen
    std::shared_ptr<TlsServer> tls = {};  // none: plain
    std::size_t connections_max = 20'000;
    std::size_t connections_per_address_max = 20'000;
    ConnectionLimits limits = {};
};

class Listener final : public ConnectionOwner {
public:
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    const Endpoint& endpoint() const { return endpoint_; }  // as bound

    // Graceful end: accepts no more and asks every conversation to come to an end; `done` is called
    // when the last is gone. cut() ends what is left.
    void stop(std::function<void()> done = {});
    void cut();

    struct Counts {
        std::size_t open = 0;
        std::uint64_t accepted = 0;
        std::uint64_t refused = 0;     // over a limit
        std::uint64_t tls_failed = 0;  // no handshake, or a broken record
    };
    const Counts& counts() const { return counts_; }

    void on_released(Connection& connection) override;
    void on_failed(const Error&) override { ++counts_.tls_failed; }

private:
    friend Result<std::unique_ptr<Listener>> listen(Loop&, ListenOptions, SessionFactory);
    class Acceptor;
    Listener(Loop& loop, ListenOptions options, SessionFactory factory)
        : loop_(loop), options_(std::move(options)), factory_(std::move(factory)) {}
    Result<void> bind();
    void accept_ready();
    bool accept_one();
    void accept(Descriptor socket, const Endpoint& peer);
    bool within_limits(const std::string& host);
    void report_if_done();

    Loop& loop_;
    ListenOptions options_;
    SessionFactory factory_;
    Endpoint endpoint_;
    Descriptor spare_;  // given up for a moment when no descriptor is left, to refuse with
    std::unique_ptr<Watcher> acceptor_;
    int listening_fd_ = -1;
    Connections connections_;
    std::unordered_map<std::string, std::size_t> per_address_;
    Counts counts_;
    std::function<void()> done_;
};

// The listener must not outlive the loop; destroying it cuts its connections.
Result<std::unique_ptr<Listener>> listen(Loop& loop, ListenOptions options, SessionFactory factory);

}  // namespace vigil::net

#pragma once
// An outbound connection: the same driver as a listener's, for the simulator, the uplink, the
// command line and tests.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/connection.hpp"
#include "net/tls.hpp"

namespace vigil::net {

struct ConnectOptions {
    Endpoint endpoint;
    std::shared_ptr<TlsClient> tls = {};  // none: plain
    std::string host = {};                // what the server's certificate must name
    ConnectionLimits limits = {};
    std::function<void()> ended = {};  // once it is gone, from the loop
};

// Owns its connection; destroying it cuts it. Not to be destroyed by its own session's calls (post
// that), and not to outlive the loop.
class Client final : public ConnectionOwner {
public:
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void stop();  // asks the session to come to an end
    void cut();
    bool ended() const { return connection_ == nullptr; }

    // See Connection: known once it has ended.
    bool ended_in_order() const { return ended_in_order_; }
    // Why it could not be made, or broke.
    const std::optional<Error>& failure() const { return failure_; }

    void on_released(Connection& connection) override;
    void on_failed(const Error& error) override { failure_ = error; }

private:
    friend Result<std::unique_ptr<Client>> connect(Loop&, ConnectOptions,
                                                   std::unique_ptr<session::ByteSession>);
    Client(Loop& loop, ConnectOptions options, std::unique_ptr<session::ByteSession> session);

    Loop& loop_;
    ConnectOptions options_;
    std::unique_ptr<session::ByteSession> session_;  // until it is open
    SessionFactory factory_;
    std::unique_ptr<Connection> connection_;
    std::optional<Error> failure_;
    bool ended_in_order_ = false;
};

// Returns at once. The session is opened when the connection stands (over TLS: after the
// handshake), and told on_closed in any case, also if it never was opened.
Result<std::unique_ptr<Client>> connect(Loop& loop, ConnectOptions options,
                                        std::unique_ptr<session::ByteSession> session);

}  // namespace vigil::net

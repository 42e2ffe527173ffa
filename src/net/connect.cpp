#include "net/connect.hpp"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace vigil::net {

Client::Client(Loop& loop, ConnectOptions options, std::unique_ptr<session::ByteSession> session)
    : loop_(loop),
      options_(std::move(options)),
      session_(std::move(session)),
      factory_([this](const session::Peer&) { return std::move(session_); }) {}

Client::~Client() {
    cut();
}

void Client::stop() {
    if (connection_) connection_->stop();
}

void Client::cut() {
    if (connection_) connection_->cut();
}

void Client::on_released(Connection& connection) {
    ended_in_order_ = connection.ended_in_order();
    loop_.bury(std::move(connection_));
    if (const auto never_opened = std::move(session_)) never_opened->on_closed(loop_.now());
    if (options_.ended) loop_.post(options_.ended);
}

Result<std::unique_ptr<Client>> connect(Loop& loop, ConnectOptions options,
                                        std::unique_ptr<session::ByteSession> session) {
    const auto endpoint = options.endpoint;
    Descriptor socket(::socket(endpoint.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int yes = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (!socket ||
        (::connect(socket.get(), endpoint.data(), endpoint.size()) != 0 && errno != EINPROGRESS))
        return fail(Error::Kind::busy, fmt::format("cannot connect to {}: {}", endpoint.to_string(),
                                                   std::generic_category().message(errno)));
    std::unique_ptr<TlsStream> tls;
    if (options.tls) {
        VIGIL_TRY(stream, options.tls->stream(options.host));
        tls = std::move(stream);
    }
    std::unique_ptr<Client> client(new Client(loop, std::move(options), std::move(session)));
    client->connection_ =
        std::make_unique<Connection>(loop, *client, client->options_.limits, client->factory_,
                                     std::move(socket), endpoint, std::move(tls));
    client->connection_->connecting();
    return client;
}

}  // namespace vigil::net

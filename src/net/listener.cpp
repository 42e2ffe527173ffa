#include "net/listener.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace vigil::net {
namespace {

// Others have their turn after so many, however many wait.
constexpr int accepts_per_turn_max = 64;
constexpr int backlog = 1024;
constexpr unsigned unacknowledged_ms_max = 60'000;

}  // namespace

class Listener::Acceptor final : public Watcher {
public:
    Acceptor(Listener& listener, Descriptor socket)
        : listener_(listener), socket_(std::move(socket)) {}
    void on_ready(std::uint32_t) override {
        if (socket_) listener_.accept_ready();
    }
    void close() { socket_.reset(); }

private:
    Listener& listener_;
    Descriptor socket_;
};

Result<std::unique_ptr<Listener>> listen(Loop& loop, ListenOptions options,
                                         SessionFactory factory) {
    std::unique_ptr<Listener> listener(new Listener(loop, std::move(options), std::move(factory)));
    VIGIL_CHECK(listener->bind());
    return listener;
}

Result<void> Listener::bind() {
    const auto& wanted = options_.endpoint;
    const auto bad = [&](const char* step) {
        const auto kind = errno == EADDRINUSE ? Error::Kind::conflict : Error::Kind::internal;
        return fail(kind, fmt::format("cannot listen on {}: {} ({})", wanted.to_string(),
                                      std::generic_category().message(errno), step));
    };
    Descriptor socket(::socket(wanted.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return bad("socket");
    const int yes = 1, no = 0;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    // "*" means IPv4 too, whatever the machine's default is.
    if (wanted.any()) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    if (::bind(socket.get(), wanted.data(), wanted.size()) != 0) return bad("bind");
    if (::listen(socket.get(), backlog) != 0) return bad("listen");
    socklen_t size = Endpoint::capacity;
    if (::getsockname(socket.get(), endpoint_.data(), &size) != 0) return bad("getsockname");
    endpoint_.resize(size);
    spare_ = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    listening_fd_ = socket.get();
    acceptor_ = std::make_unique<Acceptor>(*this, std::move(socket));
    loop_.watch(*acceptor_, listening_fd_, EPOLLIN);
    return {};
}

Listener::~Listener() {
    done_ = nullptr;
    stop();
    cut();
}

void Listener::stop(std::function<void()> done) {
    done_ = std::move(done);
    if (acceptor_) {
        static_cast<Acceptor&>(*acceptor_).close();
        loop_.bury(std::move(acceptor_));
    }
    for (auto next = connections_.begin(); next != connections_.end();) (*next++)->stop();
    report_if_done();
}

void Listener::cut() {
    while (!connections_.empty()) connections_.front()->cut();
}

void Listener::accept_ready() {
    for (int i = 0; i < accepts_per_turn_max; ++i)
        if (!accept_one()) return;
}

bool Listener::accept_one() {
    Endpoint peer;
    socklen_t size = Endpoint::capacity;
    Descriptor socket(::accept4(listening_fd_, peer.data(), &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket && (errno == EMFILE || errno == ENFILE)) {
        // Take the connection off the queue all the same, or it would be reported for ever.
        spare_.reset();
        Descriptor refused(::accept4(listening_fd_, nullptr, nullptr, SOCK_CLOEXEC));
        ++counts_.refused;
        refused.reset();
        spare_ = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        return false;
    }
    if (!socket) return errno == ECONNABORTED || errno == EINTR;
    peer.resize(size);
    accept(std::move(socket), peer);
    return acceptor_ != nullptr;
}

void Listener::accept(Descriptor socket, const Endpoint& peer) {
    if (!within_limits(peer.host())) {
        ++counts_.refused;
        return;
    }
    std::unique_ptr<TlsStream> tls;
    if (options_.tls) tls = options_.tls->stream();
    const int yes = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    // What was sent to a peer that is gone without a word: the kernel would try for a quarter hour.
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms_max,
                 sizeof unacknowledged_ms_max);
    connections_.push_front(std::make_unique<Connection>(loop_, *this, options_.limits, factory_,
                                                         std::move(socket), peer, std::move(tls)));
    connections_.front()->place = connections_.begin();
    ++per_address_[peer.host()];
    ++counts_.accepted;
    ++counts_.open;
    connections_.front()->accepted();
}

bool Listener::within_limits(const std::string& host) {
    if (counts_.open >= options_.connections_max) return false;
    const auto found = per_address_.find(host);
    return found == per_address_.end() || found->second < options_.connections_per_address_max;
}

void Listener::on_released(Connection& connection) {
    const auto place = connection.place;
    const auto found = per_address_.find(connection.peer().host());
    if (found != per_address_.end() && --found->second == 0) per_address_.erase(found);
    --counts_.open;
    loop_.bury(std::move(*place));
    connections_.erase(place);
    report_if_done();
}

void Listener::report_if_done() {
    if (!connections_.empty() || acceptor_ || !done_) return;
    loop_.post(std::exchange(done_, nullptr));
}

}  // namespace vigil::net

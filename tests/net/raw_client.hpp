#pragma once
// A client that sends and takes bytes exactly as a test says, on the thread that turns the loop.

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "net/descriptor.hpp"
#include "net/endpoint.hpp"
#include "net/loop.hpp"

namespace vigil::net {

class RawClient final : public Watcher {
public:
    RawClient(Loop& loop, const Endpoint& server) : loop_(loop) {
        socket_ =
            Descriptor(::socket(server.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        ::connect(socket_.get(), server.data(), server.size());
        loop_.watch(*this, socket_.get(), EPOLLIN);
    }

    // What does not fit the socket's buffer is sent while the loop turns.
    void send(std::string_view bytes) {
        to_send_ = bytes;
        loop_.watch_again(*this, socket_.get(), taking_ ? EPOLLIN | EPOLLOUT : EPOLLOUT);
        until([&] { return to_send_.empty() || closed; });
    }
    // Turns the loop until what was received contains `text`.
    bool receives(std::string_view text) {
        return until([&] { return received.find(text) != std::string::npos; });
    }
    bool receives_bytes(std::size_t count) {
        return until([&] { return received.size() >= count; });
    }
    // Turns the loop until the server has closed.
    bool is_closed() {
        return until([&] { return closed; });
    }
    bool until(const std::function<bool()>& done) { return loop_.run_until(done, patience); }

    // A slow client: leaves what is sent to it in the socket.
    void take(bool yes) {
        taking_ = yes;
        loop_.watch_again(*this, socket_.get(), yes ? EPOLLIN : 0U);
    }
    void half_close() { ::shutdown(socket_.get(), SHUT_WR); }
    void reset() {
        const linger hard{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        socket_.reset();
    }
    void close() { socket_.reset(); }

    void on_ready(std::uint32_t events) override {
        if ((events & EPOLLOUT) != 0 && !to_send_.empty()) {
            const auto count =
                ::send(socket_.get(), to_send_.data(), to_send_.size(), MSG_NOSIGNAL);
            if (count > 0) to_send_.remove_prefix(static_cast<std::size_t>(count));
            if (count < 0 && errno != EAGAIN) end();
            if (to_send_.empty() && !closed)
                loop_.watch_again(*this, socket_.get(), taking_ ? EPOLLIN : 0U);
        }
        if ((events & ~std::uint32_t{EPOLLOUT}) != 0) receive();
    }

    std::string received;
    bool closed = false;

    static constexpr Nanoseconds patience = std::chrono::seconds(60);

private:
    void receive() {
        char bytes[65536];
        const auto count = ::recv(socket_.get(), bytes, sizeof bytes, 0);
        if (count > 0) received.append(bytes, static_cast<std::size_t>(count));
        if (count == 0 || (count < 0 && errno != EAGAIN)) end();
    }
    void end() {
        closed = true;
        loop_.unwatch(socket_.get());
    }

    Loop& loop_;
    Descriptor socket_;
    std::string_view to_send_;
    bool taking_ = true;
};

}  // namespace vigil::net

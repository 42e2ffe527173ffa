#pragma once
// Drives one byte session over one socket, plain or TLS. An idle connection owns no buffer: reads
// go through the loop's, and only what a socket did not take at once is kept here.

#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "net/descriptor.hpp"
#include "net/endpoint.hpp"
#include "net/loop.hpp"
#include "net/tls_stream.hpp"
#include "session/session.hpp"

namespace vigil::net {

class Connection;
using Connections = std::list<std::unique_ptr<Connection>>;

// Makes the session once the other end is known: at once on a plain connection, after the handshake
// over TLS. Nothing: the connection is refused.
using SessionFactory = std::function<std::unique_ptr<session::ByteSession>(session::Peer)>;

struct ConnectionLimits {
    Nanoseconds handshake_time_max = std::chrono::seconds(10);
    // Until the first byte of the conversation; after that its session keeps the time.
    Nanoseconds first_byte_time_max = std::chrono::seconds(20);
    // How long the other end may take to close after we did.
    Nanoseconds linger_time_max = std::chrono::seconds(2);
    // More than this untaken by the other end: the connection is cut.
    std::size_t send_queue_bytes_max = 8 * 1024 * 1024;
};

// What lives longer than its connections and is told when one is gone.
class ConnectionOwner {
public:
    virtual void on_released(Connection& connection) = 0;
    // Why a connection could not be made or its TLS was refused; on_released follows.
    virtual void on_failed([[maybe_unused]] const Error& error) {}

protected:
    ~ConnectionOwner() = default;
};

class Connection final : public Watcher, public Deadline, public Wakeable {
public:
    Connection(Loop& loop, ConnectionOwner& owner, const ConnectionLimits& limits,
               const SessionFactory& factory, Descriptor socket, const Endpoint& peer,
               std::unique_ptr<TlsStream> tls);
    ~Connection() override;

    void accepted();    // by a listener: begin
    void connecting();  // to a peer: begin once the socket is connected
    void stop();        // ask the session to come to an end
    void cut();         // now
    const Endpoint& peer() const { return peer_; }
    // We closed first, and then the other end did, and did not reset the connection, as it would
    // with something unread: it has read all that it was sent.
    bool ended_in_order() const { return ended_in_order_; }

    void on_ready(std::uint32_t epoll_events) override;
    void on_deadline() override;
    void on_turn_end(bool woken) override;

    Connections::iterator place;  // the owner's

private:
    enum class State : std::uint8_t { connecting, handshake, open, lingering, released };
    void begin();
    void fail_with(const Error& error);
    void open();
    void receive(std::uint32_t epoll_events);
    void receive_tls(std::string_view bytes);
    void deliver(std::string_view bytes);
    void discard();
    void end_of_stream();
    void apply(session::Actions& actions);
    void send(std::string_view plain);
    void transmit(std::string_view bytes);
    bool flush();
    void finish_if_flushed();
    void end_session();
    void release();
    bool wants_reading() const;
    void refresh_interest();
    void set_own_due(Nanoseconds delay);
    void refresh_deadline();
    std::size_t untaken() const { return queue_.size() - taken_; }
    bool live() const { return session_ != nullptr; }

    Loop& loop_;
    ConnectionOwner& owner_;
    const ConnectionLimits& limits_;
    const SessionFactory& factory_;
    Descriptor socket_;
    Endpoint peer_;
    std::unique_ptr<TlsStream> tls_;
    std::unique_ptr<session::ByteSession> session_;
    std::string queue_;  // what the socket has not taken yet, from taken_ on
    std::size_t taken_ = 0;
    Loop::WakePlace wake_place_;
    std::int64_t session_due_ns_ = never, own_due_ns_ = never;  // on the steady clock
    std::uint32_t interest_ = 0;
    State state_ = State::handshake;
    bool reading_ = true;   // as the session wants it
    bool closing_ = false;  // once the queue is empty
    bool peer_ended_ = false, ended_in_order_ = false;
    bool drained_ = false;  // the session is to be told
};

}  // namespace vigil::net

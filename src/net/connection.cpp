#include "net/connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace vigil::net {
namespace {

// Above this much untaken output nothing more is read: a peer that does not take its answers asks
// no more questions.
constexpr std::size_t read_while_untaken_max = session::ByteSession::send_bytes_max;
// A queue that grew for one slow moment is given back once it is empty.
constexpr std::size_t queue_kept_bytes_max = 4096;

}  // namespace

Connection::Connection(Loop& loop, ConnectionOwner& owner, const ConnectionLimits& limits,
                       const SessionFactory& factory, Descriptor socket, const Endpoint& peer,
                       std::unique_ptr<TlsStream> tls)
    : loop_(loop),
      owner_(owner),
      limits_(limits),
      factory_(factory),
      socket_(std::move(socket)),
      peer_(peer),
      tls_(std::move(tls)),
      wake_place_(loop.enter(*this)) {}

Connection::~Connection() {
    end_session();
    loop_.leave(wake_place_);
}

void Connection::accepted() {
    interest_ = EPOLLIN;
    loop_.watch(*this, socket_.get(), interest_);
    begin();
}

void Connection::connecting() {
    state_ = State::connecting;
    interest_ = EPOLLOUT;
    loop_.watch(*this, socket_.get(), interest_);
    set_own_due(limits_.handshake_time_max);
}

void Connection::begin() {
    state_ = State::handshake;
    if (!tls_) return open();
    set_own_due(limits_.handshake_time_max);
    auto& cipher = loop_.cipher_buffer();
    cipher.clear();
    if (const auto started = tls_->start(cipher); !started) return fail_with(started.error());
    transmit(cipher);
}

void Connection::fail_with(const Error& error) {
    owner_.on_failed(error);
    cut();
}

void Connection::open() {
    state_ = State::open;
    session_ =
        factory_({.address = peer_.to_string(),
                  .tls = tls_ != nullptr,
                  .certificate_pem = tls_ ? tls_->peer_certificate_pem() : std::string(),
                  .application_protocol = tls_ ? tls_->application_protocol() : std::string()});
    if (!session_) return cut();
    set_own_due(limits_.first_byte_time_max);
    auto& actions = loop_.actions();
    actions.clear();
    session_->on_open(loop_.now(), loop_.waker(wake_place_), actions);
    apply(actions);
}

void Connection::on_ready(std::uint32_t events) {
    if (state_ == State::released) return;
    if (state_ == State::connecting) {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0)
            return fail_with(
                {Error::Kind::busy, std::generic_category().message(error), peer_.to_string()});
        begin();
        if (state_ != State::released) refresh_interest();
        return;
    }
    if ((events & EPOLLOUT) != 0 && !flush()) return;
    if ((events & ~std::uint32_t{EPOLLOUT}) != 0) receive(events);
}

void Connection::receive(std::uint32_t events) {
    if (state_ == State::lingering) return discard();
    if (!wants_reading()) {
        if ((events & (EPOLLERR | EPOLLHUP)) != 0) return cut();
        return refresh_interest();
    }
    auto& buffer = loop_.receive_buffer();
    const auto count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (count < 0) {
        if (errno != EAGAIN && errno != EINTR) cut();
        return;
    }
    if (count == 0) return end_of_stream();
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    if (tls_)
        receive_tls(bytes);
    else
        deliver(bytes);
}

void Connection::receive_tls(std::string_view bytes) {
    auto& plain = loop_.plain_buffer();
    auto& cipher = loop_.cipher_buffer();
    plain.clear();
    cipher.clear();
    const auto received = tls_->receive(bytes, plain, cipher);
    if (!cipher.empty()) transmit(cipher);
    if (state_ == State::handshake && received && tls_->established()) open();
    if (live() && !plain.empty()) deliver(plain);
    if (state_ == State::released || state_ == State::lingering) return;
    if (!received) {
        owner_.on_failed(received.error());
        closing_ = true;
        return finish_if_flushed();
    }
    if (tls_->peer_closed()) end_of_stream();
}

void Connection::deliver(std::string_view bytes) {
    own_due_ns_ = never;
    auto& actions = loop_.actions();
    actions.clear();
    session_->on_bytes(loop_.now(), bytes, actions);
    apply(actions);
}

void Connection::on_turn_end(bool woken) {
    if (!live() || closing_) {
        if (state_ != State::released) flush();
        return;
    }
    auto& actions = loop_.actions();
    actions.clear();
    if (std::exchange(drained_, false)) session_->on_drained(loop_.now(), actions);
    if (woken) session_->on_wake(loop_.now(), actions);
    apply(actions);
    if (live()) flush();
}

void Connection::on_deadline() {
    const auto now_ns = loop_.steady_now_ns();
    if (now_ns >= own_due_ns_) return cut();
    if (now_ns >= session_due_ns_ && live() && !closing_) {
        session_due_ns_ = never;
        auto& actions = loop_.actions();
        actions.clear();
        session_->on_timer(loop_.now(), actions);
        apply(actions);
    }
    if (state_ != State::released) refresh_deadline();
}

void Connection::stop() {
    if (!live()) return cut();
    if (closing_) return;
    auto& actions = loop_.actions();
    actions.clear();
    session_->on_stop(loop_.now(), actions);
    apply(actions);
}

void Connection::apply(session::Actions& actions) {
    if (actions.wake_at) session_due_ns_ = loop_.steady_ns(*actions.wake_at);
    refresh_deadline();
    if (!actions.send.empty()) send(actions.send);
    if (!live()) return;  // the socket failed
    if (actions.reading && *actions.reading != reading_) {
        reading_ = *actions.reading;
        // Pausing waits for bytes that are not wanted: most pauses end before there are any.
        if (reading_) refresh_interest();
    }
    if (actions.close) {
        closing_ = true;
        finish_if_flushed();
    }
}

void Connection::send(std::string_view plain) {
    if (!tls_) return transmit(plain);
    auto& cipher = loop_.cipher_buffer();
    cipher.clear();
    if (!tls_->send(plain, cipher)) return cut();
    transmit(cipher);
}

void Connection::transmit(std::string_view bytes) {
    // More follows before the turn ends: one write for both.
    const bool hold = live() && loop_.is_woken(wake_place_);
    if (!hold && untaken() == 0 && !bytes.empty()) {
        const auto count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0 && errno != EAGAIN && errno != EINTR) return cut();
        if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
        if (bytes.empty()) {
            drained_ = true;
            return loop_.call_at_turn_end(wake_place_);
        }
    }
    if (untaken() + bytes.size() > limits_.send_queue_bytes_max) return cut();
    queue_.append(bytes);
    if (!hold) refresh_interest();
}

bool Connection::flush() {
    if (untaken() == 0) return true;
    const auto count = ::send(socket_.get(), queue_.data() + taken_, untaken(), MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN && errno != EINTR) {
        cut();
        return false;
    }
    if (count > 0) taken_ += static_cast<std::size_t>(count);
    if (untaken() == 0) {
        taken_ = 0;
        queue_.clear();
        if (queue_.capacity() > queue_kept_bytes_max) queue_.shrink_to_fit();
        drained_ = true;
        loop_.call_at_turn_end(wake_place_);
    } else if (taken_ > untaken()) {
        queue_.erase(0, std::exchange(taken_, 0));
    }
    refresh_interest();
    if (closing_) finish_if_flushed();
    return state_ != State::released;
}

void Connection::end_of_stream() {
    peer_ended_ = true;
    closing_ = true;
    finish_if_flushed();
}

// After the last byte was taken: say goodbye, and wait for the other end to do so. Closing at once
// would reset the connection if it has sent something unread, and the reset can overtake our last
// bytes (RFC 9112 9.6).
void Connection::finish_if_flushed() {
    if (state_ == State::released || state_ == State::lingering) return;
    if (untaken() > 0) {
        own_due_ns_ =
            std::min(own_due_ns_, loop_.steady_now_ns() + limits_.first_byte_time_max.count());
        refresh_deadline();
        return refresh_interest();
    }
    state_ = State::lingering;
    end_session();
    if (tls_) {
        auto& cipher = loop_.cipher_buffer();
        cipher.clear();
        tls_->close_notify(cipher);
        if (!cipher.empty())
            (void)::send(socket_.get(), cipher.data(), cipher.size(), MSG_NOSIGNAL);
        tls_.reset();
    }
    ::shutdown(socket_.get(), SHUT_WR);
    if (peer_ended_) return release();
    session_due_ns_ = never;
    set_own_due(limits_.linger_time_max);
    refresh_interest();
}

void Connection::discard() {
    auto& buffer = loop_.receive_buffer();
    const auto count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    ended_in_order_ = count == 0;
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) release();
}

void Connection::cut() {
    end_session();
    release();
}

void Connection::end_session() {
    if (!session_) return;
    const auto session = std::move(session_);
    session->on_closed(loop_.now());
}

void Connection::release() {
    if (state_ == State::released) return;
    state_ = State::released;
    loop_.clear(*this);
    socket_.reset();
    owner_.on_released(*this);
}

bool Connection::wants_reading() const {
    if (state_ == State::lingering) return true;
    return reading_ && !closing_ && untaken() <= read_while_untaken_max;
}

void Connection::refresh_interest() {
    if (state_ == State::released || state_ == State::connecting) return;
    const std::uint32_t wanted = (wants_reading() ? EPOLLIN : 0U) | (untaken() > 0 ? EPOLLOUT : 0U);
    if (wanted == interest_) return;
    interest_ = wanted;
    loop_.watch_again(*this, socket_.get(), wanted);
}

void Connection::set_own_due(Nanoseconds delay) {
    own_due_ns_ = loop_.steady_now_ns() + delay.count();
    refresh_deadline();
}

void Connection::refresh_deadline() {
    const auto due_ns = std::min(own_due_ns_, session_due_ns_);
    if (due_ns == never)
        loop_.clear(*this);
    else
        loop_.set(*this, due_ns);
}

}  // namespace vigil::net

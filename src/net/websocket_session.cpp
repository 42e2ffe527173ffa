#include "net/websocket_session.hpp"

#include <openssl/evp.h>

#include <array>
#include <utility>

#include "net/http_fields.hpp"

namespace vigil::net {
namespace {

constexpr std::size_t kept_bytes_max = 4096;

// A live stream of messages.
class MessageWebSocket final : public WebSocketSession {
public:
    MessageWebSocket(std::unique_ptr<session::MessageSession> inner, const WebSocketLimits& limits)
        : WebSocketSession(limits), inner_(std::move(inner)) {}

    void on_wake(Timestamp now, session::Actions& out) override {
        if (closed_) return;
        session::MessageActions actions;
        inner_->on_wake(now, actions);
        apply(actions, out);
    }
    void on_drained(Timestamp now, session::Actions& out) override {
        if (closed_) return;
        session::MessageActions actions;
        inner_->on_drained(now, actions);
        apply(actions, out);
    }
    void on_stop(Timestamp now, session::Actions& out) override {
        session::MessageActions actions;
        inner_->on_stop(now, actions);
        apply(actions, out);
    }
    void on_closed(Timestamp now) override { inner_->on_closed(now); }

private:
    void open(Timestamp now, session::Waker wake, session::Actions& out) override {
        session::MessageActions actions;
        inner_->on_open(now, std::move(wake), actions);
        apply(actions, out);
    }
    void take_data(Timestamp now, bool text, bool complete, session::Actions& out) override {
        if (data_.size() > limits().message_bytes_max) return close(close_code::too_big, out);
        if (!complete) return;
        if (text && !is_utf8(data_)) return close(close_code::invalid_payload, out);
        session::MessageActions actions;
        inner_->on_message(now, {.text = text, .payload = std::exchange(data_, {})}, actions);
        apply(actions, out);
    }
    void time(Timestamp now, session::Actions& out) override {
        session::MessageActions actions;
        inner_->on_timer(now, actions);
        apply(actions, out);
    }
    void apply(const session::MessageActions& actions, session::Actions& out) {
        for (const auto& frame : actions.send)
            write_frame(out.send, frame.text ? WebSocketOpcode::text : WebSocketOpcode::binary,
                        frame.payload);
        set_inner_due(actions.wake_at, out);
        if (actions.close) close(*actions.close, out);
    }
    std::unique_ptr<session::MessageSession> inner_;
};

// A byte stream in binary frames: frame bounds mean nothing (MQTT 5.0 6.0).
class ByteWebSocket final : public WebSocketSession {
public:
    ByteWebSocket(std::unique_ptr<session::ByteSession> inner, const WebSocketLimits& limits)
        : WebSocketSession(limits), inner_(std::move(inner)) {}

    void on_wake(Timestamp now, session::Actions& out) override {
        if (closed_) return;
        session::Actions actions;
        inner_->on_wake(now, actions);
        apply(actions, out);
    }
    void on_drained(Timestamp now, session::Actions& out) override {
        if (closed_) return;
        session::Actions actions;
        inner_->on_drained(now, actions);
        apply(actions, out);
    }
    void on_stop(Timestamp now, session::Actions& out) override {
        session::Actions actions;
        inner_->on_stop(now, actions);
        apply(actions, out, close_code::going_away);
    }
    void on_closed(Timestamp now) override { inner_->on_closed(now); }

private:
    void open(Timestamp now, session::Waker wake, session::Actions& out) override {
        session::Actions actions;
        inner_->on_open(now, std::move(wake), actions);
        apply(actions, out);
    }
    void take_data(Timestamp now, bool text, bool, session::Actions& out) override {
        if (text) return close(close_code::unsupported_data, out);
        session::Actions actions;
        inner_->on_bytes(now, data_, actions);
        data_.clear();
        if (data_.capacity() > kept_bytes_max) data_.shrink_to_fit();
        apply(actions, out);
    }
    void time(Timestamp now, session::Actions& out) override {
        session::Actions actions;
        inner_->on_timer(now, actions);
        apply(actions, out);
    }
    void apply(const session::Actions& actions, session::Actions& out,
               std::uint16_t code = close_code::normal) {
        if (!actions.send.empty()) write_frame(out.send, WebSocketOpcode::binary, actions.send);
        if (actions.reading) out.reading = actions.reading;
        set_inner_due(actions.wake_at, out);
        if (actions.close) close(code, out);
    }
    std::unique_ptr<session::ByteSession> inner_;
};

}  // namespace

UpgradeRequest upgrade_requested(const session::HttpRequest& request) {
    if (!lists_token(request.headers, "upgrade", "websocket") ||
        !lists_token(request.headers, "connection", "upgrade"))
        return UpgradeRequest::none;
    if (request.header("sec-websocket-version") != "13") return UpgradeRequest::wrong_version;
    constexpr std::size_t key_characters = 24;  // 16 bytes in base64
    if (request.method != "GET" || !request.body.empty() ||
        request.header("sec-websocket-key").value_or("").size() != key_characters)
        return UpgradeRequest::broken;
    return UpgradeRequest::websocket;
}

std::string websocket_accept(std::string_view key) {
    const auto text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    std::array<unsigned char, 32> encoded{};
    const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
    return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length)};
}

void WebSocketSession::on_open(Timestamp now, session::Waker wake, session::Actions& out) {
    heard_ = now;
    ping_due_ = now + limits_.ping_interval;
    set_timer(out);
    open(now, std::move(wake), out);
}

void WebSocketSession::on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) {
    heard_ = now;
    while (!closed_) {
        const auto event = reader_.next(bytes, data_);
        switch (event.kind) {
            case WebSocketReader::Kind::more:
                return;
            case WebSocketReader::Kind::data:
                take_data(now, event.text, event.message_complete, out);
                break;
            case WebSocketReader::Kind::ping:
                write_frame(out.send, WebSocketOpcode::pong, reader_.control());
                break;
            case WebSocketReader::Kind::pong:
                break;
            case WebSocketReader::Kind::close:
                close(reader_.peer_close_code().value_or(close_code::normal), out);
                break;
            case WebSocketReader::Kind::broken:
                close(reader_.broken_code(), out);
                break;
        }
    }
}

void WebSocketSession::close(std::uint16_t code, session::Actions& out) {
    if (std::exchange(closed_, true)) return;
    write_close(out.send, code);
    out.close = true;
}

void WebSocketSession::on_timer(Timestamp now, session::Actions& out) {
    if (closed_) return;
    if (inner_is_next_) {
        inner_due_.reset();
        time(now, out);
    } else {
        beat(now, out);
    }
    if (!closed_) set_timer(out);
}

// RFC 6455 5.5.2: a ping tells a silent peer from one that is gone.
void WebSocketSession::beat(Timestamp now, session::Actions& out) {
    const auto silent = now - heard_;
    if (silent >= 2 * limits_.ping_interval) return close(close_code::going_away, out);
    if (silent >= limits_.ping_interval) write_frame(out.send, WebSocketOpcode::ping, {});
    ping_due_ = now + limits_.ping_interval;
}

void WebSocketSession::set_inner_due(const std::optional<Timestamp>& due, session::Actions& out) {
    if (!due) return;
    inner_due_ = due;
    set_timer(out);
}

// Which of the two comes first is settled here, not by comparing clocks when it comes: the wall
// clock may have been set meanwhile.
void WebSocketSession::set_timer(session::Actions& out) {
    inner_is_next_ = inner_due_ && *inner_due_ <= ping_due_;
    out.wake_at = inner_is_next_ ? *inner_due_ : ping_due_;
}

std::unique_ptr<session::ByteSession> make_websocket_session(session::Upgrade upgrade,
                                                             const WebSocketLimits& limits) {
    if (upgrade.messages)
        return std::make_unique<MessageWebSocket>(std::move(upgrade.messages), limits);
    return std::make_unique<ByteWebSocket>(std::move(upgrade.bytes), limits);
}

}  // namespace vigil::net

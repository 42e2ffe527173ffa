#pragma once
// A WebSocket conversation as a byte session: frames, pings and the closing handshake around a
// message session (the live stream) or a byte session (MQTT).

#include <memory>
#include <optional>
#include <string>

#include "net/websocket_frames.hpp"
#include "session/http.hpp"
#include "session/session.hpp"

namespace vigil::net {

struct WebSocketLimits {
    std::size_t message_bytes_max = 1024 * 1024;           // of a message session
    Nanoseconds ping_interval = std::chrono::seconds(20);  // a peer silent for two of them is gone
};

// Is this request one for a WebSocket (RFC 6455 4.2.1)? The answer to a broken one is 400, or 426
// for another version than 13.
enum class UpgradeRequest : std::uint8_t { none, websocket, broken, wrong_version };
UpgradeRequest upgrade_requested(const session::HttpRequest& request);
// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
std::string websocket_accept(std::string_view key);

class WebSocketSession : public session::ByteSession {
public:
    explicit WebSocketSession(const WebSocketLimits& limits) : limits_(limits) {}
    void on_open(Timestamp now, session::Waker wake, session::Actions& out) final;
    void on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) final;
    void on_timer(Timestamp now, session::Actions& out) final;

protected:
    virtual void open(Timestamp now, session::Waker wake, session::Actions& out) = 0;
    // A piece of a message has been appended to data_.
    virtual void take_data(Timestamp now, bool text, bool message_complete,
                           session::Actions& out) = 0;
    virtual void time(Timestamp now, session::Actions& out) = 0;

    void close(std::uint16_t code, session::Actions& out);
    void set_inner_due(const std::optional<Timestamp>& due, session::Actions& out);
    const WebSocketLimits& limits() const { return limits_; }
    std::string data_;
    bool closed_ = false;  // we have said goodbye

private:
    void set_timer(session::Actions& out);
    void beat(Timestamp now, session::Actions& out);

    const WebSocketLimits& limits_;
    WebSocketReader reader_{WebSocketReader::Role::server};
    Timestamp heard_, ping_due_;
    std::optional<Timestamp> inner_due_;
    bool inner_is_next_ = false;
};

// As the upgrade chose; exactly one of its two sessions is there.
std::unique_ptr<session::ByteSession> make_websocket_session(session::Upgrade upgrade,
                                                             const WebSocketLimits& limits);

}  // namespace vigil::net

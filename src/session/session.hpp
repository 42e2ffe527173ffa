#pragma once
// The shape of a conversation, no I/O: a protocol session is fed events and answers with actions. A
// whole conversation is therefore a list of values in a test; net/ turns actions into system calls.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace vigil::session {

// What one call of a session asks of the network. Reused from call to call, so that a busy
// connection allocates nothing; two calls may share one (on_drained, then on_wake), so append.
struct Actions {
    std::string send;                  // bytes to write, in order
    bool close = false;                // after what is in `send` has been written
    std::optional<Timestamp> wake_at;  // call on_timer then; replaces the time set before
    std::optional<bool> reading;       // false: stop reading from the socket; true: go on
    void clear() {
        send.clear();
        close = false;
        wake_at.reset();
        reading.reset();
    }
};

// Who is at the other end, as the transport knows it before the first byte.
struct Peer {
    std::string address;  // "192.0.2.7:50312", for the audit line and quotas
    bool tls = false;
    std::string certificate_pem;  // the verified client certificate; empty: none
    std::string application_protocol = {};  // as ALPN chose it (RFC 7301); empty: none was offered
};

// Asks the network to call on_wake soon, on the loop's thread: how a commit, or another session's
// message, reaches this one. Cheap; calls between two turns of the loop count once. Safe to call
// after the connection is gone. From the loop's thread only.
using Waker = std::function<void()>;

// A byte-stream conversation (MQTT over TCP, TLS or WebSocket; MLLP).
class ByteSession {
public:
    virtual ~ByteSession() = default;
    virtual void on_open(Timestamp now, Waker wake, Actions& out) = 0;
    virtual void on_bytes(Timestamp now, std::string_view bytes, Actions& out) = 0;
    virtual void on_timer(Timestamp now, Actions& out) = 0;
    virtual void on_wake(Timestamp now, Actions& out) = 0;
    // The socket has taken everything that was given to `send`: more may follow. A session that has
    // much to send gives at most `send_bytes_max` at a time and waits for this.
    virtual void on_drained(Timestamp now, Actions& out) = 0;
    // The server is going down: say goodbye. More calls may come until the conversation is closed.
    virtual void on_stop([[maybe_unused]] Timestamp now, Actions& out) { out.close = true; }
    virtual void on_closed(Timestamp now) = 0;  // by either side; the last call

    static constexpr std::size_t send_bytes_max = 256 * 1024;
};

}  // namespace vigil::session

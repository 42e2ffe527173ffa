#pragma once
// HTTP and WebSocket as the rooms see them: values in, values out. net/ speaks the wire.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "session/session.hpp"

namespace vigil::session {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;  // names in lower case

struct HttpRequest {
    std::string method;  // "GET"
    std::string path;    // decoded, no dot segments: "/api/series"
    std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
    HttpHeaders headers;
    std::string body;  // bounded by the server's body_bytes_max before a handler sees it
    Peer peer;
    Timestamp received;

    // The first of that name, or nothing.
    std::optional<std::string_view> header(std::string_view lower_case_name) const {
        return first(headers, lower_case_name);
    }
    std::optional<std::string_view> parameter(std::string_view name) const {
        return first(query, name);
    }
    std::optional<std::string_view> cookie(std::string_view name) const;
    // What for, by the field Purpose-Of-Use: a code or a name of data/purposes.tsv. The name;
    // empty: it does not say. `malformed`: this server acts for nothing such.
    Result<std::string> purpose() const;

private:
    static std::optional<std::string_view> first(const HttpHeaders& pairs, std::string_view name) {
        for (const auto& [key, value] : pairs)
            if (key == name) return value;
        return std::nullopt;
    }
};

// What became of a streamed body's next part.
enum class NextPart : std::uint8_t {
    more,   // ask again
    end,    // what was appended is the last of it
    broken  // it cannot be finished: the client must not take what it has for the whole
};

struct HttpResponse {
    int status = 200;
    HttpHeaders headers = {};
    std::string body = {};
    // A streamed body instead of `body`: appends the next part. Called from the loop's thread as
    // the client takes what was sent; after `more` without a byte it is asked again a little later.
    std::function<NextPart(std::string& out)> next_part = {};
};

// To be called once, from any thread, at any time; the connection may be gone by then.
using HttpRespond = std::function<void(HttpResponse)>;

struct Frame {
    bool text = false;
    std::string payload;
};

struct MessageActions {
    std::vector<Frame> send;
    std::optional<std::uint16_t> close;  // the WebSocket close code, after `send`
    std::optional<Timestamp> wake_at;
};

// A WebSocket conversation of whole messages (the live stream).
class MessageSession {
public:
    virtual ~MessageSession() = default;
    virtual void on_open(Timestamp now, Waker wake, MessageActions& out) = 0;
    virtual void on_message(Timestamp now, Frame message, MessageActions& out) = 0;
    virtual void on_timer(Timestamp now, MessageActions& out) = 0;
    virtual void on_wake(Timestamp now, MessageActions& out) = 0;
    // Everything sent has been taken by the socket: the sign that a slow viewer has caught up.
    virtual void on_drained(Timestamp now, MessageActions& out) = 0;
    // The server is going down; 1001 is "going away" (RFC 6455 7.4.1).
    virtual void on_stop([[maybe_unused]] Timestamp now, MessageActions& out) { out.close = 1001; }
    virtual void on_closed(Timestamp now) = 0;
};

// What a handler makes of an upgrade request: refuse with a response, or go on as one of two.
struct Upgrade {
    std::unique_ptr<MessageSession> messages = {};  // the live stream
    std::unique_ptr<ByteSession> bytes = {};  // MQTT over WebSocket: binary frames carry the stream
    std::string subprotocol = {};             // chosen of those offered; empty: none
    std::optional<HttpResponse> refusal = {};
};

class HttpHandler {
public:
    virtual ~HttpHandler() = default;
    virtual void handle(HttpRequest request, HttpRespond respond) = 0;
    virtual Upgrade upgrade(const HttpRequest& request) = 0;
};

}  // namespace vigil::session

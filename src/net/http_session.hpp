#pragma once
// HTTP/1.1 (RFC 9110, 9112) as a byte session: one request at a time to its handler, answers in
// order, and the upgrade to WebSocket.

#include <memory>
#include <string>
#include <string_view>

#include "net/http_request_parser.hpp"
#include "net/loop.hpp"
#include "net/websocket_session.hpp"
#include "session/http.hpp"
#include "session/session.hpp"

namespace vigil::net {

struct HttpOptions {
    HttpLimits limits;
    Nanoseconds head_time_max = std::chrono::seconds(10);     // from a request's first byte
    Nanoseconds body_time_max = std::chrono::seconds(30);     // and a second more for each kilobyte
    Nanoseconds idle_time_max = std::chrono::seconds(75);     // between requests
    Nanoseconds answer_time_max = std::chrono::seconds(120);  // for the handler; then 503
    // Of all connections together, while requests arrive; then 503.
    std::size_t bodies_bytes_max = 256 * 1024 * 1024;
    Nanoseconds take_time_max = std::chrono::seconds(60);  // for the client to take a part
    WebSocketLimits websocket;
    session::HttpHeaders standing = {};  // of every answer that has none of that name
};

// What the connections of one server share.
struct HttpServer {
    HttpOptions options;
    session::HttpHandler& handler;
    Poster poster;
    std::size_t bodies_bytes = 0;  // of requests that have not arrived whole
};

class HttpSession final : public session::ByteSession {
public:
    HttpSession(std::shared_ptr<HttpServer> server, session::Peer peer);
    ~HttpSession() override;

    void on_open(Timestamp now, session::Waker wake, session::Actions& out) override;
    void on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) override;
    void on_timer(Timestamp now, session::Actions& out) override;
    void on_wake(Timestamp now, session::Actions& out) override;
    void on_drained(Timestamp now, session::Actions& out) override;
    void on_stop(Timestamp now, session::Actions& out) override;
    void on_closed(Timestamp now) override;

private:
    enum class Phase : std::uint8_t { reading, answering, streaming, closing };
    struct Target;  // where an answer goes, if the connection is still there
    class Answer;   // gives one answer, however its handler forgets it

    void advance(Timestamp now, session::Actions& out);
    void await_rest(Timestamp now, HttpRequestParser::State before, session::Actions& out);
    void account_body(std::size_t bytes);
    void begin_request(Timestamp now, session::Actions& out);
    void handle(session::HttpRequest request);
    void upgrade(Timestamp now, const session::HttpRequest& request, session::Actions& out);
    void answer(Timestamp now, session::HttpResponse response, session::Actions& out);
    void refuse(Timestamp now, int status, std::string_view reason, session::Actions& out);
    void stream(Timestamp now, session::Actions& out);
    void end_answer(Timestamp now, session::Actions& out);
    void wait_for_request(Timestamp now, session::Actions& out);

    std::shared_ptr<HttpServer> server_;
    const HttpOptions& options_;
    session::Peer peer_;
    session::Waker wake_;
    HttpRequestParser parser_;
    std::size_t body_bytes_ = 0;  // of it, in server_->bodies_bytes
    std::string input_;           // of later requests, while one is being answered
    std::shared_ptr<Target> target_;
    std::optional<session::HttpResponse> ready_;
    std::function<session::NextPart(std::string&)> next_part_;
    std::unique_ptr<session::ByteSession> upgraded_;
    Timestamp phase_due_;
    Phase phase_ = Phase::reading;
    bool keep_alive_ = true, head_only_ = false, chunked_ = false, in_handler_ = false;
    bool stopping_ = false, waiting_ = true, part_untaken_ = false;
};

}  // namespace vigil::net

#include "net/http_session.hpp"

#include <fmt/format.h>

#include <atomic>
#include <iterator>

#include "net/http_response_writer.hpp"

namespace vigil::net {
namespace {

constexpr std::size_t stream_part_bytes = 64 * 1024;
constexpr std::size_t large_body_bytes = std::size_t{1} << 20;
constexpr Nanoseconds ask_again_delay = std::chrono::milliseconds(10);

session::HttpResponse plain_text(int status, std::string_view text) {
    return {.status = status,
            .headers = {{"content-type", "text/plain; charset=utf-8"},
                        {"cache-control", "no-store"},
                        {"x-content-type-options", "nosniff"}},
            .body = fmt::format("{}\n", text)};
}

}  // namespace

struct HttpSession::Target {
    HttpSession* session = nullptr;  // set and read on the loop's thread only
};

class HttpSession::Answer {
public:
    Answer(Poster poster, std::shared_ptr<Target> target)
        : poster_(std::move(poster)), target_(std::move(target)) {}
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;
    ~Answer() { give(plain_text(500, "the server did not answer this request")); }

    void give(session::HttpResponse response) {
        if (given_.exchange(true)) return;
        if (poster_.on_loop_thread()) return deliver(*target_, std::move(response));
        poster_([target = target_, shared = std::make_shared<session::HttpResponse>(std::move(
                                       response))] { deliver(*target, std::move(*shared)); });
    }

private:
    static void deliver(const Target& target, session::HttpResponse response) {
        if (target.session == nullptr) return;
        target.session->ready_ = std::move(response);
        if (!target.session->in_handler_) target.session->wake_();
    }
    Poster poster_;
    std::shared_ptr<Target> target_;
    std::atomic<bool> given_ = false;
};

HttpSession::HttpSession(std::shared_ptr<HttpServer> server, session::Peer peer)
    : server_(std::move(server)),
      options_(server_->options),
      peer_(std::move(peer)),
      parser_(options_.limits) {}

HttpSession::~HttpSession() {
    if (target_) target_->session = nullptr;
    account_body(0);
}

void HttpSession::on_open(Timestamp now, session::Waker wake, session::Actions& out) {
    wake_ = std::move(wake);
    wait_for_request(now, out);
}

void HttpSession::on_bytes(Timestamp now, std::string_view bytes, session::Actions& out) {
    if (upgraded_) return upgraded_->on_bytes(now, bytes, out);
    if (phase_ == Phase::closing) return;
    input_.append(bytes);
    if (phase_ == Phase::reading) return advance(now, out);
    out.reading = false;
}

// Takes requests off the input until one waits for its answer or the input is used up.
void HttpSession::advance(Timestamp now, session::Actions& out) {
    std::string_view rest = input_;
    while (phase_ == Phase::reading && out.send.size() < send_bytes_max && !upgraded_) {
        const auto state_before = parser_.state();
        const auto state = parser_.feed(rest);
        if (state == HttpRequestParser::State::refused) {
            refuse(now, parser_.refusal_status(), parser_.refusal(), out);
            rest = {};
        } else if (state == HttpRequestParser::State::complete) {
            begin_request(now, out);
        } else {
            await_rest(now, state_before, out);
            break;
        }
    }
    input_.erase(0, input_.size() - rest.size());
    if (upgraded_ && !input_.empty()) {
        const auto early = std::exchange(input_, {});
        upgraded_->on_bytes(now, early, out);
    }
    if (input_.empty() && input_.capacity() > stream_part_bytes / 16) input_.shrink_to_fit();
}

// A request has arrived in part: how long the rest may take, and whether there is room for it.
void HttpSession::await_rest(Timestamp now, HttpRequestParser::State before,
                             session::Actions& out) {
    const bool was_waiting = std::exchange(waiting_, !parser_.begun());
    if (parser_.state() == HttpRequestParser::State::head) {
        if (was_waiting && !waiting_) out.wake_at = now + options_.head_time_max;
        return;
    }
    if (before == HttpRequestParser::State::head) {
        phase_due_ = now + options_.body_time_max;
        if (parser_.expects_continue()) out.send += "HTTP/1.1 100 Continue\r\n\r\n";
    }
    const auto received = parser_.request().body.size();
    account_body(received);
    if (server_->bodies_bytes > options_.bodies_bytes_max)
        return refuse(now, 503, "the server is receiving too much at once", out);
    out.wake_at = phase_due_ + std::chrono::seconds(received / 1024);
}

void HttpSession::account_body(std::size_t bytes) {
    server_->bodies_bytes = server_->bodies_bytes - body_bytes_ + bytes;
    body_bytes_ = bytes;
}

void HttpSession::begin_request(Timestamp now, session::Actions& out) {
    keep_alive_ = parser_.keep_alive() && !stopping_;
    chunked_ = !parser_.version_1_0();
    auto request = parser_.take();
    account_body(0);
    head_only_ = request.method == "HEAD";
    request.peer = peer_;
    request.received = now;
    phase_ = Phase::answering;
    out.wake_at = now + options_.answer_time_max;
    switch (upgrade_requested(request)) {
        case UpgradeRequest::websocket:
            return upgrade(now, request, out);
        case UpgradeRequest::broken:
            return answer(now, plain_text(400, "the WebSocket handshake is malformed"), out);
        case UpgradeRequest::wrong_version:
            return answer(now, {.status = 426, .headers = {{"sec-websocket-version", "13"}}}, out);
        case UpgradeRequest::none:
            break;
    }
    handle(std::move(request));
    if (auto ready = std::exchange(ready_, std::nullopt)) answer(now, std::move(*ready), out);
}

void HttpSession::handle(session::HttpRequest request) {
    target_ = std::make_shared<Target>(this);
    auto waiting = std::make_shared<Answer>(server_->poster, target_);
    in_handler_ = true;
    server_->handler.handle(std::move(request),
                            [waiting = std::move(waiting)](session::HttpResponse response) {
                                waiting->give(std::move(response));
                            });
    in_handler_ = false;
}

void HttpSession::upgrade(Timestamp now, const session::HttpRequest& request,
                          session::Actions& out) {
    auto chosen = server_->handler.upgrade(request);
    if (chosen.refusal) return answer(now, std::move(*chosen.refusal), out);
    if (!chosen.messages && !chosen.bytes)
        return answer(now, plain_text(404, "there is no WebSocket here"), out);
    out.send += "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n";
    fmt::format_to(std::back_inserter(out.send), "sec-websocket-accept: {}\r\n",
                   websocket_accept(request.header("sec-websocket-key").value_or("")));
    if (!chosen.subprotocol.empty())
        fmt::format_to(std::back_inserter(out.send), "sec-websocket-protocol: {}\r\n",
                       chosen.subprotocol);
    out.send += "\r\n";
    upgraded_ = make_websocket_session(std::move(chosen), options_.websocket);
    upgraded_->on_open(now, wake_, out);
}

void HttpSession::answer(Timestamp now, session::HttpResponse response, session::Actions& out) {
    if (target_) target_->session = nullptr;
    target_.reset();
    const bool bodiless = is_bodiless(response.status);
    const bool streamed = response.next_part && !bodiless;
    chunked_ = chunked_ && streamed;
    if (streamed && !chunked_) keep_alive_ = false;  // its end is the connection's (HTTP/1.0)
    HeadFraming framing{.chunked = chunked_, .keep_alive = keep_alive_};
    if (!bodiless && !streamed) framing.content_length = response.body.size();
    write_head(out.send, response, now, framing, options_.standing);
    if (streamed && !head_only_) {
        next_part_ = std::move(response.next_part);
        phase_ = Phase::streaming;
        return stream(now, out);
    }
    if (!head_only_ && !bodiless && response.body.size() > large_body_bytes) {
        // More than a connection keeps for a client: given as it is taken.
        next_part_ = [body = std::move(response.body),
                      at = std::size_t{0}](std::string& to) mutable {
            const auto part = std::string_view(body).substr(at, stream_part_bytes);
            to += part;
            at += part.size();
            return at < body.size() ? session::NextPart::more : session::NextPart::end;
        };
        phase_ = Phase::streaming;
        return stream(now, out);
    }
    if (!head_only_ && !bodiless) out.send += response.body;
    end_answer(now, out);
}

void HttpSession::stream(Timestamp now, session::Actions& out) {
    std::string part;
    using enum session::NextPart;
    auto next = more;
    for (bool grew = true; next == more && grew && part.size() < stream_part_bytes;) {
        const auto before = part.size();
        next = next_part_(part);
        grew = part.size() > before;
    }
    if (!part.empty() && chunked_)
        fmt::format_to(std::back_inserter(out.send), "{:x}\r\n{}\r\n", part.size(), part);
    else
        out.send += part;
    if (next == more) {
        // Asked again once this part is taken, or a little later if there was none.
        part_untaken_ = !part.empty();
        out.wake_at = now + (part_untaken_ ? options_.take_time_max : ask_again_delay);
        return;
    }
    next_part_ = nullptr;
    if (next == broken) {
        // Without the last chunk the body is incomplete (RFC 9112 8).
        phase_ = Phase::closing;
        out.close = true;
        return;
    }
    if (chunked_) out.send += "0\r\n\r\n";
    end_answer(now, out);
}

void HttpSession::end_answer(Timestamp now, session::Actions& out) {
    if (!keep_alive_ || stopping_) {
        phase_ = Phase::closing;
        out.close = true;
        return;
    }
    phase_ = Phase::reading;
    wait_for_request(now, out);
    out.reading = true;
}

void HttpSession::wait_for_request(Timestamp now, session::Actions& out) {
    waiting_ = true;
    out.wake_at = now + options_.idle_time_max;
}

void HttpSession::refuse(Timestamp now, int status, std::string_view reason,
                         session::Actions& out) {
    const auto response = plain_text(status, reason);
    write_head(out.send, response, now,
               {.content_length = response.body.size(), .keep_alive = false}, options_.standing);
    out.send += response.body;
    phase_ = Phase::closing;
    out.close = true;
}

void HttpSession::on_timer(Timestamp now, session::Actions& out) {
    if (upgraded_) return upgraded_->on_timer(now, out);
    switch (phase_) {
        case Phase::reading:
            if (!waiting_) return refuse(now, 408, "the request did not arrive in time", out);
            out.close = true;
            phase_ = Phase::closing;
            return;
        case Phase::answering:
            target_->session = nullptr;
            return refuse(now, 503, "the server is too busy to answer", out);
        case Phase::streaming:
            if (!part_untaken_) return stream(now, out);
            out.close = true;
            phase_ = Phase::closing;
            return;
        case Phase::closing:
            return;
    }
}

void HttpSession::on_wake(Timestamp now, session::Actions& out) {
    if (upgraded_) return upgraded_->on_wake(now, out);
    if (phase_ != Phase::answering) return;
    auto ready = std::exchange(ready_, std::nullopt);
    if (!ready) return;
    answer(now, std::move(*ready), out);
    if (phase_ == Phase::reading) advance(now, out);
}

void HttpSession::on_drained(Timestamp now, session::Actions& out) {
    if (upgraded_) return upgraded_->on_drained(now, out);
    if (phase_ == Phase::streaming) stream(now, out);
    if (phase_ == Phase::reading && !input_.empty()) advance(now, out);
}

void HttpSession::on_stop(Timestamp now, session::Actions& out) {
    if (upgraded_) return upgraded_->on_stop(now, out);
    stopping_ = true;
    if (phase_ == Phase::reading && !parser_.begun()) {
        out.close = true;
        phase_ = Phase::closing;
    }
}

void HttpSession::on_closed(Timestamp now) {
    if (upgraded_) upgraded_->on_closed(now);
    if (target_) target_->session = nullptr;
    next_part_ = nullptr;
}

}  // namespace vigil::net

#pragma once
// Cuts a byte stream into HTTP/1.1 requests (RFC 9112). Fed bytes, knows no socket; memory is
// bounded by its limits.

#include <cstdint>
#include <string>
#include <string_view>

#include "net/http_body.hpp"
#include "net/http_fields.hpp"
#include "session/http.hpp"

namespace vigil::net {

struct HttpLimits {
    std::size_t head_bytes_max = 16 * 1024;
    std::size_t fields_max = 100;
    std::size_t body_bytes_max = 8 * 1024 * 1024;
};

class HttpRequestParser {
public:
    explicit HttpRequestParser(const HttpLimits& limits) : limits_(limits) {}

    enum class State : std::uint8_t { head, body, complete, refused };
    // Takes what belongs to the current request from the front of `bytes`.
    State feed(std::string_view& bytes);
    State state() const { return state_; }
    bool begun() const { return state_ != State::head || !head_.empty(); }

    // From the end of the head on:
    const session::HttpRequest& request() const { return request_; }
    bool keep_alive() const { return keep_alive_; }
    bool version_1_0() const { return version_1_0_; }
    bool expects_continue() const { return expects_continue_; }

    // Once complete: hands the request out; the next one may begin.
    session::HttpRequest take();

    // Once refused: the status to answer with before closing, and why.
    int refusal_status() const { return refusal_status_; }
    std::string_view refusal() const { return refusal_; }

private:
    State refuse(int status, std::string_view reason);
    State parse_head();
    bool parse_request_line(std::string_view line);
    bool parse_target(std::string_view target);
    State parse_fields_of(std::string_view lines);

    const HttpLimits& limits_;
    State state_ = State::head;
    HttpHead head_;
    HttpBody body_;
    session::HttpRequest request_;
    bool keep_alive_ = true, version_1_0_ = false, expects_continue_ = false;
    int refusal_status_ = 0;
    std::string_view refusal_;
};

}  // namespace vigil::net

#pragma once
// Takes the answer to one HTTP/1.1 request off a stream (RFC 9112), however the stream is cut. Fed
// bytes, knows no socket; memory is bounded by its limits.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "net/http_body.hpp"
#include "net/http_fields.hpp"
#include "session/http.hpp"

namespace vigil::net {

struct HttpResponseLimits {
    std::size_t head_bytes_max = 64 * 1024;
    std::size_t fields_max = 200;
    std::size_t body_bytes_max = 256 * 1024 * 1024;
    std::size_t interim_max = 16;  // answers of status 1xx before the real one
};

class HttpResponseParser {
public:
    // `head_only`: the answer to HEAD, whose fields tell of a body that does not follow.
    HttpResponseParser(bool head_only, const HttpResponseLimits& limits)
        : head_only_(head_only), limits_(limits) {}

    enum class State : std::uint8_t { head, body, complete, malformed, too_large };
    // Takes what belongs to the answer from the front of `bytes`.
    State feed(std::string_view& bytes);
    // The stream has ended: complete if that is what ends the body (RFC 9112 6.3 rule 8).
    State end();

    // From State::body on: its status and fields.
    const session::HttpResponse& head() const { return response_; }
    // What has come of the body, which is not given again: one of any length is read so.
    std::string take_body() { return std::exchange(response_.body, {}); }
    // HTTP/1.0: the connection ends with the answer (RFC 9112 9.3; who says "keep-alive" closes
    // too).
    bool ends_connection() const { return version_1_0_; }
    // Once complete.
    session::HttpResponse take() { return std::exchange(response_, {}); }

private:
    State begin_body();

    bool head_only_, until_closed_ = false, version_1_0_ = false;
    HttpResponseLimits limits_;
    State state_ = State::head;
    std::size_t interim_ = 0;
    HttpHead head_;
    HttpBody body_;
    session::HttpResponse response_;
};

}  // namespace vigil::net

#include "net/http_response_parser.hpp"

#include <algorithm>

#include "net/http_response_writer.hpp"

namespace vigil::net {
namespace {

using State = HttpResponseParser::State;

// "HTTP/1.1 200 OK", the reason may be missing (RFC 9112 4); 0: it is none of version 1.
int status_of(std::string_view line) {
    constexpr std::string_view version = "HTTP/1.";
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (line.size() < 12 || !line.starts_with(version) || !is_digit(line[7]) || line[8] != ' ')
        return 0;
    const auto digits = line.substr(9, 3);
    if (!std::ranges::all_of(digits, is_digit) || (line.size() > 12 && line[12] != ' ')) return 0;
    const int status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
    return status < 100 ? 0 : status;
}

}  // namespace

State HttpResponseParser::feed(std::string_view& bytes) {
    while (state_ == State::head) {
        switch (head_.feed(bytes, limits_.head_bytes_max)) {
            case HttpHead::State::more:
                return state_;
            case HttpHead::State::bare_line_feed:
                return state_ = State::malformed;
            case HttpHead::State::too_large:
                return state_ = State::too_large;
            case HttpHead::State::complete:
                state_ = begin_body();
                head_.clear();
        }
    }
    if (state_ != State::body) return state_;
    switch (body_.feed(bytes, response_.body)) {
        case HttpBody::State::more:
            return state_;
        case HttpBody::State::complete:
            return state_ = State::complete;
        case HttpBody::State::malformed:
            return state_ = State::malformed;
        case HttpBody::State::too_large:
            return state_ = State::too_large;
    }
    return state_;
}

State HttpResponseParser::end() {
    if (state_ == State::body && until_closed_) state_ = State::complete;
    return state_;
}

State HttpResponseParser::begin_body() {
    const std::string_view text = head_.text();
    const auto line_end = text.find("\r\n");
    response_.status = status_of(text.substr(0, line_end));
    version_1_0_ = text.starts_with("HTTP/1.0 ");
    auto fields = parse_fields(text.substr(line_end + 2), limits_.fields_max);
    if (response_.status == 0 || !fields) return State::malformed;
    if (response_.status < 200)  // the real one follows, but not after 101, which nobody asked for
        return response_.status == 101 || ++interim_ > limits_.interim_max ? State::malformed
                                                                           : State::head;
    const auto framing = body_framing(*fields);
    if (framing.kind > BodyFraming::Kind::chunked) return State::malformed;
    response_.headers = std::move(*fields);
    if (head_only_ || is_bodiless(response_.status)) return State::complete;
    until_closed_ = framing.kind == BodyFraming::Kind::none;
    body_ = until_closed_ ? HttpBody::until_closed(limits_.body_bytes_max)
                          : HttpBody(framing, limits_.body_bytes_max);
    return State::body;
}

}  // namespace vigil::net

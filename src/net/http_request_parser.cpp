#include "net/http_request_parser.hpp"

#include <utility>

#include "net/uri.hpp"

namespace vigil::net {

using State = HttpRequestParser::State;

State HttpRequestParser::feed(std::string_view& bytes) {
    if (state_ == State::head) {
        switch (head_.feed(bytes, limits_.head_bytes_max)) {
            case HttpHead::State::more:
                return state_;
            case HttpHead::State::bare_line_feed:
                return refuse(400, "a line does not end with CR LF");
            case HttpHead::State::too_large:
                return refuse(431, "the request's head is longer than this server accepts");
            case HttpHead::State::complete:
                break;
        }
        state_ = parse_head();
        head_.clear();
    }
    if (state_ == State::body) {
        switch (body_.feed(bytes, request_.body)) {
            case HttpBody::State::more:
                break;
            case HttpBody::State::complete:
                state_ = State::complete;
                break;
            case HttpBody::State::malformed:
                return refuse(400, "the chunked body is malformed");
            case HttpBody::State::too_large:
                return refuse(413, "the body is larger than this server accepts");
        }
    }
    return state_;
}

session::HttpRequest HttpRequestParser::take() {
    state_ = State::head;
    return std::exchange(request_, {});
}

State HttpRequestParser::refuse(int status, std::string_view reason) {
    refusal_status_ = status;
    refusal_ = reason;
    keep_alive_ = false;
    return state_ = State::refused;
}

State HttpRequestParser::parse_head() {
    const std::string_view text = head_.text();
    const auto line_end = text.find("\r\n");
    if (!parse_request_line(text.substr(0, line_end)))
        return refusal_status_ != 0 ? state_ : refuse(400, "the request line is malformed");
    return parse_fields_of(text.substr(line_end + 2));
}

bool HttpRequestParser::parse_request_line(std::string_view line) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return false;
    const auto method = line.substr(0, first);
    const auto version = line.substr(last + 1);
    if (!is_token(method) || !version.starts_with("HTTP/")) return false;
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        refuse(505, "only HTTP/1.1 is spoken here");
        return false;
    }
    version_1_0_ = version == "HTTP/1.0";
    request_.method = method;
    return parse_target(line.substr(first + 1, last - first - 1));
}

bool HttpRequestParser::parse_target(std::string_view target) {
    for (const char c : target)
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F) return false;
    if (target == "*" && request_.method == "OPTIONS") {
        request_.path = "*";
        return true;
    }
    std::string origin_form;
    if (target.starts_with("http://") || target.starts_with("https://")) {
        auto url = parse_url(target);  // RFC 9112 3.2.2: absolute-form is accepted by every server
        if (!url) return false;
        target = origin_form = std::move(url->target);
    }
    const auto mark = target.find('?');
    auto path = normalise_path(target.substr(0, mark));
    if (!path) return false;
    request_.path = std::move(*path);
    if (mark == std::string_view::npos) return true;
    auto query = parse_query(target.substr(mark + 1));
    if (!query) return false;
    request_.query = std::move(*query);
    return true;
}

State HttpRequestParser::parse_fields_of(std::string_view lines) {
    auto fields = parse_fields(lines, limits_.fields_max);
    if (!fields) return refuse(400, "a header field is malformed, or there are too many");
    request_.headers = std::move(*fields);

    std::size_t hosts = 0;
    for (const auto& [name, value] : request_.headers) {
        if (name != "host") continue;
        ++hosts;
        if (!is_host(value)) return refuse(400, "the Host field is malformed");
    }
    if (hosts > 1 || (hosts == 0 && !version_1_0_))  // RFC 9112 3.2
        return refuse(400, "exactly one Host field is needed");

    const auto framing = body_framing(request_.headers);
    if (framing.kind == BodyFraming::Kind::malformed ||
        (version_1_0_ && framing.kind == BodyFraming::Kind::chunked))
        return refuse(400, "the length of the body is ambiguous");
    if (framing.kind == BodyFraming::Kind::unknown_coding)
        return refuse(501, "this transfer coding is not supported");
    if (framing.length > limits_.body_bytes_max)
        return refuse(413, "the body is larger than this server accepts");
    body_ = HttpBody(framing, limits_.body_bytes_max);

    keep_alive_ = version_1_0_ ? lists_token(request_.headers, "connection", "keep-alive")
                               : !lists_token(request_.headers, "connection", "close");
    expects_continue_ = !version_1_0_ && framing.kind != BodyFraming::Kind::none &&
                        lists_token(request_.headers, "expect", "100-continue");
    return State::body;
}

}  // namespace vigil::net

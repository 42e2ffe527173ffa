#include "net/http_body.hpp"

#include <algorithm>
#include <charconv>

namespace vigil::net {
namespace {

constexpr std::size_t chunk_line_bytes_max = 256;
constexpr std::size_t trailer_bytes_max = 8192;

}  // namespace

HttpBody::HttpBody(BodyFraming framing, std::size_t bytes_max)
    : left_(framing.length), bytes_max_(bytes_max) {
    if (framing.kind == BodyFraming::Kind::chunked)
        step_ = Step::chunk_size;
    else if (framing.length > 0)
        step_ = Step::data;
}

HttpBody HttpBody::until_closed(std::size_t bytes_max) {
    HttpBody body;
    body.bytes_max_ = bytes_max;
    body.step_ = Step::until_closed;
    return body;
}

HttpBody::State HttpBody::feed(std::string_view& bytes, std::string& out) {
    if (step_ == Step::until_closed) left_ = bytes.size();
    if (left_ > bytes_max_ - taken_) return State::too_large;
    while (step_ != Step::complete) {
        if (bytes.empty()) return State::more;
        if (const auto state = advance(bytes, out); state != State::more) return state;
    }
    return State::complete;
}

// Takes what is left of the body's data, or of one of its lines.
HttpBody::State HttpBody::advance(std::string_view& bytes, std::string& out) {
    if (step_ == Step::data || step_ == Step::chunk_data || step_ == Step::until_closed) {
        take_data(bytes, out);
        return State::more;
    }
    if (!take_line(bytes)) return line_broken_ ? State::malformed : State::more;
    if (step_ == Step::chunk_size) return size_line();
    if (step_ == Step::chunk_end) {
        if (!line_.empty()) return State::malformed;
        step_ = Step::chunk_size;
        return State::more;
    }
    // Trailer fields are taken off the stream and dropped (RFC 9112 7.1.2).
    trailer_bytes_ += line_.size();
    if (trailer_bytes_ > trailer_bytes_max) return State::too_large;
    if (line_.empty()) step_ = Step::complete;
    line_.clear();
    return State::more;
}

void HttpBody::take_data(std::string_view& bytes, std::string& out) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    out.append(bytes.substr(0, count));
    bytes.remove_prefix(count);
    taken_ += count;
    left_ -= count;
    if (left_ > 0 || step_ == Step::until_closed) return;
    step_ = step_ == Step::data ? Step::complete : Step::chunk_end;
    line_.clear();
}

// True once line_ holds a whole line, without its end.
bool HttpBody::take_line(std::string_view& bytes) {
    const auto line_feed = bytes.find('\n');
    const auto part = bytes.substr(0, std::min(line_feed, bytes.size() - 1) + 1);
    const auto bytes_max = step_ == Step::trailer ? trailer_bytes_max : chunk_line_bytes_max;
    if (line_.size() + part.size() > bytes_max) {
        line_broken_ = true;
        return false;
    }
    line_ += part;
    bytes.remove_prefix(part.size());
    if (line_feed == std::string_view::npos) return false;
    if (!line_.ends_with("\r\n")) {
        line_broken_ = true;
        return false;
    }
    line_.resize(line_.size() - 2);
    return true;
}

HttpBody::State HttpBody::size_line() {
    // Chunk extensions are recognised and ignored (RFC 9112 7.1.1).
    const auto digits = std::string_view(line_).substr(0, line_.find_first_of("; \t"));
    const auto [parsed, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
    if (error == std::errc::result_out_of_range) return State::too_large;
    if (error != std::errc() || parsed != digits.data() + digits.size()) return State::malformed;
    const auto after = std::string_view(line_).substr(digits.size());
    const auto extension = after.find_first_not_of(" \t");
    if (extension != std::string_view::npos && after[extension] != ';') return State::malformed;
    if (extension == std::string_view::npos && !after.empty()) return State::malformed;
    if (left_ > bytes_max_ - taken_) return State::too_large;
    step_ = left_ == 0 ? Step::trailer : Step::chunk_data;
    line_.clear();
    return State::more;
}

}  // namespace vigil::net

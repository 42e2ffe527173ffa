#pragma once
// The head of an HTTP/1.1 message: its lines, its fields and what they say about the body.
// Strict where leniency lets two readers of one stream disagree (RFC 9112 11.2, request smuggling).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "session/http.hpp"

namespace vigil::net {

// Collects bytes up to and including the empty line that ends a head.
class HttpHead {
public:
    enum class State : std::uint8_t { more, complete, bare_line_feed, too_large };
    // Takes what belongs to the head from the front of `bytes`.
    State feed(std::string_view& bytes, std::size_t bytes_max);
    const std::string& text() const { return text_; }
    bool empty() const { return text_.empty(); }
    void clear() { text_.clear(); }

private:
    std::string text_;
};

// The lines after the first; nothing if one is no field, or there are more than `fields_max`.
std::optional<session::HttpHeaders> parse_fields(std::string_view lines, std::size_t fields_max);

bool is_token(std::string_view text);  // RFC 9110 5.6.2
// The value of a Host field: uri-host [ ":" port ] (RFC 9110 7.2).
bool is_host(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);
// Is `token` one of the comma separated values of all fields of this name, in any case?
bool lists_token(const session::HttpHeaders& fields, std::string_view name, std::string_view token);

struct BodyFraming {
    enum class Kind : std::uint8_t { none, length, chunked, malformed, unknown_coding };
    Kind kind = Kind::none;
    std::uint64_t length = 0;
};
// RFC 9112 6.3, and stricter: a repeated Content-Length, or one beside Transfer-Encoding, is
// malformed.
BodyFraming body_framing(const session::HttpHeaders& fields);

}  // namespace vigil::net
